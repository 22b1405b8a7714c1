// Quantiles and their exact intervals. Comes in: a sorted sample; goes out: the estimate, or the ranks whose values
// bound the true quantile. Pure.
//
// Definition of the estimate: linear interpolation between the order statistics around 1 + (n − 1)·p (definition 7 of
// Hyndman & Fan, "Sample Quantiles in Statistical Packages", The American Statistician 50, 1996; the default of
// NumPy, pandas and R). p = 0.5 is the ordinary median. It lies within the ranks of the exact interval below.
import { binomialCdf } from './distributions.js';

/** What stands for a place between two order statistics; weight is the upper one's share. */
export type Between = (low: number, high: number, weight: number) => number;

/** On the line between them; an infinite one is not left for a finite place. */
export function interpolate(low: number, high: number, weight: number): number {
  return weight === 0 || low === high || low === -Infinity ? low : low + weight * (high - low);
}

/** The lower of the two: never above the place between them, whatever the upper one is in truth. */
export function theLower(low: number): number {
  return low;
}

/** The upper of the two. */
export function theUpper(low: number, high: number, weight: number): number {
  return weight === 0 ? low : high;
}

/** @param sorted ascending, not empty. @param p between 0 and 1. */
export function quantile(sorted: ArrayLike<number>, p: number, between: Between = interpolate): number {
  const { below, above, weight } = quantilePosition(sorted.length, p);
  return between(sorted[below - 1] ?? Number.NaN, sorted[above - 1] ?? Number.NaN, weight);
}

/** The two ranks (from 1) the estimate lies between, and its share of the upper one. */
export function quantilePosition(n: number, p: number): { below: number; above: number; weight: number } {
  // 1 + (n − 1)·p with the rounding error of p taken off, so that 0.95 · 100 is 95 and not 94.99999999999999.
  const position = 1 + Math.round((n - 1) * p * 1e9) / 1e9;
  const below = Math.min(n, Math.floor(position));
  return { below, above: Math.min(n, below + 1), weight: position - below };
}

export interface RankInterval {
  /** Ranks count from 1. */
  low: number;
  high: number;
  /** The probability with which the interval covers, at least the level asked for. */
  coverage: number;
}

/**
 * Ranks (j, k) such that the j-th and k-th order statistic of n independent draws hold the p-quantile with at least the
 * given probability, equal-tailed: each side is missed with at most (1 − level)/2. Distribution-free, by the binomial
 * law of the number of draws below the quantile: Le Boudec, "Performance Evaluation of Computer and Communication
 * Systems" (2010), theorem 2.1 and appendix A. null: n is too small for any such interval.
 */
export function quantileRanks(n: number, p: number, level: number): RankInterval | null {
  const tail = (1 - level) / 2;
  // With the tails' own rounding error allowed for, (1/2)^n and the like are compared as equal, not as a hair apart.
  const allowed = tail * (1 + 1e-12);
  if (n < 1 || binomialCdf(0, n, p) > allowed || upperTail(n, n, p) > allowed) return null;
  const low = lastWhere(1, n, (rank) => binomialCdf(rank - 1, n, p) <= allowed);
  const high = n + 1 - lastWhere(1, n, (fromTop) => upperTail(n + 1 - fromTop, n, p) <= allowed);
  if (low >= high) return null;
  return { low, high, coverage: binomialCdf(high - 1, n, p) - binomialCdf(low - 1, n, p) };
}

/**
 * Ranks among n rows that are worth only so many independent ones: the interval of that many draws, put at the same
 * shares of the sample, outwards. R. S. Woodruff, "Confidence Intervals for Medians and Other Position Measures", JASA
 * 47 (1952); effective sizes in binomial intervals: E. L. Korn & B. I. Graubard, Survey Methodology 24 (1998).
 */
export function effectiveRanks(
  n: number,
  worth: number,
  p: number,
  level: number,
): Pick<RankInterval, 'low' | 'high'> | null {
  const ranks = quantileRanks(Math.min(n, Math.floor(worth)), p, level);
  if (ranks === null) return null;
  const step = (n + 1) / (Math.floor(Math.min(n, worth)) + 1);
  return { low: Math.max(1, Math.floor(ranks.low * step)), high: Math.min(n, Math.ceil(ranks.high * step)) };
}

/** P(B >= k). */
function upperTail(k: number, n: number, p: number): number {
  return binomialCdf(n - k, n, 1 - p);
}

/** The smallest n for which quantileRanks gives an interval. */
export function smallestN(p: number, level: number): number {
  const tail = (1 - level) / 2;
  return Math.ceil(Math.log(tail) / Math.log(Math.max(p, 1 - p)) - 1e-9);
}

/** The largest index in [from, to] for which the condition, true up to some point and false after it, holds. */
function lastWhere(from: number, to: number, holds: (index: number) => boolean): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
