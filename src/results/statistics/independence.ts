// Are the rows of a cell independent (methodology D15)? Comes in: values in the order they were measured; goes out: the
// two tests and whether either rejects. Pure.

import { normalCdf } from './distributions.js';
import { mean } from './moments.js';
import { ranksOf } from './order.js';
import { quantile } from './quantile.js';
import { kruskalWallis } from './rank-tests.js';

/** Each test at half of it (Bonferroni): independent rows are doubted in at most about 1 % of the cells. */
export const INDEPENDENCE_ALPHA = 0.01;
/** Blocks that differ are doubted sooner: rows are then still estimated, only from blocks. */
export const BLOCKS_ALPHA = 0.05;
/** Fewest blocks an interval may rest on: the smallest n with an interval for the median at 95 %. */
export const MIN_BLOCKS = 6;
/** Below it the normal approximations of both tests say nothing. */
export const INDEPENDENCE_MIN_N = 20;

export interface IndependenceTest {
  /** Lag-1 autocorrelation. */
  autocorrelation: number;
  autocorrelationP: number;
  /** Wald–Wolfowitz runs above and below the median. */
  runsP: number;
  /** Kruskal–Wallis between the blocks; null where there are too few blocks to fall back on. */
  blocksP: number | null;
  rejected: boolean;
}

/**
 * Lag-1 autocorrelation, taken of the ranks so that one slow row does not decide (Wald & Wolfowitz 1943; mean
 * −1/(n − 1), variance about 1/n), and the runs test (Wald & Wolfowitz, "On a test whether two samples are from the
 * same population", 1940). Two-sided. Rows may also resemble
 * those of their block without following each other: a third test asks whether blocks differ. null below
 * INDEPENDENCE_MIN_N or when all values are equal.
 * @param blocks values by block.
 */
export function independence(
  values: ArrayLike<number>,
  blocks: readonly ArrayLike<number>[] = [],
): IndependenceTest | null {
  if (values.length < INDEPENDENCE_MIN_N) return null;
  const autocorrelation = lagOne(ranksOf(values));
  const runsP = runsTest(values);
  if (autocorrelation === null || runsP === null) return null;
  const n = values.length;
  const autocorrelationP = twoSided((autocorrelation + 1 / (n - 1)) * Math.sqrt(n));
  const blocksP = blocks.length < MIN_BLOCKS ? null : (kruskalWallis(blocks)?.p ?? null);
  const rejected =
    Math.min(autocorrelationP, runsP) < INDEPENDENCE_ALPHA / 2 || (blocksP !== null && blocksP < BLOCKS_ALPHA);
  return { autocorrelation, autocorrelationP, runsP, blocksP, rejected };
}

function twoSided(z: number): number {
  return 2 * normalCdf(-Math.abs(z));
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
