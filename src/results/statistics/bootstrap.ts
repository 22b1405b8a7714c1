// The bootstrap over independent units. Comes in: units (blocks, or rows where each had a sandbox of its own), what to
// compute from a resample, and a seeded generator; goes out: the resampled values and intervals from them. Pure.
//
// A resample draws as many units as there are, with replacement, whole units always: rows inside one are correlated
// (methodology D14, D16). A unit's weight is how often it was drawn; statistics are functions of the weights, so that
// all statistics of a cell share the same draws.
import type { Random } from '../../random.js';
import { normalCdf, normalQuantile, studentQuantile } from './distributions.js';
import { mean } from './moments.js';
import { type Between, interpolate, quantile, quantilePosition, theLower } from './quantile.js';

/** How often each unit was drawn. NaN as a result means: this resample holds no value of the statistic. */
export type Statistic = (weights: Uint16Array) => number;

/** One array of resampled values per statistic, in the order drawn. */
export function bootstrap(
  units: number,
  resamples: number,
  random: Random,
  statistics: readonly Statistic[],
): Float64Array[] {
  const results = statistics.map(() => new Float64Array(resamples));
  const weights = new Uint16Array(units);
  for (let resample = 0; resample < resamples; resample += 1) {
    weights.fill(0);
    for (let draw = 0; draw < units; draw += 1) {
      const unit = Math.floor(random.unit() * units);
      weights[unit] = (weights[unit] ?? 0) + 1;
    }
    statistics.forEach((statistic, index) => {
      const values = results[index];
      if (values !== undefined) values[resample] = statistic(weights);
    });
  }
  return results;
}

/** Weights that take every unit once: a statistic of them is the estimate itself. */
export function onceEach(units: number): Uint16Array {
  return new Uint16Array(units).fill(1);
}

/** Mean over all rows, by the sum and the number of rows of each unit. */
export function clusterMean(values: ArrayLike<number>, unitOf: ArrayLike<number>, units: number): Statistic {
  const sums = new Float64Array(units);
  const counts = new Float64Array(units);
  for (let row = 0; row < values.length; row += 1) {
    const unit = unitOf[row] ?? 0;
    sums[unit] = (sums[unit] ?? 0) + (values[row] ?? 0);
    counts[unit] = (counts[unit] ?? 0) + 1;
  }
  return (weights) => {
    let total = 0;
    let rows = 0;
    for (let unit = 0; unit < units; unit += 1) {
      const weight = weights[unit] ?? 0;
      total += weight * (sums[unit] ?? 0);
      rows += weight * (counts[unit] ?? 0);
    }
    return rows === 0 ? Number.NaN : total / rows;
  };
}

/** Values in ascending order, and the unit of each. */
export interface Ordered {
  values: ArrayLike<number>;
  unitOf: ArrayLike<number>;
}

/** Rows between two checkpoints of the rank table: memory rows × units / this, and at most so many steps to walk. */
const STRIDE = 32;

/**
 * The p-quantile over all rows, as quantile() defines it. A table of how many rows of each unit lie below every
 * STRIDE-th value makes a resample cost units × log(rows) instead of a sort.
 * @param sorted ascending, perhaps with infinite values at its end. @param unitOf unit of each row, in the same order.
 */
export function clusterQuantile(
  { values: sorted, unitOf }: Ordered,
  units: number,
  p: number,
  between: Between = interpolate,
): Statistic {
  const checkpoints = Math.floor(sorted.length / STRIDE);
  const below = new Uint32Array((checkpoints + 1) * units);
  const running = new Uint32Array(units);
  for (let row = 0; row < sorted.length; row += 1) {
    if (row % STRIDE === 0) below.set(running, (row / STRIDE) * units);
    const unit = unitOf[row] ?? 0;
    running[unit] = (running[unit] ?? 0) + 1;
  }
  if (sorted.length % STRIDE === 0) below.set(running, checkpoints * units);
  const weighted = (counts: Uint32Array, offset: number, weights: Uint16Array): number => {
    let total = 0;
    for (let unit = 0; unit < units; unit += 1) total += (weights[unit] ?? 0) * (counts[offset + unit] ?? 0);
    return total;
  };
  return (weights) => {
    const n = weighted(running, 0, weights);
    if (n === 0) return Number.NaN;
    const position = quantilePosition(n, p);
    let low = 0;
    let high = checkpoints;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (weighted(below, middle * units, weights) < position.below) low = middle;
      else high = middle - 1;
    }
    let passed = weighted(below, low * units, weights);
    let row = low * STRIDE;
    while (row < sorted.length) {
      passed += weights[unitOf[row] ?? 0] ?? 0;
      if (passed >= position.below) break;
      row += 1;
    }
    const lower = sorted[row] ?? Number.NaN;
    if (position.weight === 0 || passed >= position.above) return lower;
    do row += 1;
    while (row < sorted.length && weights[unitOf[row] ?? 0] === 0);
    return between(lower, sorted[row] ?? lower, position.weight);
  };
}

