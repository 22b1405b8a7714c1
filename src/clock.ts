// The clock of a run: what every duration and instant of a measurement is read from. Comes in: nothing, or the time that
// a model of a platform says has passed; goes out: moments. With real platforms it is the monotonic clock of this host.
// Where all platforms are models it stands still but for what they play, so that a day of measuring takes seconds and the
// same suite gives the same moments; where some are, it is the real clock plus what was played.
import { setTimeout as delay } from 'node:timers/promises';

export interface Clock {
  /** Whether real time passes on it. */
  readonly real: boolean;
  /** Monotonic, in ms with fractions. */
  nowMs(): number;
  /** The same in integer µs. */
  nowUs(): number;
  /** The instant as UTC ISO-8601: for reading, never for durations. */
  at(): string;
  /** The instant of another moment of this clock. */
  instantOf(us: number): string;
  /** Resolves when so much time has passed, or as soon as the signal is aborted. */
  wait(us: number, signal?: AbortSignal): Promise<void>;
  /** A model says that this much time passes now. */
  advance(us: number): void;
}

export interface RunClock extends Clock {
  /** From now on only played time passes, beginning so far into the run. */
  playOnly(fromUs: number): void;
}

/** What a clock on which no real time passes shows at its start: nobody takes it for the day of a measurement. */
export const PLAYED_EPOCH = '2000-01-01T00:00:00.000Z';
const PLAYED_EPOCH_MS = Date.parse(PLAYED_EPOCH);
/** The longest that a timer can be set to. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export function createClock(): RunClock {
  let real = true;
  let playedUs = 0;

  function nowMs(): number {
    return real ? performance.now() + playedUs / 1000 : playedUs / 1000;
  }

  function wallMs(): number {
    return (real ? Date.now() : PLAYED_EPOCH_MS) + playedUs / 1000;
  }

  return {
    get real() {
      return real;
    },
    nowMs,
    nowUs: () => (real ? Math.round(performance.now() * 1000) + playedUs : playedUs),
    at: () => new Date(wallMs()).toISOString(),
    instantOf: (us) => new Date(wallMs() + us / 1000 - nowMs()).toISOString(),
    async wait(us, signal) {
      if (real) await realWait(us / 1000, signal);
      else if (signal?.aborted !== true) playedUs += Math.round(us);
    },
    advance(us) {
      playedUs += Math.round(us);
    },
    playOnly(fromUs) {
      real = false;
      playedUs = Math.round(fromUs);
    },
  };
}

async function realWait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  const endMs = performance.now() + ms;
  const ended = new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
  for (let leftMs = ms; leftMs > 0 && !isAborted(signal); leftMs = endMs - performance.now()) {
    const timer = new AbortController();
    const elapsed = delay(Math.min(leftMs, LONGEST_TIMER_MS), undefined, { signal: timer.signal });
    await Promise.race([elapsed.catch(() => undefined), ended]);
    timer.abort();
  }
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}
