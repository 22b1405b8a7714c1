// How much the rows of a block resemble each other. Comes in: values and the block of each; goes out: how many
// independent rows they are worth, and the median of each block. Pure.
import type { Ordered } from './bootstrap.js';
import { ranksOf } from './independence.js';
import { type Between, interpolate, quantile } from './quantile.js';

/**
 * Effective sample size n / (1 + (m − 1)·ρ): L. Kish, "Survey Sampling" (1965), section 5.4, with the intraclass
 * correlation ρ (not below 0) from the one-way analysis of variance of the ranks, so that the tail does not decide it.
 * The p-quantile of rows that resemble their block hangs on how many blocks there are, not on how many rows.
 */
export function effectiveSize(values: ArrayLike<number>, unitOf: ArrayLike<number>, units: number): number {
  const n = values.length;
  if (units < 2 || n <= units) return n;
  const ranks = ranksOf(values);
  const counts = new Float64Array(units);
  const sums = new Float64Array(units);
  for (let row = 0; row < n; row += 1) {
    const unit = unitOf[row] ?? 0;
    counts[unit] = (counts[unit] ?? 0) + 1;
    sums[unit] = (sums[unit] ?? 0) + (ranks[row] ?? 0);
  }
  const centre = (n + 1) / 2;
  let between = 0;
  let within = 0;
  let squares = 0;
  for (let unit = 0; unit < units; unit += 1) {
    const count = counts[unit] ?? 0;
    squares += count * count;
    if (count > 0) between += count * ((sums[unit] ?? 0) / count - centre) ** 2;
  }
  for (let row = 0; row < n; row += 1) {
    const unit = unitOf[row] ?? 0;
    within += ((ranks[row] ?? 0) - (sums[unit] ?? 0) / (counts[unit] ?? 1)) ** 2;
  }
  const size = (n - squares / n) / (units - 1);
  const betweenMean = between / (units - 1);
  const withinMean = within / (n - units);
  const spread = betweenMean + (size - 1) * withinMean;
  const correlation = spread === 0 ? 0 : Math.max(0, (betweenMean - withinMean) / spread);
  return n / (1 + (squares / n - 1) * correlation);
}

/** Median of each unit that has rows, in ascending order. */
export function unitMedians(
  { values: sorted, unitOf }: Ordered,
  units: number,
  between: Between = interpolate,
): Float64Array {
  const rows: number[][] = Array.from({ length: units }, () => []);
  for (let row = 0; row < sorted.length; row += 1) rows[unitOf[row] ?? 0]?.push(sorted[row] ?? Number.NaN);
  return Float64Array.from(
    rows.filter((values) => values.length > 0),
    (values) => quantile(values, 0.5, between),
  ).sort();
}
