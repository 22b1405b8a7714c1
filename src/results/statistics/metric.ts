// One metric of one cell, estimated. Comes in: the cell's samples in the order they were measured; goes out: for each
// metric its summary, every estimate with its interval and the name of the method, or the reason why there is none.
// Pure; the rules are methodology D13–D16, D25 and D26, and docs/methodology.md says how well they cover.
import type { Estimate, Interval, MetricSummary } from '../../generated/summary.js';
import type { Random } from '../../random.js';
import {
  bcaInterval,
  bootstrap,
  clusterMean,
  clusterQuantile,
  type Ends,
  expandedLevel,
  type Ordered,
  type Resampled,
  type Statistic,
} from './bootstrap.js';
import { effectiveSize, unitMedians } from './clusters.js';
import { independence, MIN_BLOCKS } from './independence.js';
import { heavyTailed, MIN_TAIL_N, mean, standardDeviation, variation } from './moments.js';
import { sortOrder } from './order.js';
import {
  type Between,
  effectiveRanks,
  interpolate,
  quantile,
  quantilePosition,
  quantileRanks,
  smallestN,
  theLower,
  theUpper,
} from './quantile.js';

/** Values of one metric; the three arrays have one length. Empty: the metric was never seen. */
export interface Sample {
  /** In the order they were measured. */
  values: Float64Array;
  /** 1 where the value is a lower bound (a timed-out attempt). */
  censored: Uint8Array;
  /** Index of the block, from 0 without gaps. */
  blockOf: Uint32Array;
  blocks: number;
  /** Whether each row had a sandbox of its own, so that rows are independent by design. */
  rowsIndependent: boolean;
}

export interface EstimateOptions {
  level: number;
  resamples: number;
  random: Random;
}

/** Fewest blocks for an interval of a tail: fewer cannot tell how much the rows of a block resemble each other. */
export const MIN_BLOCKS_TAIL = 10;
/** Fewer rows than this make a block whose median is often the mean of two. */
const SMALL_BLOCK = 5;
/** More rows than this are resampled by block: the bootstrap's cost grows with the units. */
const MAX_ROW_UNITS = 2_000;
export const TAIL_QUANTILES = [0.9, 0.95, 0.99, 0.999] as const;

/** What a sample's intervals rest on. */
export interface Units {
  kind: 'rows' | 'blocks';
  count: number;
  of: Uint32Array;
}

/** Rows where each is independent by design and nothing measured speaks against it (D15); else blocks. */
export function unitsOf(sample: Sample): Units {
  const rows = sample.rowsIndependent && independence(sample.values, byBlock(sample))?.rejected !== true;
  return rows
    ? { kind: 'rows', count: sample.values.length, of: Uint32Array.from(sample.values, (_value, row) => row) }
    : blockUnits(sample);
}

function blockUnits({ blocks, blockOf }: Sample): Units {
  return { kind: 'blocks', count: blocks, of: blockOf };
}

/** The values of each block, in the order measured. */
export function byBlock({ values, blockOf, blocks }: Sample): number[][] {
  const groups: number[][] = Array.from({ length: blocks }, () => []);
  for (const [row, value] of values.entries()) groups[blockOf[row] ?? 0]?.push(value);
  return groups;
}

/** In the order of the blocks; where timed-out attempts decide one, it is infinite. */
export function blockMedians(sample: Sample): Float64Array {
  return Float64Array.from(
    byBlock({ ...sample, values: endless(sample) }).filter((values) => values.length > 0),
    (values) => quantile(Float64Array.from(values).sort(), 0.5),
  );
}

/** The values with timed-out ones infinite. */
function endless({ values, censored }: Sample): Float64Array {
  return values.map((value, row) => (censored[row] === 1 ? Infinity : value));
}

/** What may be taken for independent draws: rows, or the median of each unit. Timed-out attempts are infinite. */
export function independentValues(sample: Sample, blocks: boolean): { kind: 'rows' | 'medians'; values: Float64Array } {
  const { units, atMost } = sortSample(sample);
  if (units.kind === 'rows' && !blocks) return { kind: 'rows', values: atMost.values };
  const of = units.kind === 'rows' ? blockUnits(sample) : units;
  return { kind: 'medians', values: unitMedians(withUnits(atMost, of), of.count) };
}

/** Units for a resample of whole units, which must not be too many. */
export function resamplingUnits({ units, sample }: Sorted): Units {
  if (units.count <= MAX_ROW_UNITS) return units;
  return blockUnits(sample);
}

/**
 * A sample in ascending order, twice where some rows are censored: what each rank is at least, and what it is at most
 * (D26). Between the two lies whatever the timed-out attempts would have taken.
 */
export interface Sorted {
  sample: Sample;
  units: Units;
  /** Censored rows stand at their bound. */
  atLeast: OrderedRows;
  /** Censored rows are infinite; the same object where there are none. */
  atMost: OrderedRows;
  /** A place between two ranks of atLeast: not on the way to a bound, for no request is known to have taken that. */
  between: Between;
}

export interface OrderedRows {
  values: Float64Array;
  /** Which row of the sample each is. */
  rows: Uint32Array;
}

export function sortSample(sample: Sample): Sorted {
  const { values, censored } = sample;
  const atLeast = inOrder(values);
  const certainBelow = values.reduce(
    (least, value, row) => (censored[row] === 1 ? Math.min(least, value) : least),
    Infinity,
  );
  const base = { sample, units: unitsOf(sample), atLeast };
  if (certainBelow === Infinity) return { ...base, atMost: atLeast, between: interpolate };
  return {
    ...base,
    atMost: inOrder(endless(sample)),
    between: (low, high, weight) => (high < certainBelow ? interpolate(low, high, weight) : low),
  };
}

