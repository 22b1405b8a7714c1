// Stage 3, for whoever looks on while a run goes: programs that read events, `sebs invoke` that shows outputs. Told of
// everything after it was written down, so that what was seen is also in the run folder. Decides nothing.
import type { Invocation } from '../generated/invocation.js';
import type { JournalLine } from '../generated/journal.js';
import type { Plan } from '../generated/plan.js';
import type { RunFolder } from '../results/run-folder.js';
import type { AppendLog } from './append-log.js';
import type { History } from './history.js';

export interface RunObserver {
  /** The run folder is there, nothing is measured yet. `history`: what earlier parts did. */
  planned?(folder: RunFolder, plan: Plan, history: History): void;
  journalled?(lines: readonly JournalLine[]): void;
  recorded?(rows: readonly Invocation[]): void;
  /** What a function answered; records keep its hash alone. */
  answered?(attemptId: string, output: unknown): void;
}

/** The same log, with somebody looking on. */
export function observed<T>(log: AppendLog<T>, tell: ((lines: readonly T[]) => void) | undefined): AppendLog<T> {
  if (tell === undefined) return log;
  return {
    ...log,
    append(...lines) {
      log.append(...lines);
      if (lines.length > 0) tell(lines);
    },
  };
}
