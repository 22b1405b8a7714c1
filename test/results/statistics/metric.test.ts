import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Estimate, MetricSummary } from '../../../src/generated/summary.js';
import { randomFor, shuffled } from '../../../src/random.js';
import { bootstrap, clusterMean, clusterQuantile, onceEach } from '../../../src/results/statistics/bootstrap.js';
import { medianPenalty } from '../../../src/results/statistics/contrast.js';
import type { EstimateOptions } from '../../../src/results/statistics/interval.js';
import { estimateMetrics } from '../../../src/results/statistics/metric.js';
import { quantile } from '../../../src/results/statistics/quantile.js';
import type { Sample } from '../../../src/results/statistics/sample.js';

const options = (...label: (string | number)[]): EstimateOptions => ({
  level: 0.95,
  resamples: 1000,
  random: randomFor(1, ...label),
});

function sample(
  values: readonly number[],
  settings: Partial<Pick<Sample, 'rowsIndependent' | 'blocks'>> & { censored?: readonly number[] } = {},
): Sample {
  const { rowsIndependent = true, blocks = 10, censored = [] } = settings;
  return {
    values: Float64Array.from(values),
    censored: Uint8Array.from(values, (_value, row) => (censored.includes(row) ? 1 : 0)),
    blockOf: Uint32Array.from(values, (_value, row) => Math.floor((row * blocks) / values.length)),
    blocks,
    rowsIndependent,
  };
}

function estimate(of: Sample): MetricSummary {
  const summary = estimateMetrics(new Map([['client_us', of]]), options('estimate')).client_us;
  if (summary === undefined) throw new Error('no summary');
  return summary;
}

/** 1000, 1010, 1020, … in random order. */
function scattered(n: number): number[] {
  const values = Array.from({ length: n }, (_, row) => 1000 + row * 10);
  return shuffled(values, randomFor(4, 'scattered', n));
}

describe('a cell with a sandbox for each row', () => {
  test('has exact intervals from its rows where n allows them, and says why not elsewhere', () => {
    const { p50, p90, p95, p99, mean, n } = estimate(sample(scattered(60)));
    expect(n).toBe(60);
    // Ranks 22 and 39 of 60 at 95 %.
    expect(p50).toEqual({
      n: 60,
      units: 60,
      value: 1295,
      no_ci: null,
      ci: { low: 1210, high: 1380, level: 0.95, method: 'exact order statistics (rows)', attained: 0.95 },
    });
    expect(p90.ci).toMatchObject({ method: 'exact order statistics (rows)' });
    expect([p95, p99].map(({ ci, no_ci }) => ({ ci, no_ci }))).toEqual([
      { ci: null, no_ci: 'n = 60 < 72' },
      { ci: null, no_ci: 'n = 60 < 368' },
    ]);
    expect(mean).toMatchObject({ value: 1295, units: 60, ci: null, no_ci: 'n = 60 < 100' });
    expect(estimate(sample(scattered(120))).mean).toMatchObject({
      value: 1595,
      units: 120,
      ci: { method: 'BCa bootstrap (rows), expanded' },
    });
  });

  test('falls back on blocks when its rows follow each other', () => {
    const drifting = Array.from({ length: 60 }, (_, row) => 1000 + row);
    expect(estimate(sample(drifting)).p50.ci?.method).toBe('exact order statistics (block medians)');
  });
});

describe('a cell with several rows per sandbox', () => {
  test('has an interval from its block medians', () => {
    const values = scattered(60);
    const { p50, mean } = estimate(sample(values, { rowsIndependent: false }));
    const medians = Array.from({ length: 10 }, (_, block) =>
      quantile(
        values.slice(block * 6, block * 6 + 6).sort((a, b) => a - b),
        0.5,
      ),
    ).sort((a, b) => a - b);
    expect(p50).toMatchObject({
      value: 1295,
      n: 60,
      units: 10,
      ci: { low: medians[1], high: medians[8], method: 'exact order statistics (block medians)' },
    });
    expect(mean).toMatchObject({ units: 10, no_ci: 'n = 60 < 100' });
    expect(estimate(sample(scattered(120), { rowsIndependent: false })).mean.ci?.method).toBe(
      'BCa cluster bootstrap (blocks), expanded',
    );
  });

  test('has none from five blocks', () => {
    const { p50, mean } = estimate(sample(scattered(120), { rowsIndependent: false, blocks: 5 }));
    expect([p50.no_ci, mean.no_ci]).toEqual(['5 blocks < 6', '5 blocks < 6']);
  });

  test('has a tail interval only from enough rows and ten blocks', () => {
    expect(estimate(sample(scattered(30), { rowsIndependent: false })).p90.no_ci).toBe('n = 30 < 36');
    expect(estimate(sample(scattered(60), { rowsIndependent: false, blocks: 9 })).p90.no_ci).toBe('9 blocks < 10');
    const { ci, value } = estimate(sample(scattered(60), { rowsIndependent: false })).p90;
    expect(ci?.method).toBe('order statistics at the effective n (blocks)');
    expect(ci?.low).toBeLessThanOrEqual(value ?? Number.NaN);
    expect(ci?.high).toBeGreaterThanOrEqual(value ?? Number.NaN);
  });

  test('has no interval of the mean when a few values decide it', () => {
    const heavy = Array.from({ length: 200 }, (_, row) => 1000 / (((row * 77) % 200) + 1) ** 0.6);
    expect(estimate(sample(heavy, { rowsIndependent: false })).mean).toMatchObject({
      ci: null,
      no_ci: 'a few large values decide the mean: its tail is too heavy',
    });
  });

  test('has no tail interval when the rows of a block are alike', () => {
    const alike = Array.from({ length: 100 }, (_, row) => 1000 * Math.floor(row / 10) + (row % 10));
    expect(estimate(sample(alike, { rowsIndependent: false })).p90.no_ci).toBe(
      'effective n = 10 < 36: rows of a block may resemble each other',
    );
  });
});

