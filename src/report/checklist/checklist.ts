// Stage 5, report: the checklist of methods (D1 to D42) and of principles (D40) of one run, ready to be placed. Pure.
import { answers, type Check, type CheckedRun } from './check.js';
import { DESIGN } from './design.js';
import { PRINCIPLES } from './principles.js';
import { STATISTICS } from './statistics.js';

export interface Checklist {
  rules: Check[];
  principles: Check[];
  /** "24 met, 9 in part, 2 not met, 7 do not apply" */
  summary: string;
}

export function checklist(run: CheckedRun): Checklist {
  const rules = answers([...STATISTICS, ...DESIGN], run);
  const count = (state: Check['state']) => rules.filter((one) => one.state === state).length;
  return {
    rules,
    principles: answers(PRINCIPLES, run),
    summary: `${count('met')} met, ${count('in part')} in part, ${count('not met')} not met, ${count('does not apply')} do not apply to this run`,
  };
}
