// Mean, spread and outliers. Comes in: values; goes out: numbers, and null where a number does not exist. Pure.
import { quantile } from './quantile.js';

/** Arithmetic mean, for durations, sizes and costs (methodology D3). Kept exact by Neumaier's compensated sum. */
export function mean(values: ArrayLike<number>): number | null {
  if (values.length === 0) return null;
  return sum(values) / values.length;
}

export function sum(values: ArrayLike<number>): number {
  let total = 0;
  let lost = 0;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? 0;
    const next = total + value;
    lost += Math.abs(total) >= Math.abs(value) ? total - next + value : value - next + total;
    total = next;
  }
  return total + lost;
}

/** Sample standard deviation, divisor n − 1; null for fewer than two values. */
export function standardDeviation(values: ArrayLike<number>): number | null {
  const centre = mean(values);
  if (centre === null || values.length < 2) return null;
  const squares = Float64Array.from(values, (value) => (value - centre) ** 2);
  return Math.sqrt(sum(squares) / (values.length - 1));
}

/** Coefficient of variation: sd / mean; null without a spread or around a mean of zero. */
export function variation(values: ArrayLike<number>): number | null {
  const centre = mean(values);
  const spread = standardDeviation(values);
  return centre === null || centre === 0 || spread === null ? null : spread / centre;
}

/**
 * How many values lie beyond Tukey's fences, 1.5 (mild) and 3 (severe) interquartile ranges outside the quartiles:
 * J. W. Tukey, "Exploratory Data Analysis" (1977). Labels only, nothing is deleted (methodology D25); severe ones are
 * not counted as mild as well.
 */
export function tukeyOutliers(sorted: ArrayLike<number>): { mild: number; severe: number } {
  if (sorted.length < 4) return { mild: 0, severe: 0 };
  const lower = quantile(sorted, 0.25);
  const upper = quantile(sorted, 0.75);
  const range = upper - lower;
  const counts = { mild: 0, severe: 0 };
  for (let index = 0; index < sorted.length; index += 1) {
    const value = sorted[index] ?? lower;
    const outside = Math.max(lower - value, value - upper);
    if (outside > 3 * range) counts.severe += 1;
    else if (outside > 1.5 * range) counts.mild += 1;
  }
  return counts;
}

/** Below it the interval of a mean covers less than 90 % where 95 % are asked (docs/methodology.md, D42). */
const MIN_TAIL_INDEX = 2.8;
/** Fewer rows show too little of their tail, and their intervals cover less than 90 % where values are skewed. */
export const MIN_TAIL_N = 100;

/**
 * Whether the upper tenth, ten values at least, falls off so slowly that a mean hangs on a few values which another sample would not have.
 * Hill's estimate of the tail index (B. M. Hill, The Annals of Statistics 3, 1975), taken of what lies above the
 * smallest value, so that a constant part of a duration hides nothing.
 * @param values at least MIN_TAIL_N.
 */
export function heavyTailed(values: ArrayLike<number>): boolean {
  const sorted = Float64Array.from(values).sort();
  const least = sorted[0] ?? 0;
  const top = Math.max(10, Math.floor(sorted.length / 10));
  const threshold = (sorted.at(-1 - top) ?? 0) - least;
  if (threshold <= 0) return false;
  const excess = sorted.subarray(sorted.length - top).map((value) => Math.log((value - least) / threshold));
  return (mean(excess) ?? 0) > 1 / MIN_TAIL_INDEX;
}

/**
 * How many values lie far from the median by the measure of the median absolute deviation: |0.6745·(x − median) / MAD|
 * above 3.5. B. Iglewicz & D. Hoaglin, "How to Detect and Handle Outliers" (1993). Labels only (methodology D25). null
 * where more than half of the values are equal: there is no spread to measure by.
 */
export function madOutliers(sorted: ArrayLike<number>): number | null {
  if (sorted.length < 4) return null;
  const centre = quantile(sorted, 0.5);
  const distances = Float64Array.from(sorted, (value) => Math.abs(value - centre));
  const spread = quantile(Float64Array.from(distances).sort(), 0.5);
  return spread === 0 ? null : distances.filter((distance) => (0.6745 * distance) / spread > 3.5).length;
}
