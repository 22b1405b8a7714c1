// Stage 3's words for its phases: what a run is executed with, and what one part of it comes to while it goes.
import type { RunClock } from '../clock.js';
import type { Lock } from '../host/lock.js';
import type { Invoker } from '../invoke/exchange.js';
import type { CellEnd, History } from './history.js';
import type { RunObserver } from './observer.js';
import type { ReadyCell } from './scheduler.js';
import type { RunState } from './state.js';
import type { ProgressStyle } from './terminal.js';

export interface Execution {
  state: RunState;
  history: History;
  observer: RunObserver;
  /** As typed, for the manifest. */
  argv: readonly string[];
  invoker: Invoker;
  /** What all durations of the run are read from. */
  clock: RunClock;
  style: ProgressStyle;
  stderr: NodeJS.WritableStream;
  /** Waits until the machine is ours; undefined when measuring beside others was asked for. */
  lock: ((onWait: (holder: string) => void) => Promise<Lock>) | undefined;
}

/** What a part comes to while it goes. */
export interface Part {
  startUs: number;
  cells: Map<string, CellEnd>;
  ready: Map<string, ReadyCell>;
  left: string[];
  /** What was spent at most, where prices are known. */
  spentUsd?: number;
  lock?: Lock | undefined;
}
