// Stage 3, looks: whether a cell that is measured until it is precise may stop (methodology D17). Only after a round, with
// the estimator of the report, and each look is a line of the journal, which a resumed run takes over instead of looking
// again. Comes in: the counted rows of a cell; goes out: a decision. Pure.
import type { Invocation } from '../generated/invocation.js';
import type { DecisionLine } from '../generated/journal.js';
import type { Cell, Precision } from '../generated/plan.js';
import type { Estimate } from '../generated/summary.js';
import { randomFor } from '../random.js';
import { samplesOf } from '../results/cell-samples.js';
import { type LatencyMetric, latencyColumns } from '../results/latency-value.js';
import { estimateQuantile } from '../results/statistics/metric.js';
import { formatShare } from '../units.js';

export type Look = Pick<DecisionLine, 'metric' | 'quantile' | 'n' | 'value' | 'half_width' | 'decision' | 'why'>;

export interface LookAt {
  cell: Cell;
  until: Precision;
  rows: readonly Invocation[];
  /** Whether there is no further round. */
  last: boolean;
  seed: number;
  resamples: number;
}

export function lookAt({ cell, until, rows, last, seed, resamples }: LookAt): Look {
  const { quantile, ci: level } = until;
  const metric = until.metric as LatencyMetric;
  const sample = samplesOf(latencyColumns(rows, metric, cell), [metric], cell.start).get(metric);
  const random = randomFor(seed, 'bootstrap', 'metrics', cell.id);
  const estimate: Estimate =
    sample === undefined
      ? { value: null, n: 0, ci: null, no_ci: 'n = 0' }
      : estimateQuantile(sample, quantile, { level, resamples, random });
  const half = halfWidth(estimate);
  const precise = half !== null && half <= until.half_width;
  return {
    metric,
    quantile,
    n: estimate.n,
    value: estimate.value,
    half_width: half,
    decision: precise || last ? 'stop' : 'continue',
    why: why(estimate, half, until, precise, last),
  };
}

/** As a share of the value; null where there is no interval, or where it has no end. */
function halfWidth({ value, ci }: Estimate): number | null {
  if (value === null || value === 0 || ci === null || ci.low === null || ci.high === null) return null;
  return (ci.high - ci.low) / 2 / value;
}

function why(estimate: Estimate, half: number | null, until: Precision, precise: boolean, last: boolean): string {
  const wanted = formatShare(until.half_width);
  if (half !== null && precise) return `half width ${formatShare(half)}, at most ${wanted} asked`;
  const now =
    half === null
      ? `no interval with two ends (${estimate.no_ci ?? 'an end is open'})`
      : `half width ${formatShare(half)}`;
  return `${now}, ${wanted} asked${last ? '; no repetitions are left' : ''}`;
}