/**
 * The level at which to read the resamples so that the interval is as wide as Student's t makes it for few units:
 * resampling n units understates the spread by √((n − 1)/n) and ignores that it was estimated. T. C. Hesterberg, "What
 * Teachers Should Know About the Bootstrap", The American Statistician 69 (2015), section 4.3 (expanded percentile).
 * With ten units the unexpanded interval covers about 88 % where 95 % is asked (docs/methodology.md, D42).
 */
export function expandedLevel(units: number, level: number): number {
  if (units < 2) return 1;
  const t = studentQuantile((1 + level) / 2, units - 1) * Math.sqrt(units / (units - 1));
  return 1 - 2 * normalCdf(-t);
}

/** The ends of an interval; an infinite one is no end. */
export interface Ends {
  low: number;
  high: number;
}

/** What resamples are at least and at most: one array where all they hold is known, two where some is a bound. */
export interface Resampled {
  low: Float64Array;
  high: Float64Array;
}

/** Of one array, which is both, or of two. */
export function lowAndHigh([low = new Float64Array(), high = low]: readonly Float64Array[]): Resampled {
  return { low, high };
}

/**
 * Percentile interval: B. Efron & R. J. Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13. Its lower end
 * is read from what the resamples are at least, its upper end from what they are at most, which may be infinite; no end
 * mixes a bound with a value. null: resamples without a value.
 */
export function percentileInterval({ low, high }: Resampled, level: number): Ends | null {
  const lows = numbersSorted(low);
  const highs = low === high ? lows : numbersSorted(high);
  if (lows === null || highs === null) return null;
  return {
    low: quantile(lows, (1 - level) / 2, low === high ? interpolate : theLower),
    high: quantile(highs, (1 + level) / 2),
  };
}

/**
 * BCa interval, corrected for bias and skewness: B. Efron, "Better Bootstrap Confidence Intervals", JASA 82 (1987);
 * the acceleration by the jackknife over units. null: no spread between units, or resamples without a finite value.
 */
export function bcaInterval(resampled: Float64Array, statistic: Statistic, units: number, level: number): Ends | null {
  const sorted = numbersSorted(resampled);
  if (sorted === null || !Number.isFinite(sorted[0]) || !Number.isFinite(sorted.at(-1))) return null;
  const estimate = statistic(onceEach(units));
  const below = resampled.filter((value) => value < estimate).length;
  const equal = resampled.filter((value) => value === estimate).length;
  const share = (below + equal / 2) / resampled.length;
  if (share <= 0 || share >= 1) return null;
  const bias = normalQuantile(share);
  const acceleration = jackknifeAcceleration(statistic, units);
  const corrected = (probability: number): number => {
    const z = bias + normalQuantile(probability);
    return normalCdf(bias + z / (1 - acceleration * z));
  };
  return { low: quantile(sorted, corrected((1 - level) / 2)), high: quantile(sorted, corrected((1 + level) / 2)) };
}

/** Skewness of the leave-one-unit-out estimates, divided by six. */
function jackknifeAcceleration(statistic: Statistic, units: number): number {
  const weights = onceEach(units);
  const without = Float64Array.from(weights, (_weight, unit) => {
    weights[unit] = 0;
    const value = statistic(weights);
    weights[unit] = 1;
    return value;
  }).filter(Number.isFinite);
  const centre = mean(without) ?? 0;
  let squares = 0;
  let cubes = 0;
  for (const value of without) {
    squares += (centre - value) ** 2;
    cubes += (centre - value) ** 3;
  }
  return squares === 0 ? 0 : cubes / (6 * squares ** 1.5);
}

function numbersSorted(resampled: Float64Array): Float64Array | null {
  return resampled.length > 0 && !resampled.some(Number.isNaN) ? Float64Array.from(resampled).sort() : null;
}
