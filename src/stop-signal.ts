// Ctrl-C and SIGTERM as values. The first signal asks the work to end in order: no new block, running invocations
// finish, everything is removed, a partial report is written. The second one ends it now. Comes in: the process's
// signals; goes out: two AbortSignals that the stages listen to.

export type SignalName = 'SIGINT' | 'SIGTERM';

export interface StopSignal {
  /** Aborted by the first signal: finish what runs, begin nothing. */
  drain: AbortSignal;
  /** Aborted by the second signal. Its listeners run to their end before the process exits, so they must not wait. */
  aborted: AbortSignal;
  /** The signal that came first; undefined while none has come. */
  name(): SignalName | undefined;
}

export interface SignalSource {
  on(event: SignalName, listener: () => void): unknown;
}

/**
 * Listens from now on. `onFirst` and `onSecond` are called when the signals come; `onSecond` after the listeners of
 * `aborted` have run: it ends the process.
 */
export function listenForSignals(
  source: SignalSource,
  onFirst: (name: SignalName) => void,
  onSecond: (name: SignalName) => void,
): StopSignal {
  const drain = new AbortController();
  const abort = new AbortController();
  let first: SignalName | undefined;
  function receive(name: SignalName): void {
    if (first === undefined) {
      first = name;
      onFirst(name);
      drain.abort(new Error(`stopped by ${name}`));
      return;
    }
    abort.abort(new Error(`stopped at once by ${name}`));
    onSecond(first);
  }
  source.on('SIGINT', () => receive('SIGINT'));
  source.on('SIGTERM', () => receive('SIGTERM'));
  return { drain: drain.signal, aborted: abort.signal, name: () => first };
}

/** For commands that are over in a moment: nothing listens, and a signal ends the process as usual. */
export function noSignals(): StopSignal {
  const never = new AbortController().signal;
  return { drain: never, aborted: never, name: () => undefined };
}
