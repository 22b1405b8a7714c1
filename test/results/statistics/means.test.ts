// Which mean is whose (methodology D3, D4).
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomFor } from '../../../src/random.js';
import {
  geometricMean,
  harmonicMean,
  meanKindOf,
  rates,
  transformedMean,
} from '../../../src/results/statistics/means.js';
import { estimateMetrics } from '../../../src/results/statistics/metric.js';
import { mean } from '../../../src/results/statistics/moments.js';
import type { Sample } from '../../../src/results/statistics/sample.js';

describe('a mean', () => {
  test('of rates is harmonic: the rate of the whole of equal pieces of work', () => {
    // 60 km at 30 km/h and 60 km at 60 km/h are 120 km in 3 h.
    expect(harmonicMean(rates([30, 60]))).toBeCloseTo(40, 12);
    expect([harmonicMean(rates([1, 0])), harmonicMean(rates([]))]).toEqual([null, null]);
  });

  test('of rates is never arithmetic: the compiler refuses it', () => {
    // @ts-expect-error Rates are no array.
    expect(mean(rates([30, 60]))).toBeNaN();
  });

  test('of ratios is geometric: of speed-ups and of their inverses it says the same', () => {
    expect(geometricMean([2, 8])).toBeCloseTo(4, 12);
    const ratios = fc.array(fc.double({ min: 0.01, max: 100, noNaN: true }), { minLength: 1, maxLength: 30 });
    const property = fc.property(ratios, (values) => {
      const inverse = geometricMean(values.map((value) => 1 / value));
      expect((geometricMean(values) ?? 0) * (inverse ?? 0)).toBeCloseTo(1, 9);
    });
    fc.assert(property);
    expect(geometricMean([1, -1])).toBeNull();
  });

  test('lies between the smallest and the largest, harmonic below geometric below arithmetic', () => {
    const positive = fc.array(fc.double({ min: 0.01, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 40 });
    const property = fc.property(positive, (values) => {
      const [h, g, a] = (['harmonic', 'geometric', 'arithmetic'] as const).map(
        (kind) => transformedMean(values, kind) ?? 0,
      );
      const ladder = [Math.min(...values), h, g, a, Math.max(...values)].map(Number);
      for (const [index, value] of ladder.entries()) {
        expect(value).toBeLessThanOrEqual((ladder[index + 1] ?? Infinity) * (1 + 1e-9));
      }
    });
    fc.assert(property);
  });

  test('is told by the name of the column', () => {
    expect(['client_us', 'measurement_upload_bytes_per_s', 'measurement_speedup'].map(meanKindOf)).toEqual([
      'arithmetic',
      'harmonic',
      'geometric',
    ]);
  });
});

describe('the estimate of a rate', () => {
  const random = randomFor(3, 'rates');
  const values = Float64Array.from({ length: 200 }, () => 50 + 20 * random.unit());
  const sample: Sample = {
    values,
    censored: new Uint8Array(200),
    blockOf: Uint32Array.from(values, (_value, row) => Math.floor(row / 20)),
    blocks: 10,
    rowsIndependent: true,
    mean: 'harmonic',
  };
  const estimate = (one: Sample) =>
    estimateMetrics(new Map([['rate', one]]), { level: 0.95, resamples: 500, random: randomFor(4, 'r') }).rate;

  test('is the harmonic mean, its interval around it, and has no spread around the arithmetic one', () => {
    const found = estimate(sample);
    expect(found?.mean.value).toBeCloseTo(harmonicMean(rates(values)) ?? 0, 12);
    expect(found?.mean.ci?.method).toBe('BCa bootstrap (rows), expanded, harmonic mean');
    expect(found?.mean.ci?.low).toBeLessThan(found?.mean.value ?? 0);
    expect(found?.mean.ci?.high).toBeGreaterThan(found?.mean.value ?? Infinity);
    expect([found?.sd, found?.cv, found?.censored]).toEqual([null, null, undefined]);
  });

  test('does not exist where no work was done', () => {
    const found = estimate({ ...sample, values: values.map((value, row) => (row === 7 ? 0 : value)) });
    expect(found?.mean).toMatchObject({ value: null, no_ci: 'no harmonic mean: a value is not above 0' });
  });
});
