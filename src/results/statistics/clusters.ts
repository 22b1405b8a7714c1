// How much the rows of a block resemble each other. Comes in: values and the block of each; goes out: how many
// independent rows they are worth, and the median of each block. Pure.
import type { Ordered } from './bootstrap.js';
import { fisherQuantile } from './distributions.js';
import { ranksOf } from './order.js';
import { type Between, interpolate, quantile } from './quantile.js';

/** Confidence that the blocks resemble each other's rows no more than is reckoned with. */
const DESIGN_CONFIDENCE = 0.9;

/**
 * How many independent rows the rows are worth for their p-quantile, on the safe side: n / (1 + (m − 1)·ρ), L. Kish,
 * "Survey Sampling" (1965), section 5.4, with an upper confidence bound of the intraclass correlation ρ, because ten
 * blocks estimate it badly, and cells whose blocks look alike by luck would get intervals that are too narrow. ρ is
 * taken twice, of the ranks and of lying above the quantile (blocks may differ in their tail alone); the larger counts.
 */
export function effectiveSize(values: ArrayLike<number>, unitOf: ArrayLike<number>, units: number, p: number): number {
  const n = values.length;
  if (units < 2 || n <= units) return units;
  const ranks = ranksOf(values);
  const beyond = ranks.map((rank) => (rank > p * n ? 1 : 0));
  return n / Math.max(designEffect(ranks, unitOf, units), designEffect(beyond, unitOf, units));
}

/**
 * One-way analysis of variance; the bound from the F distribution: S. R. Searle, "Linear Models" (1971), section 9.9.
 */
function designEffect(scores: Float64Array, unitOf: ArrayLike<number>, units: number): number {
  const n = scores.length;
  const counts = new Float64Array(units);
  const sums = new Float64Array(units);
  for (let row = 0; row < n; row += 1) {
    const unit = unitOf[row] ?? 0;
    counts[unit] = (counts[unit] ?? 0) + 1;
    sums[unit] = (sums[unit] ?? 0) + (scores[row] ?? 0);
  }
  const centre = sums.reduce((total, sum) => total + sum, 0) / n;
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
    within += ((scores[row] ?? 0) - (sums[unit] ?? 0) / (counts[unit] ?? 1)) ** 2;
  }
  if (between === 0) return 1;
  const size = (n - squares / n) / (units - 1);
  const ratio = between / (units - 1) / (within / (n - units));
  const bound = ratio / fisherQuantile(1 - DESIGN_CONFIDENCE, units - 1, n - units);
  const correlation = bound === Infinity ? 1 : Math.min(1, Math.max(0, (bound - 1) / (bound + size - 1)));
  return 1 + (squares / n - 1) * correlation;
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
