// The cold penalty (methodology D34). Comes in: the samples of a cold cell and of the warm cell that differs only in
// start; goes out: the difference and the ratio of their medians. Pure.
import type { Estimate } from '../../generated/summary.js';
import { bootstrap, clusterQuantile, expandedLevel, percentileInterval } from './bootstrap.js';
import {
  type EstimateOptions,
  holding,
  MIN_BLOCKS,
  pointEstimate,
  resamplingUnits,
  type Sample,
  type Sorted,
  sortSample,
} from './metric.js';

/**
 * Difference (cold − warm, in the metric's unit) and ratio (cold / warm; its base is the warm median) of the medians.
 * Both samples are resampled on their own, by row where rows are independent and else by block; expanded percentile
 * interval for the smaller number of units.
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
  const missing = reasonAgainst(coldSide) ?? reasonAgainst(warmSide);
  if (missing !== null) {
    const none: Estimate = { ...base, value: null, no_ci: missing };
    return { difference: none, ratio: { ...none } };
  }
  const [coldMedian, warmMedian] = [coldSide.median.value ?? Number.NaN, warmSide.median.value ?? Number.NaN];
  const difference: Estimate = { ...base, value: coldMedian - warmMedian, no_ci: null };
  const ratio: Estimate = { ...base, value: warmMedian === 0 ? null : coldMedian / warmMedian, no_ci: null };
  const few = fewUnits(coldSide) ?? fewUnits(warmSide);
  if (few !== null) return { difference: { ...difference, no_ci: few }, ratio: { ...ratio, no_ci: few } };
  const coldMedians = resampledMedians(coldSide, options);
  const warmMedians = resampledMedians(warmSide, options);
  const level = expandedLevel(units, options.level);
  if (reachesCensored(coldSide, coldMedians, level) || reachesCensored(warmSide, warmMedians, level)) {
    const reason = 'a median is not certain: its interval reaches the timed-out attempts';
    return { difference: { ...difference, no_ci: reason }, ratio: { ...ratio, no_ci: reason } };
  }
  const method = `bootstrap of medians (cold: ${coldSide.units.kind}, warm: ${warmSide.units.kind}), expanded percentile`;
  const finish = (estimate: Estimate, of: (cold: number, warm: number) => number): Estimate => {
    if (estimate.value === null) return { ...estimate, no_ci: 'the warm median is 0' };
    const values = coldMedians.map((value, index) => of(value, warmMedians[index] ?? Number.NaN));
    const ends = percentileInterval(values, level);
    if (ends === null) return { ...estimate, no_ci: 'the resamples give no interval' };
    return { ...estimate, ci: holding(ends, estimate.value, options.level, method) };
  };
  return {
    difference: finish(difference, (a, b) => a - b),
    ratio: finish(ratio, (a, b) => a / b),
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

function reasonAgainst({ median }: Side): string | null {
  if (median.value === null) return 'a median is missing: n = 0';
  return median.at_least ? 'a median lies among the timed-out attempts' : null;
}

function fewUnits({ units }: Side): string | null {
  if (units.count >= MIN_BLOCKS) return null;
  return units.kind === 'rows' ? `n = ${units.count} < ${MIN_BLOCKS}` : `${units.count} blocks < ${MIN_BLOCKS}`;
}

/** Whether the median, as far as the resamples move it, could lie among the timed-out attempts. */
function reachesCensored({ sorted }: Side, medians: Float64Array, level: number): boolean {
  const ends = percentileInterval(medians, level);
  return ends !== null && ends.high >= sorted.certainBelow;
}

function resampledMedians({ sorted, units }: Side, options: EstimateOptions): Float64Array {
  const { sample, values, blockOf } = sorted;
  // In sorted order a row is its own unit whichever number it has.
  const unitOf = units.kind === 'rows' ? Uint32Array.from(values, (_value, row) => row) : blockOf;
  const count = units.kind === 'rows' ? sample.values.length : sample.blocks;
  const [medians] = bootstrap(count, options.resamples, options.random, [clusterQuantile(values, unitOf, count, 0.5)]);
  return medians ?? new Float64Array();
}