describe('timed-out attempts', () => {
  const TIMEOUT = 3_000_000;
  const values = [...scattered(98), TIMEOUT, TIMEOUT];
  const CENSORED_OF_400 = [98, 99, 198, 199, 298, 299, 398, 399];
  const summary = estimate(sample(values, { censored: [98, 99] }));

  test('leave the mean unknown', () => {
    expect(summary).toMatchObject({
      n: 100,
      censored: 2,
      sd: null,
      cv: null,
      tmr: null,
      mean: { value: null, ci: null, no_ci: 'unknown: 2 timed-out attempts are known only as a lower bound' },
    });
  });

  test('shift quantiles below them and bound those above', () => {
    expect(summary.p50).toMatchObject({ at_least: false, value: 1495 });
    expect(summary.p95).toMatchObject({ at_least: false });
    expect(summary.p99).toMatchObject({ at_least: true, value: TIMEOUT, ci: null });
    expect(estimate(sample([...values, ...values, ...values, ...values], { censored: CENSORED_OF_400 })).p99).toEqual({
      n: 400,
      units: 400,
      value: TIMEOUT,
      at_least: true,
      no_ci: null,
      ci: { low: 1970, high: null, level: 0.95, method: 'exact order statistics (rows)', attained: 0.95 },
    });
  });

  test('are no upper end of an interval', () => {
    // Of n = 100 the 95 % interval of p95 ends at rank 99, which timed out.
    expect(summary.p95).toMatchObject({ ci: { low: 1890, high: null }, no_ci: null });
    expect(summary.p90.ci?.high).toBeLessThan(TIMEOUT);
  });

  test('may be all there is', () => {
    const all = estimate(sample([TIMEOUT, TIMEOUT, TIMEOUT], { censored: [0, 1, 2] }));
    expect(all.p50).toMatchObject({ value: TIMEOUT, at_least: true });
  });
});

test('a metric that was never seen has no value anywhere', () => {
  const none: Estimate = { value: null, n: 0, units: 0, ci: null, no_ci: 'n = 0' };
  expect(estimate(sample([]))).toEqual({
    n: 0,
    min: null,
    max: null,
    mean: none,
    sd: null,
    cv: null,
    p50: none,
    p90: none,
    p95: none,
    p99: none,
    tmr: null,
  });
});

test('p99.9 appears from the n at which it can have an interval', () => {
  expect(estimate(sample(scattered(3687))).p999).toBeUndefined();
  expect(estimate(sample(scattered(3688))).p999?.ci?.method).toBe('exact order statistics (rows)');
});

describe('whatever the values', () => {
  const anySample = fc
    .tuple(
      fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 1, maxLength: 120 }),
      fc.boolean(),
      fc.integer({ min: 1, max: 12 }),
    )
    .map(([values, rowsIndependent, blocks]) =>
      sample(values, { rowsIndependent, blocks: Math.min(blocks, values.length) }),
    );

  function estimates({ mean, p50, p90, p95, p99 }: MetricSummary): Estimate[] {
    return [mean, p50, p90, p95, p99];
  }

  test('an estimate has an interval that holds it, or a reason', () => {
    const property = fc.property(anySample, (one) => {
      for (const { value, ci, no_ci } of estimates(estimate(one))) {
        expect((ci === null) !== (no_ci === null)).toBe(true);
        if (ci === null || value === null) continue;
        expect(ci.low).toBeLessThanOrEqual(value);
        expect(ci.high).toBeGreaterThanOrEqual(value);
      }
    });
    fc.assert(property, { numRuns: 60 });
  });

  test('twice the values are twice the estimates and intervals', () => {
    const property = fc.property(anySample, (one) => {
      const twice = estimates(estimate({ ...one, values: one.values.map((value) => 2 * value) }));
      estimates(estimate(one)).forEach((single, index) => {
        const double = twice[index];
        expect(double?.value).toBeCloseTo(2 * (single.value ?? 0), 4);
        expect(double?.no_ci).toBe(single.no_ci);
        if (single.ci !== null) expect(double?.ci?.high).toBeCloseTo(2 * (single.ci.high ?? Number.NaN), 4);
      });
    });
    fc.assert(property, { numRuns: 40 });
  });

  test('quantiles grow, and the order of the rows of a block changes no quantile', () => {
    const property = fc.property(anySample, fc.integer(), (one, seed) => {
      const { p50, p90, p95, p99, max } = estimate({ ...one, rowsIndependent: false });
      const ladder = [p50.value, p90.value, p95.value, p99.value, max].map(Number);
      expect(ladder).toEqual([...ladder].sort((a, b) => a - b));
      const random = randomFor(seed, 'permutation');
      const order = Array.from(one.values, (_value, row) => row).sort(
        (a, b) => (one.blockOf[a] ?? 0) - (one.blockOf[b] ?? 0) || random.unit() - 0.5,
      );
      const permuted = estimate({
        ...one,
        rowsIndependent: false,
        values: Float64Array.from(order, (row) => one.values[row] ?? 0),
      });
      expect([permuted.p50, permuted.p90, permuted.p95]).toEqual([p50, p90, p95]);
    });
    fc.assert(property, { numRuns: 40 });
  });
});

