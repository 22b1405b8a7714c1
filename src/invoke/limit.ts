// The deadline of an attempt, and the wish of others that it ends. Comes in: the time it has and the signals to obey;
// goes out: a Limit that tells when, and why, to give up.
import { setMaxListeners } from 'node:events';

const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface Limit {
  /** Why the attempt must end; undefined while it may go on. */
  readonly ended: 'timeout' | 'stopped' | undefined;
  /** Aborted when it must end; made when it is first asked for, since most requests do without. */
  readonly signal: AbortSignal;
  /** From now on it has this much time; nothing is left of what it had before. */
  restart(timeoutUs: number): void;
  /** What to do when it must end, at once if it must already; replaces what was said before. */
  onEnd(action: () => void): void;
  /** The attempt is over: nothing will be done any more. */
  clear(): void;
}

/** Runs from now. */
export function startLimit(timeoutUs: number, signals: readonly (AbortSignal | undefined)[]): Limit {
  const obeyed = signals.filter((signal) => signal !== undefined);
  let ended: Limit['ended'];
  let controller: AbortController | undefined;
  let action = nothing;

  function endAs(why: 'timeout' | 'stopped'): void {
    if (ended !== undefined) return;
    ended = why;
    controller?.abort();
    action();
  }

  /** Timers fire up to a millisecond early, and a long one not at all: it is over when the clock says so. */
  function check(): void {
    const leftMs = dueMs - performance.now();
    if (leftMs > 0) timer = setTimeout(check, Math.min(Math.ceil(leftMs), LONGEST_TIMER_MS));
    else endAs('timeout');
  }

  const onStop = (): void => endAs('stopped');
  let dueMs = performance.now() + timeoutUs / 1000;
  let timer = setTimeout(check, Math.min(Math.ceil(timeoutUs / 1000), LONGEST_TIMER_MS));
  // As many listeners as requests under way are meant; Node.js would warn of a leak at the eleventh.
  setMaxListeners(0, ...obeyed);
  for (const signal of obeyed) {
    if (signal.aborted) onStop();
    else signal.addEventListener('abort', onStop);
  }

  return {
    get ended() {
      return ended;
    },
    get signal() {
      controller ??= new AbortController();
      if (ended !== undefined) controller.abort();
      return controller.signal;
    },
    restart(us) {
      clearTimeout(timer);
      dueMs = performance.now() + us / 1000;
      if (ended === undefined) check();
    },
    onEnd(next) {
      action = next;
      if (ended !== undefined) action();
    },
    clear() {
      clearTimeout(timer);
      action = nothing;
      for (const signal of obeyed) signal.removeEventListener('abort', onStop);
    },
  };
}

/** The promise's outcome, or a rejection as soon as the limit ends it. */
export function unlessEnded<T>(limit: Limit, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    promise.then(resolve, reject);
    limit.onEnd(() => reject(new Error('given up')));
  });
}

/** The promise's outcome, or a rejection after the time; the promise itself goes on. */
export async function within<T>(limitMs: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`it took longer than ${limitMs / 1000} s`)), limitMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function nothing(): void {}
