// Stage 5, report: the checklist of methods. What a check is given, and what it answers: whether this run keeps to a
// rule, with evidence of its own. Unknown is not "met".
import type { Manifest } from '../../generated/manifest.js';
import type { Plan } from '../../generated/plan.js';
import type { CellSummary, Summary } from '../../generated/summary.js';
import type { RunTimeline } from '../../results/run-timeline.js';

export interface CheckedRun {
  manifest: Manifest;
  plan: Plan;
  summary: Summary;
  timeline: RunTimeline;
}

export type CheckState = 'met' | 'in part' | 'not met' | 'does not apply';

export interface Check {
  rule: string;
  about: string;
  state: CheckState;
  /** What the run shows, in a sentence. */
  evidence: string;
}

export type Answer = readonly [state: CheckState, evidence: string];

/** A rule, what it asks for in a few words, and how this run answers. */
export type Question = readonly [rule: string, about: string, answer: (run: CheckedRun) => Answer];

export function answers(questions: readonly Question[], run: CheckedRun): Check[] {
  return questions.map(([rule, about, answer]) => {
    const [state, evidence] = answer(run);
    return { rule, about, state, evidence };
  });
}

export function measuredCells({ summary }: CheckedRun): CellSummary[] {
  return summary.cells.filter((cell) => (cell.metrics.client_us?.n ?? 0) > 0);
}

/** The estimates of client time that stand in the tables. */
export function latencyEstimates(run: CheckedRun): CellSummary['failure_rate'][] {
  return measuredCells(run).flatMap(({ metrics }) => {
    const latency = metrics.client_us;
    return latency === undefined ? [] : [latency.p50, latency.p90, latency.p95, latency.p99];
  });
}

export function sumOver(run: CheckedRun, of: (cell: CellSummary) => number): number {
  return run.summary.cells.reduce((sum, cell) => sum + of(cell), 0);
}