function inOrder(values: Float64Array): OrderedRows {
  const rows = sortOrder(values);
  return { rows, values: Float64Array.from(rows, (row) => values[row] ?? Number.NaN) };
}

function withUnits({ values, rows }: OrderedRows, units: Units): Ordered {
  return { values, unitOf: Uint32Array.from(rows, (row) => units.of[row] ?? 0) };
}

/** The p-quantile of a resample: what it is at least and, where that differs, at most. */
export function quantileStatistics(
  { atLeast, atMost, between }: Sorted,
  units: Units,
  p: number,
): readonly Statistic[] {
  const least = clusterQuantile(withUnits(atLeast, units), units.count, p, between);
  return atMost === atLeast ? [least] : [least, clusterQuantile(withUnits(atMost, units), units.count, p)];
}

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

/** An estimate whose interval waits for the resamples. */
interface ResampleJob {
  units: Units;
  /** One, or two where what the resamples are at most is another than what they are at least. */
  statistics: readonly Statistic[];
  finish(resampled: Resampled): void;
}

function runJobs(jobs: readonly ResampleJob[], options: EstimateOptions): void {
  const byUnits = new Map<string, ResampleJob[]>();
  for (const job of jobs) {
    const key = `${job.units.kind} ${job.units.count}`;
    byUnits.set(key, [...(byUnits.get(key) ?? []), job]);
  }
  for (const group of byUnits.values()) {
    const units = group[0]?.units.count ?? 0;
    const statistics = group.flatMap((job) => job.statistics);
    const resampled = bootstrap(units, options.resamples, options.random, statistics);
    for (const job of group) job.finish(lowAndHigh(resampled.splice(0, job.statistics.length)));
  }
}

export function lowAndHigh([low = new Float64Array(), high = low]: readonly Float64Array[]): Resampled {
  return { low, high };
}

function estimateMetric(sorted: Sorted, options: EstimateOptions, jobs: ResampleJob[]): MetricSummary {
  const { sample } = sorted;
  const { values } = sorted.atLeast;
  const censored = sample.censored.reduce((count, flag) => count + flag, 0);
  const tail = (p: number) => estimateTail(sorted, p, options.level);
  const p50 = estimateMedian(sorted, options.level);
  const p99 = tail(0.99);
  const exact = censored === 0;
  return {
    n: values.length,
    ...(exact ? {} : { censored }),
    min: values[0] ?? null,
    max: values.at(-1) ?? null,
    mean: estimateMean(sorted, censored, options, jobs),
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

function fewBlocks(blocks: number, needed: number): string {
  return `${blocks} ${blocks === 1 ? 'block' : 'blocks'} < ${needed}`;
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

function estimateMean(sorted: Sorted, censored: number, options: EstimateOptions, jobs: ResampleJob[]): Estimate {
  const { sample } = sorted;
  const { values } = sample;
  const units = resamplingUnits(sorted);
  const base = { n: values.length, units: units.count, ci: null };
  if (censored > 0) {
    const reason = `unknown: ${censored} timed-out ${censored === 1 ? 'attempt is' : 'attempts are'} known only as a lower bound`;
    return { ...base, value: null, no_ci: reason };
  }
  const estimate: Estimate = { ...base, value: mean(sample.values), no_ci: null };
  if (values.length === 0) return { ...estimate, no_ci: 'n = 0' };
  if (values.length < MIN_TAIL_N) return { ...estimate, no_ci: `n = ${values.length} < ${MIN_TAIL_N}` };
  if (heavyTailed(values)) return { ...estimate, no_ci: 'a few large values decide the mean: its tail is too heavy' };
  if (units.count < MIN_BLOCKS) return { ...estimate, no_ci: fewBlocks(units.count, MIN_BLOCKS) };
  const statistic = clusterMean(sample.values, units.of, units.count);
  jobs.push({
    units,
    statistics: [statistic],
    finish({ low }) {
      const ends = bcaInterval(low, statistic, units.count, expandedLevel(units.count, options.level));
      const kind = units.kind === 'rows' ? 'BCa bootstrap (rows)' : 'BCa cluster bootstrap (blocks)';
      Object.assign(estimate, withInterval(estimate, ends, options.level, `${kind}, expanded`));
    },
  });
  return estimate;
}

/** The estimate with these ends; without an interval where neither is one. */
export function withInterval(estimate: Estimate, ends: Ends | null, level: number, method: string): Estimate {
  if (ends === null) return { ...estimate, ci: null, no_ci: 'the resamples give no interval' };
  const ci = holding(estimate, ends, level, method);
  if (ci.low === null && ci.high === null) {
    return { ...estimate, ci: null, no_ci: 'both its ends lie among the timed-out attempts' };
  }
  return { ...estimate, ci, no_ci: null };
}

/**
 * Block medians and resamples can, rarely, lie all on one side of the estimate from all rows: then they are widened to
 * it. Above an estimate that is itself a lower bound there is no end.
 */
function holding({ value, at_least }: Estimate, ends: Ends, level: number, method: string): Interval {
  const centre = value ?? Number.NaN;
  const high = at_least === true ? Infinity : ends.high;
  // The arithmetic of a mean of equal values may end a hair beside them; that is no widening worth a word.
  const outside = Math.max(ends.low - centre, centre - high) > 1e-9 * Math.abs(centre);
  return {
    low: endOf(Math.min(ends.low, centre)),
    high: endOf(Math.max(high, centre)),
    level,
    method: outside ? `${method}, widened to the estimate` : method,
  };
}

function endOf(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
