// The medians of two cells, one against the other (methodology D24, D34). Comes in: the sample of a cell and of its base;
// goes out: the difference and the ratio of their medians with intervals, each at any level. Pure.
import type { Estimate } from '../../generated/summary.js';
import { bootstrap, type Ends, expandedLevel, lowAndHigh, percentileInterval, type Resampled } from './bootstrap.js';
import { MIN_BLOCKS } from './independence.js';
import { type EstimateOptions, withInterval } from './interval.js';
import { pointEstimate } from './metric.js';
import { quantileStatistics, resamplingUnits, type Sample, type Sorted, sortSample } from './sample.js';

/** What the two sides are called in methods and reasons. */
export interface Names {
  cell: string;
  base: string;
}

export interface MedianContrast {
  difference: Estimate;
  /** cell / base. */
  ratio: Estimate;
  /** The interval of the ratio at another level; null where there is none. */
  ratioAt(level: number): Ends | null;
}

/** Cold − warm and cold / warm of a cold cell and the warm cell that differs only in start. */
export function medianPenalty(
  cold: Sample,
  warm: Sample,
  options: EstimateOptions,
): { difference: Estimate; ratio: Estimate } {
  const { difference, ratio } = medianContrast(cold, warm, { cell: 'cold', base: 'warm' }, options);
  return { difference, ratio };
}

/**
 * Difference (cell − base, in the metric's unit) and ratio (cell / base) of the medians. Both samples are resampled on
 * their own, by row where rows are independent and else by unit; expanded percentile interval for the smaller number of
 * units. Where timed-out attempts reach a median, the interval lacks the end that hangs on them.
 */
export function medianContrast(cell: Sample, base: Sample, names: Names, options: EstimateOptions): MedianContrast {
  const [side, baseSide] = [sideOf(cell), sideOf(base)];
  const units = Math.min(side.units.count, baseSide.units.count);
  const shared = { n: cell.values.length + base.values.length, units, ci: null };
  const without = (reason: string): MedianContrast => {
    const none: Estimate = { ...shared, value: null, no_ci: reason };
    return { difference: none, ratio: { ...none }, ratioAt: () => null };
  };
  const missing = reasonAgainst(side, baseSide, names);
  if (missing !== null) return without(missing);
  const [median, baseMedian] = [side.median.value ?? Number.NaN, baseSide.median.value ?? Number.NaN];
  const bound = side.median.at_least === true ? { at_least: true } : {};
  const difference: Estimate = { ...shared, value: median - baseMedian, no_ci: null, ...bound };
  const ratio: Estimate = { ...shared, value: baseMedian === 0 ? null : median / baseMedian, no_ci: null, ...bound };
  const few = fewUnits(side) ?? fewUnits(baseSide);
  if (few !== null) {
    return { difference: { ...difference, no_ci: few }, ratio: { ...ratio, no_ci: few }, ratioAt: () => null };
  }
  const [medians, baseMedians] = [resampledMedians(side, options), resampledMedians(baseSide, options)];
  const kinds = `${names.cell}: ${side.units.kind}, ${names.base}: ${baseSide.units.kind}`;
  const method = `bootstrap of medians (${kinds}), expanded percentile`;
  const differences = combined(medians, baseMedians, (a, b) => a - b);
  // A base without an upper end leaves the ratio without a lower one, which is no finding about 0.
  const ratios = combined(medians, baseMedians, (a, b) => (b === Infinity ? -Infinity : a / b));
  const endsOf = (resampled: Resampled, level: number) => percentileInterval(resampled, expandedLevel(units, level));
  return {
    difference: withInterval(difference, endsOf(differences, options.level), options.level, method),
    ratio:
      ratio.value === null
        ? { ...ratio, no_ci: `the ${names.base} median is 0` }
        : withInterval(ratio, endsOf(ratios, options.level), options.level, method),
    ratioAt: (level) => (ratio.value === null ? null : endsOf(ratios, level)),
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

function reasonAgainst(side: Side, base: Side, names: Names): string | null {
  if (side.median.value === null || base.median.value === null) return 'a median is missing: n = 0';
  return base.median.at_least === true ? `the ${names.base} median lies among the timed-out attempts` : null;
}

function fewUnits({ units }: Side): string | null {
  if (units.count >= MIN_BLOCKS) return null;
  return units.kind === 'rows' ? `n = ${units.count} < ${MIN_BLOCKS}` : `${units.count} blocks < ${MIN_BLOCKS}`;
}

/** Grows with the cell's median and falls with the base's, so each bound comes from the opposite bounds of the two. */
function combined(cell: Resampled, base: Resampled, of: (cell: number, base: number) => number): Resampled {
  const low = cell.low.map((value, index) => of(value, base.high[index] ?? Number.NaN));
  if (cell.low === cell.high && base.low === base.high) return { low, high: low };
  return { low, high: cell.high.map((value, index) => of(value, base.low[index] ?? Number.NaN)) };
}

function resampledMedians({ sorted, units }: Side, options: EstimateOptions): Resampled {
  const statistics = quantileStatistics(sorted, units, 0.5);
  return lowAndHigh(bootstrap(units.count, options.resamples, options.random, statistics));
}
