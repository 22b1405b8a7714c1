// The stages of one attempt as they pass. Comes in: the moment a stage begins; goes out: StageTimes in integer µs that
// add up to the client time exactly, because every moment is rounded once and the stages are the differences.
import type { StageTimes } from './exchange.js';

/** `queue` is the client's own delay: waiting for its turn, signing, checking a kept connection before it is used. */
export type Stage = 'queue' | 'create' | 'start' | 'ready' | 'connect' | 'firstByte' | 'download';

export interface Timeline {
  /** The release, in integer µs on the clock's own scale. */
  readonly releasedUs: number;
  /** The stage under way. */
  readonly stage: Stage;
  /** The stage under way ends now and this one begins. After `finish` it does nothing. */
  enter(stage: Stage): void;
  /** What was under way since the last moment turns out to have been this stage. */
  relabel(stage: Stage): void;
  /** The attempt ends now: what is left belongs to the stage under way. Later calls give the first answer. */
  finish(): StageTimes;
}

/** Begins with `queue` at this moment. `nowMs` is a monotonic clock in milliseconds. */
export function startTimeline(nowMs: () => number = monotonicMs): Timeline {
  const releasedUs = toUs(nowMs());
  const spentUs: Partial<Record<Stage, number>> = { queue: 0 };
  let stage: Stage = 'queue';
  let sinceUs = releasedUs;
  let times: StageTimes | undefined;

  function close(): void {
    const momentUs = toUs(nowMs());
    spentUs[stage] = (spentUs[stage] ?? 0) + momentUs - sinceUs;
    sinceUs = momentUs;
  }

  return {
    releasedUs,
    get stage() {
      return stage;
    },
    enter(next) {
      if (times !== undefined) return;
      close();
      stage = next;
    },
    relabel(actual) {
      stage = actual;
    },
    finish() {
      if (times === undefined) {
        close();
        times = stageTimes(sinceUs - releasedUs, spentUs);
      }
      return times;
    },
  };
}

function stageTimes(clientUs: number, spentUs: Partial<Record<Stage, number>>): StageTimes {
  const { queue = 0, create, start, ready, connect, firstByte, download } = spentUs;
  return {
    clientUs,
    queueUs: queue,
    ...(create === undefined ? {} : { createUs: create }),
    ...(start === undefined ? {} : { startUs: start }),
    ...(ready === undefined ? {} : { readyUs: ready }),
    ...(connect === undefined ? {} : { connectUs: connect }),
    ...(firstByte === undefined ? {} : { firstByteUs: firstByte }),
    ...(download === undefined ? {} : { downloadUs: download }),
  };
}

function monotonicMs(): number {
  return performance.now();
}

function toUs(ms: number): number {
  return Math.round(ms * 1000);
}
