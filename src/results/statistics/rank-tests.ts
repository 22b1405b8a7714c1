// Tests by ranks, for comparisons (methodology D7, D20, D23). Comes in: values of independent units; goes out: two-sided
// p-values, exact where samples are small and without ties. Infinite values (timed-out attempts) tie at the top. Pure.
import { binomialCdf, chiSquareTail, normalCdf } from './distributions.js';
import { ranksOf } from './order.js';

/** Up to this many pairs of values the exact distribution is counted. */
const MAX_EXACT_PAIRS = 2_500;
/** Up to this many differences the exact distribution is counted. */
const MAX_EXACT_DIFFERENCES = 60;

export interface RankTest {
  /** Sum of ranks, or of signs, in excess of its least value. */
  statistic: number;
  p: number;
}

/**
 * H. B. Mann & D. R. Whitney, "On a test of whether one of two random variables is stochastically larger than the
 * other", The Annals of Mathematical Statistics 18 (1947); ties corrected, continuity corrected. U counts the pairs in
 * which `a` is larger. null: a sample is empty.
 */
export function mannWhitney(a: ArrayLike<number>, b: ArrayLike<number>): RankTest | null {
  const [n, m] = [a.length, b.length];
  if (n === 0 || m === 0) return null;
  const ranks = ranksOf(Float64Array.from([...Array.from(a), ...Array.from(b)]));
  const u = ranks.subarray(0, n).reduce((sum, rank) => sum + rank, 0) - (n * (n + 1)) / 2;
  const ties = tieSum(ranks);
  if (ties === 0 && n * m <= MAX_EXACT_PAIRS) return { statistic: u, p: exactTwoSided(rankSumCounts(n, m), u) };
  const total = n + m;
  const variance = ((n * m) / 12) * (total + 1 - ties / (total * (total - 1)));
  return { statistic: u, p: normalTwoSided(u - (n * m) / 2, variance) };
}

/**
 * W. H. Kruskal & W. A. Wallis, "Use of ranks in one-criterion variance analysis", JASA 47 (1952); ties corrected, p by
 * the chi-square distribution. null: fewer than two groups with values.
 */
export function kruskalWallis(groups: readonly ArrayLike<number>[]): RankTest | null {
  const filled = groups.filter((group) => group.length > 0);
  if (filled.length < 2) return null;
  const ranks = ranksOf(Float64Array.from(filled.flatMap((group) => Array.from(group))));
  const n = ranks.length;
  let from = 0;
  let between = 0;
  for (const group of filled) {
    const sum = ranks.subarray(from, from + group.length).reduce((total, rank) => total + rank, 0);
    between += sum ** 2 / group.length;
    from += group.length;
  }
  const correction = 1 - tieSum(ranks) / (n ** 3 - n);
  if (correction <= 0) return { statistic: 0, p: 1 };
  const h = ((12 / (n * (n + 1))) * between - 3 * (n + 1)) / correction;
  return { statistic: h, p: chiSquareTail(h, filled.length - 1) };
}

/**
 * Signed ranks: F. Wilcoxon, "Individual comparisons by ranking methods", Biometrics Bulletin 1 (1945). Differences of
 * zero are left out. null: no other difference.
 */
export function wilcoxonSigned(differences: ArrayLike<number>): RankTest | null {
  const nonzero = Float64Array.from(Array.from(differences).filter((value) => value !== 0));
  const n = nonzero.length;
  if (n === 0) return null;
  const ranks = ranksOf(nonzero.map(Math.abs));
  const positive = ranks.reduce((sum, rank, index) => sum + ((nonzero[index] ?? 0) > 0 ? rank : 0), 0);
  const ties = tieSum(ranks);
  if (ties === 0 && n <= MAX_EXACT_DIFFERENCES)
    return { statistic: positive, p: exactTwoSided(signedRankCounts(n), positive) };
  const variance = (n * (n + 1) * (2 * n + 1)) / 24 - ties / 48;
  return { statistic: positive, p: normalTwoSided(positive - (n * (n + 1)) / 4, variance) };
}

/** How many differences are positive, against a fair coin; zeros are left out. null: no other difference. */
export function signTest(differences: ArrayLike<number>): RankTest | null {
  const signs = Array.from(differences, Math.sign).filter((sign) => sign !== 0);
  if (signs.length === 0) return null;
  const positive = signs.filter((sign) => sign > 0).length;
  const fewer = Math.min(positive, signs.length - positive);
  return { statistic: positive, p: Math.min(1, 2 * binomialCdf(fewer, signs.length, 0.5)) };
}

/**
 * p-values adjusted for their number: S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian
 * Journal of Statistics 6 (1979). In the order given; their family-wise error is at most what they are held against.
 */
export function holm(values: readonly number[]): number[] {
  const order = values.map((_value, index) => index).sort((a, b) => (values[a] ?? 1) - (values[b] ?? 1));
  const adjusted = values.map(() => 1);
  let least = 0;
  order.forEach((index, place) => {
    least = Math.max(least, Math.min(1, (values[index] ?? 1) * (values.length - place)));
    adjusted[index] = least;
  });
  return adjusted;
}

/** Sum of t³ − t over groups of t equal ranks. */
function tieSum(ranks: Float64Array): number {
  const sorted = Float64Array.from(ranks).sort();
  let sum = 0;
  for (let from = 0; from < sorted.length; ) {
    let to = from;
    while (to < sorted.length && sorted[to] === sorted[from]) to += 1;
    sum += (to - from) ** 3 - (to - from);
    from = to;
  }
  return sum;
}

/** How many arrangements give each value of U, as probabilities: the recursion of Mann & Whitney, one value at a time. */
export function rankSumCounts(n: number, m: number): Float64Array {
  // Coefficients of the Gaussian binomial: multiplied by (1 − q^(m+i)), divided by (1 − q^i), for i = 1 … n.
  const counts = new Float64Array(n * m + 1);
  counts[0] = 1;
  for (let i = 1; i <= n; i += 1) {
    for (let u = n * m; u >= m + i; u -= 1) counts[u] = (counts[u] ?? 0) - (counts[u - m - i] ?? 0);
    for (let u = i; u <= n * m; u += 1) counts[u] = (counts[u] ?? 0) + (counts[u - i] ?? 0);
  }
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => count / total);
}

/** The same for the sum of positive ranks of n differences: each rank is added or not. */
function signedRankCounts(n: number): Float64Array {
  const counts = new Float64Array((n * (n + 1)) / 2 + 1);
  counts[0] = 1;
  for (let rank = 1; rank <= n; rank += 1) {
    for (let sum = counts.length - 1; sum >= 0; sum -= 1)
      counts[sum] = ((counts[sum] ?? 0) + (sum >= rank ? (counts[sum - rank] ?? 0) : 0)) / 2;
  }
  return counts;
}

function exactTwoSided(probabilities: Float64Array, statistic: number): number {
  const below = probabilities.subarray(0, statistic + 1).reduce((sum, value) => sum + value, 0);
  const above = probabilities.subarray(statistic).reduce((sum, value) => sum + value, 0);
  return Math.min(1, 2 * Math.min(below, above));
}

function normalTwoSided(excess: number, variance: number): number {
  if (variance <= 0) return 1;
  return Math.min(1, 2 * normalCdf(-Math.max(0, Math.abs(excess) - 0.5) / Math.sqrt(variance)));
}
