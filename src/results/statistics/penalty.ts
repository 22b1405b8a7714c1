// The cold penalty (methodology D34). Comes in: the samples of a cold cell and of the warm cell that differs only in
// start; goes out: the difference and the ratio of their medians. Pure.
import type { Estimate } from '../../generated/summary.js';
import { bootstrap, expandedLevel, percentileInterval, type Resampled } from './bootstrap.js';
import {
  type EstimateOptions,
  lowAndHigh,
  MIN_BLOCKS,
  pointEstimate,
  quantileStatistics,
  resamplingUnits,
  type Sample,
  type Sorted,
  sortSample,
  withInterval,
} from './metric.js';

/**
 * Difference (cold − warm, in the metric's unit) and ratio (cold / warm; its base is the warm median) of the medians.
 * Both samples are resampled on their own, by row where rows are independent and else by block; expanded percentile
 * interval for the smaller number of units. Where timed-out attempts reach a median, the interval lacks the end that
 * hangs on them.
 */
export function medianPenalty(
  cold: Sample,
  warm: Sample,
  options: EstimateOptions,
): { difference: Estimate; ratio: Estimate } {
  const coldSide = sideOf(cold);
  const warmSide = sideOf(warm);
  const units = Math.min(coldSide.units.count, warmSide.units.count);
  const base = { n: cold.values.length + warm.values.length, units, ci: null };
  const missing = reasonAgainst(coldSide, warmSide);
  if (missing !== null) {
    const none: Estimate = { ...base, value: null, no_ci: missing };
    return { difference: none, ratio: { ...none } };
  }
  const [coldMedian, warmMedian] = [coldSide.median.value ?? Number.NaN, warmSide.median.value ?? Number.NaN];
  const bound = coldSide.median.at_least === true ? { at_least: true } : {};
  const difference: Estimate = { ...base, value: coldMedian - warmMedian, no_ci: null, ...bound };
  const ratio: Estimate = { ...base, value: warmMedian === 0 ? null : coldMedian / warmMedian, no_ci: null, ...bound };
  const few = fewUnits(coldSide) ?? fewUnits(warmSide);
  if (few !== null) return { difference: { ...difference, no_ci: few }, ratio: { ...ratio, no_ci: few } };
  const coldMedians = resampledMedians(coldSide, options);
  const warmMedians = resampledMedians(warmSide, options);
  const level = expandedLevel(units, options.level);
  const method = `bootstrap of medians (cold: ${coldSide.units.kind}, warm: ${warmSide.units.kind}), expanded percentile`;
  const finish = (estimate: Estimate, of: (cold: number, warm: number) => number): Estimate => {
    if (estimate.value === null) return { ...estimate, no_ci: 'the warm median is 0' };
    const ends = percentileInterval(combined(coldMedians, warmMedians, of), level);
    return withInterval(estimate, ends, options.level, method);
  };
  return {
    difference: finish(difference, (a, b) => a - b),
    // A warm median without an upper end leaves the ratio without a lower one, which is no finding about 0.
    ratio: finish(ratio, (a, b) => (b === Infinity ? -Infinity : a / b)),
  };
}

interface Side {
  sorted: Sorted;
  units: ReturnType<typeof resamplingUnits>;
  median: Estimate;
}

function sideOf(sample: Sample): Side {
  const sorted = sortSample(sample);
  return { sorted, units: resamplingUnits(sorted), median: pointEstimate(sorted, 0.5) };
}

function reasonAgainst(cold: Side, warm: Side): string | null {
  if (cold.median.value === null || warm.median.value === null) return 'a median is missing: n = 0';
  return warm.median.at_least === true ? 'the warm median lies among the timed-out attempts' : null;
}

function fewUnits({ units }: Side): string | null {
  if (units.count >= MIN_BLOCKS) return null;
  return units.kind === 'rows' ? `n = ${units.count} < ${MIN_BLOCKS}` : `${units.count} blocks < ${MIN_BLOCKS}`;
}

/** Grows with the cold median and falls with the warm one, so each bound comes from the opposite bounds of the two. */
function combined(cold: Resampled, warm: Resampled, of: (cold: number, warm: number) => number): Resampled {
  const low = cold.low.map((value, index) => of(value, warm.high[index] ?? Number.NaN));
  if (cold.low === cold.high && warm.low === warm.high) return { low, high: low };
  return { low, high: cold.high.map((value, index) => of(value, warm.low[index] ?? Number.NaN)) };
}

function resampledMedians({ sorted, units }: Side, options: EstimateOptions): Resampled {
  const statistics = quantileStatistics(sorted, units, 0.5);
  return lowAndHigh(bootstrap(units.count, options.resamples, options.random, statistics));
}
