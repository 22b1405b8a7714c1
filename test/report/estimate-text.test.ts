import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CellSummary } from '../../src/generated/summary.js';
import { drawnEnds, estimateText, plainText, quantityOf } from '../../src/report/estimate-text.js';

type Estimate = CellSummary['failure_rate'];

const METHOD = 'exact order statistics (rows)';

function estimate(value: number, low: number, high: number, more: Partial<Estimate> = {}): Estimate {
  return { value, n: 60, ci: { low, high, level: 0.95, method: METHOD }, no_ci: null, ...more };
}

describe('an estimate in words', () => {
  it('has value and interval in one unit with the same decimals, n and the method', () => {
    expect(estimateText(estimate(12_345, 11_901, 12_799), 'us').full).toBe(
      '12.3 ms [11.9, 12.8], n = 60, exact order statistics (rows)',
    );
    expect(estimateText(estimate(101_800, 99_100, 106_900), 'us').full).toBe(
      '102 ms [99, 107], n = 60, exact order statistics (rows)',
    );
  });

  it('keeps the unit of the value where the interval crosses into another', () => {
    expect(estimateText(estimate(980_000, 940_000, 1_100_000), 'us').full).toBe(
      '980 ms [940, 1100], n = 60, exact order statistics (rows)',
    );
  });

  it('shows as many decimals as a narrow interval needs to be seen', () => {
    expect(estimateText(estimate(384_200, 384_100, 384_300), 'us').interval).toBe('[384.1, 384.3]');
  });

  it('names the independent units when they are not the rows', () => {
    const blocks = { low: 5930, high: 6620, level: 0.95, method: 'exact order statistics (block medians)' };
    expect(estimateText(estimate(6200, 0, 0, { units: 10, ci: blocks }), 'us').full).toBe(
      '6.20 ms [5.93, 6.62], n = 60 in 10 blocks, exact order statistics (block medians)',
    );
  });

  it('says why there is no interval, and n once', () => {
    const none = { value: 7_500, n: 12, ci: null, no_ci: 'n = 12 < 36' };
    expect(estimateText(none, 'us').full).toBe('7.50 ms, no CI: n = 12 < 36');
    expect(estimateText({ ...none, no_ci: '4 blocks < 6' }, 'us').full).toBe('7.50 ms, n = 12, no CI: 4 blocks < 6');
  });

  it('writes a lower bound with ≥ and something unknown as unknown, never as 0', () => {
    const bound = { value: 3_000_000, n: 60, ci: null, no_ci: 'n = 60 < 368', at_least: true };
    expect(estimateText(bound, 'us').full).toBe('≥ 3.00 s, no CI: n = 60 < 368');
    expect(estimateText({ value: null, n: 0, ci: null, no_ci: 'no attempts' }, 'us').full).toBe(
      'unknown, n = 0, no CI: no attempts',
    );
    expect(plainText(null, 'us')).toBe('unknown');
    expect(plainText(undefined, 'bytes')).toBe('unknown');
  });

  it('writes an end that timed-out attempts decide as infinite and says so', () => {
    const ci = { low: 4290, high: null, level: 0.95, method: 'exact order statistics (rows)' };
    expect(estimateText(estimate(7570, 0, 0, { ci }), 'us').full).toBe(
      '7.57 ms [4.29, ∞), n = 60, exact order statistics (rows); no upper end: it lies among the timed-out attempts',
    );
    const base = { ...ci, low: null, high: 9000 };
    expect(estimateText(estimate(7570, 0, 0, { ci: base }), 'us').interval).toBe('(−∞, 9.00]');
    expect([drawnEnds(estimate(7570, 0, 0, { ci })), drawnEnds(estimate(7570, 4290, 9000))]).toMatchObject([
      { low: null, high: null },
      { low: 4290, high: 9000 },
    ]);
  });

  it('does not let a small share look like none', () => {
    const method = 'Clopper–Pearson';
    const share = (value: number, low: number, high: number) =>
      estimateText(estimate(value, low, high, { ci: { low, high, level: 0.95, method } }), 'share').full;
    expect(share(1 / 60, 0.00042, 0.0894)).toBe('1.67 % [0.04, 8.94], n = 60, Clopper–Pearson');
    expect(share(0, 0, 0.0596)).toBe('0.0 % [0.0, 6.0], n = 60, Clopper–Pearson');
  });

  it('never turns the order of low, value and high around by rounding, for any size and unit', () => {
    const amount = fc.double({ min: 1, max: 1e10, noNaN: true });
    fc.assert(
      fc.property(
        amount,
        amount,
        amount,
        fc.constantFrom('us' as const, 'bytes' as const, 'plain' as const),
        (a, b, c, unit) => {
          const [low, value, high] = [a, b, c].sort((x, y) => x - y) as [number, number, number];
          const { value: text, interval } = estimateText(estimate(value, low, high), unit);
          const numbers = [...`${interval} ${text}`.matchAll(/\d+(?:\.(\d+))?/g)];
          const [lowText, highText, valueText] = numbers.map((match) => Number(match[0]));
          expect(numbers).toHaveLength(3);
          expect(new Set(numbers.map((match) => match[1]?.length ?? 0)).size).toBe(1);
          expect(lowText).toBeLessThanOrEqual(valueText ?? Number.NaN);
          expect(valueText).toBeLessThanOrEqual(highText ?? Number.NaN);
        },
      ),
    );
  });
});

describe('money', () => {
  it('is said for a million where a single one costs less than a cent', () => {
    const estimate = { value: 0.00000155833605, n: 60, ci: null, no_ci: 'n = 5 < 6' };
    expect(estimateText(estimate, quantityOf('cost_usd')).value).toBe('1.56 USD per million');
    expect(estimateText({ ...estimate, value: 0.25 }, 'usd').value).toBe('0.250 USD');
  });
});
