// Does a cell stay what it was (methodology D18)? Comes in: the medians of its blocks in the order of time; goes out: a
// test for a trend and one for a step, and whether either speaks against one truth for the whole run. Pure.
//
// Blocks, not rows: rows of a block resemble each other, and tests of rows would take that for a drift.
import { type Random, shuffled } from '../../random.js';
import { normalCdf } from './distributions.js';
import { ranksOf } from './order.js';
import { quantile } from './quantile.js';

/** Each of the two tests at half of it: at most about one stationary cell in twenty is flagged. */
export const STATIONARITY_ALPHA = 0.05;
/** Fewer blocks cannot show a step at that level. */
export const STATIONARITY_MIN_UNITS = 10;
const PERMUTATIONS = 2_000;

export interface Stationarity {
  /** Blocks. */
  n: number;
  trend: {
    /** Kendall's τ between value and time. */
    tau: number;
    p: number;
    /** Change over the whole run as a share of the median, by Theil and Sen's slope. */
    change: number | null;
  };
  step: {
    p: number;
    /** Blocks before the most likely step. */
    after: number;
    before_median: number;
    after_median: number;
  };
  flagged: boolean;
}

/** null below STATIONARITY_MIN_UNITS, and where all values are equal. */
export function stationarity(values: ArrayLike<number>, random: Random): Stationarity | null {
  const n = values.length;
  if (n < STATIONARITY_MIN_UNITS) return null;
  const ranks = ranksOf(values);
  if (ranks.every((rank) => rank === ranks[0])) return null;
  const trend = mannKendall(values);
  const step = pettitt(ranks, random);
  const median = (from: number, to: number) => quantile(Float64Array.from(values).slice(from, to).sort(), 0.5);
  const centre = median(0, n);
  const slope = theilSen(values);
  return {
    n,
    trend: { ...trend, change: centre === 0 || !Number.isFinite(slope) ? null : (slope * (n - 1)) / centre },
    step: { ...step, before_median: median(0, step.after), after_median: median(step.after, n) },
    flagged: Math.min(trend.p, step.p) <= STATIONARITY_ALPHA / 2,
  };
}

/** H. B. Mann, "Nonparametric tests against trend", Econometrica 13 (1945); ties and continuity corrected. */
export function mannKendall(values: ArrayLike<number>): { tau: number; p: number } {
  const n = values.length;
  let score = 0;
  for (let later = 1; later < n; later += 1)
    for (let earlier = 0; earlier < later; earlier += 1) score += compare(values[later], values[earlier]);
  const sizes = new Map<number, number>();
  for (const rank of ranksOf(values)) sizes.set(rank, (sizes.get(rank) ?? 0) + 1);
  const weight = (size: number) => size * (size - 1) * (2 * size + 5);
  const ties = [...sizes.values()].reduce((sum, size) => sum + weight(size), 0);
  const variance = (weight(n) - ties) / 18;
  const z = variance <= 0 ? 0 : Math.max(0, Math.abs(score) - 1) / Math.sqrt(variance);
  return { tau: score / ((n * (n - 1)) / 2), p: Math.min(1, 2 * normalCdf(-z)) };
}

function compare(later = 0, earlier = 0): number {
  // Not the sign of the difference: two infinite values have none.
  if (later === earlier) return 0;
  return later > earlier ? 1 : -1;
}

/**
 * The most likely step and its p-value, by permutation instead of the approximation, which is far off for few values:
 * A. N. Pettitt, "A non-parametric approach to the change-point problem", Applied Statistics 28 (1979).
 */
function pettitt(ranks: Float64Array, random: Random): { p: number; after: number } {
  const { largest, after } = steepest(ranks);
  const order = [...ranks];
  let asLarge = 1;
  for (let permutation = 0; permutation < PERMUTATIONS; permutation += 1) {
    if (steepest(shuffled(order, random)).largest >= largest - 1e-9) asLarge += 1;
  }
  return { p: asLarge / (PERMUTATIONS + 1), after };
}

/** Largest |2·(sum of the first t ranks) − t·(n + 1)|, and its t. */
function steepest(ranks: ArrayLike<number>): { largest: number; after: number } {
  let sum = 0;
  let best = { largest: -1, after: 1 };
  for (let t = 1; t < ranks.length; t += 1) {
    sum += ranks[t - 1] ?? 0;
    const size = Math.abs(2 * sum - t * (ranks.length + 1));
    if (size > best.largest) best = { largest: size, after: t };
  }
  return best;
}

/** Median slope between all pairs: P. K. Sen, JASA 63 (1968). Per step. */
function theilSen(values: ArrayLike<number>): number {
  const slopes: number[] = [];
  for (let later = 1; later < values.length; later += 1)
    for (let earlier = 0; earlier < later; earlier += 1)
      slopes.push(((values[later] ?? 0) - (values[earlier] ?? 0)) / (later - earlier));
  return quantile(Float64Array.from(slopes).sort(), 0.5);
}
