// Words of experiments/: what an experiment is to each stage. Every experiment is a folder with a file per stage
// (expand for plan/, measure for run/, analyse for results/, charts for report/); each stage imports its own file alone.
import type { Cell } from '../generated/plan.js';
import type { ResolvedExperiment } from '../spec/resolved.js';

/** plan/: the settings an experiment adds to every combination of the common axes. Pure. */
export interface Expansion {
  /** One per start (and further axis) of the experiment. */
  variants(experiment: ResolvedExperiment): { start: Cell['start']; settings: Record<string, unknown> }[];
}

/** What came of one batch. A batch is never split: its attempts count together or not at all. */
export interface BatchReport {
  /** Whether it counts: every attempt met the asked start, whatever its outcome. False for a warm-up. */
  counts: boolean;
  /** Attempts that met the asked start. */
  met: number;
  /** Attempts that were answered, whatever the role. */
  answered: number;
  /** Why the last of those that failed did. */
  lastError?: string;
}

/** run/: what an experiment may do within one block of one cell. Everything is journalled before it happens. */
export interface BlockContext {
  readonly cell: Cell;
  /** Repetitions of this block that are not counted yet, in order; fewer than planned after a resume. */
  readonly repetitions: readonly number[];
  /** True once nothing new may be sent: a signal, a limit, or the cell has ended. */
  stopped(): boolean;
  forceColdStart(): Promise<void>;
  /** Sends one batch of the cell's concurrency; its attempts prepare sandboxes and never count. */
  warmUp(): Promise<BatchReport>;
  /** Sends the batch of one repetition; when one of its attempts missed the asked start, all are discarded. */
  repeat(repetition: number): Promise<BatchReport>;
  /** Ends the cell as incomplete. */
  giveUp(reason: string): void;
}

export type MeasureBlock = (block: BlockContext) => Promise<void>;
