// One metric of one cell, estimated. Comes in: the cell's samples in the order they were measured; goes out: for each
// metric its summary, every estimate with its interval and the name of the method, or the reason why there is none.
// Pure; the rules are methodology D13–D16, D25 and D26, and docs/methodology.md says how well they cover.
import type { Estimate, MetricSummary } from '../../generated/summary.js';
import type { Ends } from './bootstrap.js';
import { effectiveSize, unitMedians } from './clusters.js';
import { type EstimateOptions, fewBlocks, withInterval } from './interval.js';
import { estimateMean, type ResampleJob, runJobs } from './mean-estimate.js';
import { standardDeviation, variation } from './moments.js';
import {
  effectiveRanks,
  interpolate,
  quantile,
  quantilePosition,
  quantileRanks,
  smallestN,
  theLower,
  theUpper,
} from './quantile.js';
import { type Sample, type Sorted, sortSample, withUnits } from './sample.js';

/** Fewest blocks for an interval of a tail: fewer cannot tell how much the rows of a block resemble each other. */
export const MIN_BLOCKS_TAIL = 10;
/** Fewer rows than this make a block whose median is often the mean of two. */
const SMALL_BLOCK = 5;
/** All metrics of a cell; the random draws are shared between the metrics that have the same units. */
export function estimateMetrics(
  samples: ReadonlyMap<string, Sample>,
  options: EstimateOptions,
): Record<string, MetricSummary> {
  const jobs: ResampleJob[] = [];
  const summaries: Record<string, MetricSummary> = {};
  for (const [name, sample] of samples) summaries[name] = estimateMetric(sortSample(sample), options, jobs);
  runJobs(jobs, options);
  return summaries;
}

/** One quantile alone: the estimate that `estimateMetrics` gives for it, for looks at the precision of a running cell. */
export function estimateQuantile(sample: Sample, p: number, { level }: EstimateOptions): Estimate {
  const sorted = sortSample(sample);
  return p === 0.5 ? estimateMedian(sorted, level) : estimateTail(sorted, p, level);
}

function estimateMetric(sorted: Sorted, options: EstimateOptions, jobs: ResampleJob[]): MetricSummary {
  const { sample } = sorted;
  const { values } = sorted.atLeast;
  const censored = sample.censored.reduce((count, flag) => count + flag, 0);
  const tail = (p: number) => estimateTail(sorted, p, options.level);
  const p50 = estimateMedian(sorted, options.level);
  const p99 = tail(0.99);
  const mean = estimateMean(sorted, censored, options);
  if (mean.job !== null) jobs.push(mean.job);
  // A spread around the arithmetic mean says nothing about a rate.
  const exact = censored === 0 && (sample.mean ?? 'arithmetic') === 'arithmetic';
  return {
    n: values.length,
    ...(censored === 0 ? {} : { censored }),
    min: values[0] ?? null,
    max: values.at(-1) ?? null,
    mean: mean.estimate,
    sd: exact ? standardDeviation(sample.values) : null,
    cv: exact ? variation(sample.values) : null,
    p50,
    p90: tail(0.9),
    p95: tail(0.95),
    p99,
    ...(values.length >= smallestN(0.999, options.level) ? { p999: tail(0.999) } : {}),
    tmr: p50.value === null || p99.value === null || p99.at_least || p50.value === 0 ? null : p99.value / p50.value,
  };
}

/**
 * The quantile without an interval yet. One that reaches the timed-out attempts is what was waited for them, and the
 * truth is at least that (D26); it is not mixed with a faster row, as interpolation otherwise would.
 */
export function pointEstimate(sorted: Sorted, p: number): Estimate {
  const { units, atLeast, atMost } = sorted;
  const { values } = atLeast;
  const base = { n: values.length, units: units.count, ci: null };
  if (values.length === 0) return { ...base, value: null, no_ci: 'n = 0' };
  const value = quantile(values, p);
  if (atMost === atLeast) return { ...base, value, no_ci: null };
  if (quantile(atMost.values, p) === value) return { ...base, value, no_ci: null, at_least: false };
  const { above } = quantilePosition(values.length, p);
  return { ...base, value: values[above - 1] ?? value, no_ci: null, at_least: true };
}

function estimateMedian(sorted: Sorted, level: number): Estimate {
  const estimate = pointEstimate(sorted, 0.5);
  const { units, atLeast, atMost, between } = sorted;
  const { values } = atLeast;
  if (values.length === 0) return estimate;
  if (units.kind === 'rows') return rowRanks(sorted, estimate, 0.5, level);
  // The mean of the middle two of a small block is no median of anything where values are skewed. Ten blocks bear that;
  // more of them make the interval so narrow that it misses (docs/methodology.md).
  const outward = units.count > MIN_BLOCKS_TAIL && values.length < SMALL_BLOCK * units.count;
  const low = unitMedians(withUnits(atLeast, units), units.count, outward ? theLower : between);
  const high = unitMedians(withUnits(atMost, units), units.count, outward ? theUpper : interpolate);
  return withRanks(estimate, { low, high }, 0.5, level, 'block medians');
}

function rowRanks({ atLeast, atMost }: Sorted, estimate: Estimate, p: number, level: number): Estimate {
  return withRanks(estimate, { low: atLeast.values, high: atMost.values }, p, level, 'rows');
}

/** @param ordered what each rank is at least, and at most. */
function withRanks(
  estimate: Estimate,
  ordered: { low: Float64Array; high: Float64Array },
  p: number,
  level: number,
  what: 'rows' | 'block medians',
): Estimate {
  const n = ordered.low.length;
  const ranks = quantileRanks(n, p, level);
  if (ranks === null) {
    const needed = smallestN(p, level);
    return { ...estimate, no_ci: what === 'rows' ? `n = ${n} < ${needed}` : fewBlocks(n, needed) };
  }
  return withInterval(estimate, endsAt(ranks, ordered), level, `exact order statistics (${what})`);
}

function endsAt(ranks: { low: number; high: number }, ordered: { low: Float64Array; high: Float64Array }): Ends {
  return { low: ordered.low[ranks.low - 1] ?? Number.NaN, high: ordered.high[ranks.high - 1] ?? Number.NaN };
}

function estimateTail(sorted: Sorted, p: number, level: number): Estimate {
  const estimate = pointEstimate(sorted, p);
  const { units } = sorted;
  const { values } = sorted.atLeast;
  if (values.length === 0) return estimate;
  if (units.kind === 'rows') return rowRanks(sorted, estimate, p, level);
  const needed = smallestN(p, level);
  if (values.length < needed) return { ...estimate, no_ci: `n = ${values.length} < ${needed}` };
  if (units.count < MIN_BLOCKS_TAIL) return { ...estimate, no_ci: fewBlocks(units.count, MIN_BLOCKS_TAIL) };
  const worth = Math.floor(effectiveSize(sorted.sample.values, units.of, units.count, p));
  const ranks = effectiveRanks(values.length, worth, p, level);
  if (ranks === null) {
    return { ...estimate, no_ci: `effective n = ${worth} < ${needed}: rows of a block may resemble each other` };
  }
  const ends = endsAt(ranks, { low: values, high: sorted.atMost.values });
  return withInterval(estimate, ends, level, 'order statistics at the effective n (blocks)');
}
