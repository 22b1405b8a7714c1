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
