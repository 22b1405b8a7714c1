// Are the rows of a cell independent (methodology D15)? Comes in: values in the order they were measured; goes out: the
// two tests and whether either rejects. Pure.

import { normalCdf } from './distributions.js';
import { mean } from './moments.js';
import { sortOrder } from './order.js';
import { quantile } from './quantile.js';

/** Each test at half of it (Bonferroni): independent rows are doubted in at most about 1 % of the cells. */
export const INDEPENDENCE_ALPHA = 0.01;
/** Below it the normal approximations of both tests say nothing. */
export const INDEPENDENCE_MIN_N = 20;

export interface IndependenceTest {
  /** Lag-1 autocorrelation. */
  autocorrelation: number;
  autocorrelationP: number;
  /** Wald–Wolfowitz runs above and below the median. */
  runsP: number;
  rejected: boolean;
}

/**
 * Lag-1 autocorrelation, taken of the ranks so that one slow row does not decide (Wald & Wolfowitz 1943; mean
 * −1/(n − 1), variance about 1/n), and the runs test (Wald & Wolfowitz, "On a test whether two samples are from the
 * same population", 1940). Two-sided. null below INDEPENDENCE_MIN_N or when all values are equal.
 */
export function independence(values: ArrayLike<number>): IndependenceTest | null {
  if (values.length < INDEPENDENCE_MIN_N) return null;
  const autocorrelation = lagOne(ranksOf(values));
  const runsP = runsTest(values);
  if (autocorrelation === null || runsP === null) return null;
  const n = values.length;
  const autocorrelationP = twoSided((autocorrelation + 1 / (n - 1)) * Math.sqrt(n));
  const rejected = Math.min(autocorrelationP, runsP) < INDEPENDENCE_ALPHA / 2;
  return { autocorrelation, autocorrelationP, runsP, rejected };
}

function twoSided(z: number): number {
  return 2 * normalCdf(-Math.abs(z));
}

/** Ranks from 1, ties share their mean rank. */
export function ranksOf(values: ArrayLike<number>): Float64Array {
  const order = sortOrder(values);
  const ranks = new Float64Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to + 1 < order.length && values[order[to + 1] ?? 0] === values[order[from] ?? 0]) to += 1;
    for (let place = from; place <= to; place += 1) ranks[order[place] ?? 0] = (from + to) / 2 + 1;
    from = to + 1;
  }
  return ranks;
}

function lagOne(values: Float64Array): number | null {
  const centre = mean(values) ?? 0;
  let total = 0;
  let together = 0;
  let last = 0;
  for (let row = 0; row < values.length; row += 1) {
    const around = (values[row] ?? 0) - centre;
    total += around * around;
    if (row > 0) together += around * last;
    last = around;
  }
  return total === 0 ? null : together / total;
}

function runsTest(values: ArrayLike<number>): number | null {
  const middle = quantile(Float64Array.from(values).sort(), 0.5);
  let above = 0;
  let below = 0;
  let runs = 0;
  let last = 0;
  for (let row = 0; row < values.length; row += 1) {
    const side = Math.sign((values[row] ?? middle) - middle);
    if (side === 0) continue;
    if (side > 0) above += 1;
    else below += 1;
    if (side !== last) runs += 1;
    last = side;
  }
  if (above === 0 || below === 0) return null;
  const both = 2 * above * below;
  const n = above + below;
  const variance = (both * (both - n)) / (n * n * (n - 1));
  return variance <= 0 ? null : twoSided((runs - (1 + both / n)) / Math.sqrt(variance));
}
