import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomFor } from '../../../src/random.js';
import { effectiveSize, unitMedians } from '../../../src/results/statistics/clusters.js';
import { independence } from '../../../src/results/statistics/independence.js';
import { mean, standardDeviation, sum, tukeyOutliers, variation } from '../../../src/results/statistics/moments.js';
import { ranksOf, sortOrder } from '../../../src/results/statistics/order.js';
import { clopperPearson } from '../../../src/results/statistics/proportion.js';

describe('Clopper–Pearson', () => {
  // Published values, recomputed with SciPy 1.17 (binomtest(...).proportion_ci(method='exact')).
  test.each([
    [0, 20, 0.95, 0, 0.16843347098308548],
    [1, 10, 0.95, 0.0025285785444625728, 0.44501611702819543],
    [5, 10, 0.95, 0.1870860284474045, 0.8129139715525955],
    [10, 10, 0.95, 0.6915028921812371, 1],
    [3, 200, 0.95, 0.003104107621555085, 0.043208281917709784],
    [2, 60, 0.99, 0.0017379556873904616, 0.14549496233725864],
  ])('of %i failures in %i at %f is [%f, %f]', (failures, n, level, low, high) => {
    const interval = clopperPearson(failures, n, level);
    expect(interval.low).toBeCloseTo(low, 10);
    expect(interval.high).toBeCloseTo(high, 10);
  });

  test('holds the rate and is mirrored by successes', () => {
    const property = fc.property(
      fc.integer({ min: 1, max: 300 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (n, share) => {
        const failures = Math.round(share * n);
        const interval = clopperPearson(failures, n, 0.95);
        const mirrored = clopperPearson(n - failures, n, 0.95);
        expect(interval.low).toBeLessThanOrEqual(failures / n);
        expect(interval.high).toBeGreaterThanOrEqual(failures / n);
        expect(interval.low).toBeCloseTo(1 - mirrored.high, 9);
      },
    );
    fc.assert(property, { numRuns: 200 });
  });
});

describe('moments', () => {
  test('agree with NumPy', () => {
    const values = [3.1, 4.7, 1.2, 9.9, 5.5, 2.2, 7.3];
    expect(mean(values)).toBeCloseTo(4.842857142857143, 12);
    expect(standardDeviation(values)).toBeCloseTo(3.0374644814697795, 12);
    expect(variation(values)).toBeCloseTo(0.627205055170751, 12);
  });

  test('do not exist where there is nothing to compute them from', () => {
    expect([mean([]), standardDeviation([5]), variation([0, 0])]).toEqual([null, null, null]);
  });

  test('a sum loses nothing to cancellation', () => {
    expect(sum([1e16, 1, -1e16, 1])).toBe(2);
  });
});

test("Tukey's fences label values beyond 1.5 and 3 interquartile ranges", () => {
  // Quartiles 3 and 9, range 6: fences at -6 and 18, -15 and 27.
  const sorted = [-16, -7, 3, 3, 4, 6, 8, 9, 9, 18.5, 28];
  const [lower, upper] = [3, 9];
  expect(upper - lower).toBe(6);
  expect(tukeyOutliers(sorted)).toEqual({ mild: 2, severe: 2 });
  expect(tukeyOutliers([1, 1, 1, 1, 1])).toEqual({ mild: 0, severe: 0 });
});

describe('the order of rows', () => {
  test('is the same for whole numbers, which are packed, and for any others', () => {
    const whole = fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { maxLength: 200 });
    const property = fc.property(whole, (values) => {
      const order = [...sortOrder(values)];
      expect(order).toEqual([...sortOrder(values.map((value) => value + 0.5))]);
      expect(order.map((row) => values[row])).toEqual([...values].sort((a, b) => a - b));
    });
    fc.assert(property);
  });

  test('gives tied values their mean rank', () => {
    expect([...ranksOf([30, 10, 20, 10])]).toEqual([4, 1.5, 3, 1.5]);
  });
});

describe('independence', () => {
  function series(n: number, phi: number, ...label: (string | number)[]): Float64Array {
    const random = randomFor(3, 'series', ...label);
    let last = 0;
    return Float64Array.from({ length: n }, () => {
      last = phi * last + Math.sqrt(1 - phi * phi) * (random.unit() + random.unit() + random.unit() - 1.5);
      return last;
    });
  }

  test('is doubted in about one of a hundred independent series', () => {
    const runs = 2000;
    let rejected = 0;
    for (let run = 0; run < runs; run += 1) if (independence(series(60, 0, run))?.rejected) rejected += 1;
    expect(rejected / runs).toBeLessThan(0.01 + 4 * Math.sqrt((0.01 * 0.99) / runs));
  });

  test('is rejected for rows that follow each other', () => {
    let rejected = 0;
    for (let run = 0; run < 100; run += 1) if (independence(series(100, 0.7, run))?.rejected) rejected += 1;
    expect(rejected).toBeGreaterThan(95);
  });

  test('is rejected for a drift', () => {
    expect(independence(Array.from({ length: 60 }, (_, row) => row))?.rejected).toBe(true);
  });

  test('cannot be judged from few or from equal values', () => {
    expect(independence(series(19, 0))).toBeNull();
    expect(independence(new Float64Array(50))).toBeNull();
  });
});

describe('rows of a block', () => {
  const blockOf = Uint32Array.from({ length: 100 }, (_, row) => Math.floor(row / 10));

  test('that are all alike are worth one row per block', () => {
    expect(effectiveSize(blockOf, blockOf, 10, 0.9)).toBeCloseTo(10, 9);
  });

  test('that resemble each other no more than others are worth as many rows as they are', () => {
    const alternating = Float64Array.from({ length: 100 }, (_, row) => row % 10);
    expect(effectiveSize(alternating, blockOf, 10, 0.9)).toBe(100);
  });

  test('have a median of their own', () => {
    expect([...unitMedians({ values: [1, 2, 3, 4, 50, 60], unitOf: [1, 0, 1, 0, 1, 0] }, 3)]).toEqual([3, 4]);
  });
});