describe('a resample', () => {
  test('of a quantile is the quantile of the rows it drew', () => {
    const rows = fc.array(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 6 })), {
      minLength: 1,
      maxLength: 150,
    });
    const weights = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 7, maxLength: 7 });
    const property = fc.property(rows, weights, fc.constantFrom(0.1, 0.5, 0.9, 0.95, 0.99, 1), (pairs, drawn, p) => {
      const sorted = [...pairs].sort(([a], [b]) => a - b);
      const statistic = clusterQuantile(
        { values: sorted.map(([value]) => value), unitOf: sorted.map(([, unit]) => unit) },
        7,
        p,
      );
      const written = sorted.flatMap(([value, unit]) => Array.from({ length: drawn[unit] ?? 0 }, () => value));
      const actual = statistic(Uint16Array.from(drawn));
      if (written.length === 0) expect(actual).toBeNaN();
      else expect(actual).toBeCloseTo(quantile(written, p), 9);
    });
    fc.assert(property, { numRuns: 500 });
  });

  test('draws as many units as there are', () => {
    const [drawn] = bootstrap(7, 50, randomFor(5, 'units'), [
      (weights) => weights.reduce((total, weight) => total + weight, 0),
    ]);
    expect([...(drawn ?? [])]).toEqual(Array.from({ length: 50 }, () => 7));
  });

  test('of every unit once is the mean of all rows', () => {
    expect(clusterMean([1, 2, 6, 11], [0, 0, 1, 2], 3)(onceEach(3))).toBe(5);
  });
});

describe('the cold penalty', () => {
  test('is the difference and the ratio of the medians, with the warm one as base', () => {
    const warm = sample(scattered(60), { rowsIndependent: false });
    const cold = sample(scattered(60).map((value) => value + 50_000));
    const { difference, ratio } = medianPenalty(cold, warm, options('penalty'));
    expect(difference).toMatchObject({
      value: 50_000,
      n: 120,
      units: 10,
      ci: { method: 'bootstrap of medians (cold: rows, warm: blocks), expanded percentile' },
    });
    expect(ratio.value).toBeCloseTo(51_295 / 1295, 12);
    for (const { ci, value } of [difference, ratio]) {
      expect(ci?.low).toBeLessThan(value ?? Number.NaN);
      expect(ci?.high).toBeGreaterThan(value ?? Number.NaN);
    }
  });

  test('is unknown when the warm median is, and lacks the end that hangs on timed-out attempts', () => {
    const warm = sample(scattered(60), { rowsIndependent: false });
    const timedOut = Array.from({ length: 40 }, (_, row) => row);
    const mostly = sample(
      Array.from({ length: 60 }, (_, row) => (row < 40 ? 3_000_000 : 50_000)),
      { censored: timedOut },
    );
    expect(medianPenalty(mostly, warm, options('a')).difference).toMatchObject({
      value: 3_000_000 - 1295,
      at_least: true,
      no_ci: null,
      ci: { high: null },
    });
    expect(medianPenalty(warm, mostly, options('a')).difference).toMatchObject({
      value: null,
      no_ci: 'the warm median lies among the timed-out attempts',
    });
    expect(medianPenalty(sample([]), warm, options('b')).ratio).toMatchObject({
      value: null,
      no_ci: 'a median is missing: n = 0',
    });
    const nearly = sample(
      Array.from({ length: 60 }, (_, row) => (row % 15 < 7 ? 3_000_000 : 50_000)),
      { censored: Array.from({ length: 60 }, (_, row) => row).filter((row) => row % 15 < 7) },
    );
    const { difference, ratio } = medianPenalty(nearly, warm, options('c'));
    for (const { ci } of [difference, ratio]) expect(ci).toMatchObject({ low: expect.any(Number), high: null });
    const turned = medianPenalty(warm, nearly, options('c'));
    for (const { ci } of [turned.difference, turned.ratio]) {
      expect(ci).toMatchObject({ low: null, high: expect.any(Number) });
    }
    expect(medianPenalty(sample(scattered(5)), warm, options('d')).difference.no_ci).toBe('n = 5 < 6');
  });
});
