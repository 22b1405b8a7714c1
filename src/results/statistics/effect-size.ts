// How large a difference is (methodology D24). Comes in: values of two cells; goes out: the shift between them and how
// often one exceeds the other, each with an interval. Pure.
import { normalQuantile } from './distributions.js';
import { rankSumCounts } from './rank-tests.js';

export interface Measured {
  value: number;
  low: number;
  high: number;
}

/** Up to this many pairs the rank of the interval comes from the exact distribution. */
const MAX_EXACT_PAIRS = 2_500;

/**
 * The median of all differences a − b, with the interval that inverts the Mann–Whitney test: J. L. Hodges & E. L.
 * Lehmann, "Estimates of location based on rank tests", The Annals of Mathematical Statistics 34 (1963); L. E. Moses
 * (1953). null: a sample is empty, a value is infinite, or there are too few values for an interval.
 */
export function hodgesLehmann(a: ArrayLike<number>, b: ArrayLike<number>, level: number): Measured | null {
  const [first, second] = [Float64Array.from(a).sort(), Float64Array.from(b).sort()];
  const pairs = first.length * second.length;
  if (pairs === 0 || !Number.isFinite(first.at(-1)) || !Number.isFinite(second.at(-1))) return null;
  const rank = lowerRank(first.length, second.length, level);
  if (rank < 1) return null;
  const at = (place: number) => differenceAt(first, second, place);
  const value = (at(Math.ceil(pairs / 2)) + at(Math.floor(pairs / 2) + 1)) / 2;
  return { value, low: at(rank), high: at(pairs + 1 - rank) };
}

/** The largest rank from below that misses with at most half of what the level leaves; 0: none does. */
function lowerRank(n: number, m: number, level: number): number {
  const tail = (1 - level) / 2;
  if (n * m > MAX_EXACT_PAIRS) {
    const spread = normalQuantile(1 - tail) * Math.sqrt((n * m * (n + m + 1)) / 12);
    return Math.floor((n * m) / 2 - spread);
  }
  const probabilities = rankSumCounts(n, m);
  let missed = 0;
  let rank = 0;
  while (rank < probabilities.length && missed + (probabilities[rank] ?? 1) <= tail) {
    missed += probabilities[rank] ?? 0;
    rank += 1;
  }
  return rank;
}

/** The difference of the given rank (from 1) without listing them all: halving its range, counting by two pointers. */
function differenceAt(a: Float64Array, b: Float64Array, rank: number): number {
  let low = (a[0] ?? 0) - (b.at(-1) ?? 0);
  let high = (a.at(-1) ?? 0) - (b[0] ?? 0);
  if (countAtMost(a, b, low) >= rank) return low;
  for (let step = 0; step < 80; step += 1) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) break;
    if (countAtMost(a, b, middle) >= rank) high = middle;
    else low = middle;
  }
  return largestAtMost(a, b, high);
}

/** Pairs with a − b ≤ limit. */
function countAtMost(a: Float64Array, b: Float64Array, limit: number): number {
  let count = 0;
  let from = 0;
  for (const value of a) {
    while (from < b.length && value - (b[from] ?? 0) > limit) from += 1;
    count += b.length - from;
  }
  return count;
}

function largestAtMost(a: Float64Array, b: Float64Array, limit: number): number {
  let largest = -Infinity;
  let from = 0;
  for (const value of a) {
    while (from < b.length && value - (b[from] ?? 0) > limit) from += 1;
    if (from < b.length) largest = Math.max(largest, value - (b[from] ?? 0));
  }
  return largest;
}

/**
 * P(a > b) − P(a < b), from −1 to 1, with the asymmetric interval for independent values: N. Cliff, "Dominance
 * statistics", Psychological Bulletin 114 (1993); D. Feng & N. Cliff, Journal of Modern Applied Statistical Methods 3
 * (2004). Infinite values tie with each other. null: fewer than two values on a side.
 */
export function cliffsDelta(a: ArrayLike<number>, b: ArrayLike<number>, level: number): Measured | null {
  const [n, m] = [a.length, b.length];
  if (n < 2 || m < 2) return null;
  const ofA = dominance(a, b);
  const ofB = dominance(b, a);
  const value = ofA.reduce((sum, one) => sum + one, 0) / n;
  const variance = (dominances: Float64Array, centre: number, count: number) =>
    dominances.reduce((sum, one) => sum + (one - centre) ** 2, 0) / (count - 1);
  // Of the single pairs: their share of ties is what keeps the square below 1.
  const pairs = (1 - value ** 2) / (n * m - 1);
  const spread = variance(ofA, value, n) / n + variance(ofB, -value, m) / m + pairs;
  const z = normalQuantile((1 + level) / 2);
  const s = Math.sqrt(spread);
  const centre = value - value ** 3;
  const width = z * s * Math.sqrt(Math.max(0, 1 - 2 * value ** 2 + value ** 4 + z ** 2 * spread));
  const scale = 1 - value ** 2 + z ** 2 * spread;
  // All of one side beyond the other: nothing varies, and the interval would be a point.
  if (Math.abs(value) === 1) {
    const least = Math.min(n, m);
    const edge = (least - z ** 2) / (least + z ** 2);
    return value > 0 ? { value, low: edge, high: 1 } : { value, low: -1, high: -edge };
  }
  return {
    value,
    low: Math.max(-1, Math.min(value, (centre - width) / scale)),
    high: Math.min(1, Math.max(value, (centre + width) / scale)),
  };
}

/** Of each a: the share of b below it less the share above it. */
function dominance(a: ArrayLike<number>, b: ArrayLike<number>): Float64Array {
  const sorted = Float64Array.from(b).sort();
  return Float64Array.from(a, (value) => {
    const below = placeOf(sorted, (one) => one < value);
    const notAbove = placeOf(sorted, (one) => one <= value);
    return (below - (sorted.length - notAbove)) / sorted.length;
  });
}

function placeOf(sorted: Float64Array, before: (value: number) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (before(sorted[middle] ?? 0)) low = middle + 1;
    else high = middle;
  }
  return low;
}
