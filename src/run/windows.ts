// Stage 3, windows of time: the blocks of a suite with `order.windows` are spread over them (methodology D19). Between two
// windows the run waits, without holding the machine; a resumed run waits only for what is left. Comes in: the round
// that is about to begin; goes out: journal lines.
import type { Clock } from '../clock.js';
import type { JournalLine, WindowLine } from '../generated/journal.js';
import type { PlannedOrder } from '../generated/plan.js';
import { windowOfRound } from '../plan/rounds.js';
import { US_PER_S } from '../units.js';
import type { AppendLog } from './append-log.js';

export interface WindowServices {
  order: PlannedOrder;
  part: number;
  clock: Clock;
  journal: AppendLog<JournalLine>;
  /** What an earlier part wrote last. */
  last: WindowLine | undefined;
  /** Waits so long without holding the machine, or until the run is stopped. */
  idle(us: number): Promise<void>;
  stopped(): boolean;
  /** Whether waiting so long, in µs, is more than the run may take: then it is not begun. */
  tooLong(us: number): boolean;
}

export interface Windows {
  /** Resolves when the round's window is open; false when the wait was not begun, or was broken off. */
  enter(round: number): Promise<boolean>;
}

const US_PER_MS = 1000;

export function createWindows(services: WindowServices): Windows {
  const { order, part, clock, journal, last } = services;
  let current = last === undefined ? 0 : last.state === 'begun' ? last.window : last.window - 1;
  const write = (line: Pick<WindowLine, 'window' | 'state' | 'until'>): void => {
    journal.append({ type: 'window', part, at: clock.at(), ...line });
    journal.sync();
  };

  async function waitFor(window: number, gapS: number): Promise<boolean> {
    const nowMs = Date.parse(clock.at());
    const begun = last?.state === 'waiting' && last.window === window ? last.until : undefined;
    const untilMs = begun === undefined ? nowMs + (gapS * US_PER_S) / US_PER_MS : Date.parse(begun);
    const leftUs = Math.max(0, untilMs - nowMs) * US_PER_MS;
    if (services.tooLong(leftUs)) return false;
    if (begun === undefined) write({ window, state: 'waiting', until: new Date(untilMs).toISOString() });
    if (leftUs > 0) await services.idle(leftUs);
    return !services.stopped();
  }

  return {
    async enter(round) {
      const window = windowOfRound(order, round);
      if (order.windows === undefined || window <= current) return true;
      if (!(await waitFor(window, order.windows.gap_s))) return false;
      current = window;
      write({ window, state: 'begun' });
      return true;
    },
  };
}
