import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomFor } from '../../../src/random.js';
import { quantile, quantileRanks, smallestN } from '../../../src/results/statistics/quantile.js';

const LEVEL = 0.95;

describe('the estimate', () => {
  test('is the seventh definition of Hyndman and Fan, as NumPy computes it', () => {
    const sorted = [1.2, 2.2, 3.1, 4.7, 5.5, 7.3, 9.9];
    const expected = [1.2, 2.65, 4.7, 8.34, 9.12, 9.9];
    const actual = [0, 0.25, 0.5, 0.9, 0.95, 1].map((p) => quantile(sorted, p));
    expected.forEach((value, index) => {
      expect(actual[index]).toBeCloseTo(value, 12);
    });
  });

  test('takes an order statistic as it is where no interpolation is needed', () => {
    const hundredAndOne = Array.from({ length: 101 }, (_, index) => index * 1000);
    expect([0.5, 0.9, 0.95, 0.99].map((p) => quantile(hundredAndOne, p))).toEqual([50_000, 90_000, 95_000, 99_000]);
  });
});

describe('the ranks of the exact interval', () => {
  // Le Boudec's table for the median at 95 % (n, j, k), and SciPy's binomial distribution for the others.
  test.each([
    [6, 0.5, 0.95, 1, 6],
    [10, 0.5, 0.95, 2, 9],
    [20, 0.5, 0.95, 6, 15],
    [30, 0.5, 0.95, 10, 21],
    [50, 0.5, 0.95, 18, 33],
    [70, 0.5, 0.95, 27, 44],
    [100, 0.5, 0.95, 40, 61],
    [50, 0.5, 0.99, 16, 35],
    [36, 0.9, 0.95, 29, 36],
    [100, 0.9, 0.95, 84, 96],
    [72, 0.95, 0.95, 64, 72],
    [200, 0.95, 0.95, 184, 197],
    [368, 0.99, 0.95, 360, 368],
    [1000, 0.99, 0.95, 983, 997],
    [3688, 0.999, 0.95, 3680, 3688],
  ])('of n = %i, p = %f at %f are %i and %i', (n, p, level, low, high) => {
    const ranks = quantileRanks(n, p, level);
    expect(ranks).toMatchObject({ low, high });
    expect(ranks?.coverage).toBeGreaterThanOrEqual(level);
  });

  test.each([
    [0.5, 6],
    [0.9, 36],
    [0.95, 72],
    [0.99, 368],
    [0.999, 3688],
  ])('do not exist for p = %f below n = %i', (p, n) => {
    expect(smallestN(p, LEVEL)).toBe(n);
    expect(quantileRanks(n - 1, p, LEVEL)).toBeNull();
    expect(quantileRanks(n, p, LEVEL)).not.toBeNull();
  });

  const anyCase = [
    fc.integer({ min: 1, max: 5000 }),
    fc.constantFrom(0.05, 0.25, 0.5, 0.9, 0.95, 0.99),
    fc.constantFrom(0.9, 0.95, 0.99),
  ] as const;

  test('hold the estimate between them, cover at least the level, and cannot be narrowed on either side', () => {
    const property = fc.property(...anyCase, (n, p, level) => {
      const ranks = quantileRanks(n, p, level);
      if (ranks === null) return n < smallestN(p, level);
      const position = 1 + (n - 1) * p;
      const narrower = quantileRanks(n, p, Math.max(0.01, level - 0.001));
      return (
        ranks.low <= position &&
        position <= ranks.high &&
        ranks.coverage >= level &&
        narrower !== null &&
        narrower.low >= ranks.low &&
        narrower.high <= ranks.high
      );
    });
    fc.assert(property, { numRuns: 500 });
  });

  test('mirror those of the opposite quantile', () => {
    const property = fc.property(...anyCase, (n, p, level) => {
      const ranks = quantileRanks(n, p, level);
      const mirrored = quantileRanks(n, 1 - p, level);
      if (ranks === null) expect(mirrored).toBeNull();
      else expect(mirrored).toMatchObject({ low: n + 1 - ranks.high, high: n + 1 - ranks.low });
    });
    fc.assert(property, { numRuns: 200 });
  });

  // D42: the attained level of independent draws follows from the binomial law, and simulation must agree with it.
  test.each([
    [60, 0.5],
    [60, 0.9],
    [100, 0.95],
    [400, 0.99],
  ])('of n = %i, p = %f cover the truth as often as they say', (n, p) => {
    const random = randomFor(20, 'coverage', n, p);
    const ranks = quantileRanks(n, p, LEVEL);
    const runs = 4000;
    let hits = 0;
    for (let run = 0; run < runs; run += 1) {
      const draws = Float64Array.from({ length: n }, () => random.unit()).sort();
      if ((draws[(ranks?.low ?? 0) - 1] ?? 1) <= p && p <= (draws[(ranks?.high ?? 0) - 1] ?? 0)) hits += 1;
    }
    const coverage = ranks?.coverage ?? 0;
    const standardError = Math.sqrt((coverage * (1 - coverage)) / runs);
    expect(Math.abs(hits / runs - coverage)).toBeLessThan(4 * standardError);
  });
});

test('quantiles grow with p, scale with the values and stay within them', () => {
  const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 });
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const property = fc.property(values, share, share, (unsorted, p, q) => {
    const sorted = Float64Array.from(unsorted).sort();
    const [low, high] = [quantile(sorted, Math.min(p, q)), quantile(sorted, Math.max(p, q))];
    const slack = 1e-6;
    return (
      low <= high + slack &&
      low >= (sorted[0] ?? 0) - slack &&
      high <= (sorted.at(-1) ?? 0) + slack &&
      Math.abs(
        quantile(
          sorted.map((value) => 3 * value),
          p,
        ) -
          3 * quantile(sorted, p),
      ) < 1e-5
    );
  });
  fc.assert(property);
});
