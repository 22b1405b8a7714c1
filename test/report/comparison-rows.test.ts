// Comparisons and diagnostics of a summary as the rows of the report, and the sentences that say what they rest on.
import { describe, expect, it } from 'vitest';
import type { CellSummary, Comparison, Estimate, Summary } from '../../src/generated/summary.js';
import { comparisons } from '../../src/report/comparison-rows.js';
import { diagnosticRows, stratumRows } from '../../src/report/diagnostic-rows.js';
import { estimateText } from '../../src/report/estimate-text.js';

const METHOD = 'exact order statistics (block medians)';

function estimate(value: number, low: number, high: number, attained?: number): Estimate {
  const ci = { low, high, level: 0.95, method: METHOD, ...(attained === undefined ? {} : { attained }) };
  return { value, n: 100, units: 10, no_ci: null, ci };
}

const COMPARISON: Comparison = {
  kind: 'baseline',
  cell: 'slow',
  base: 'fast',
  metric: 'client_us',
  cell_median: estimate(12_000, 11_800, 12_300),
  base_median: estimate(10_000, 9_900, 10_200),
  difference: estimate(2_000, 1_700, 2_300),
  ratio: estimate(1.2, 1.17, 1.23),
  shift: estimate(1_990, 1_700, 2_300),
  cliffs_delta: estimate(0.9, 0.8, 0.95),
  p: 0.00001,
  p_adjusted: 0.00004,
  compared: 4,
  group_p: null,
  threshold: 0.05,
  margin: 0.05,
  verdict: 'slower',
  reason: 'by 20 %',
  smallest_effect: 0.031,
};

function cell(id: string, change: Partial<CellSummary> = {}): CellSummary {
  return {
    cell: id,
    label: `label of ${id}`,
    factors: {},
    status: 'complete',
    reason: null,
    attempts: { counted: 100, warmup: 0, discarded: 0, interrupted: 0 },
    outcomes: { ok: 100, failed: 0, timed_out: 0, throttled: 0, invalid_output: 0 },
    start_observed: {},
    blocks: 10,
    sandboxes: 10,
    failure_rate: estimate(0, 0, 0.04),
    metrics: { client_us: { n: 100 } as NonNullable<CellSummary['metrics'][string]> },
    tukey_outliers: { mild: 3, severe: 1 },
    ...change,
  };
}

function summary(change: Partial<Summary>): Summary {
  return { cells: [cell('fast'), cell('slow')], comparisons: [COMPARISON], noise_floor: null, ...change } as Summary;
}

describe('comparisons', () => {
  it('are absent where the suite compares nothing', () => {
    expect(comparisons(summary({ comparisons: [] }))).toBeNull();
  });

  it('name both cells, the verdict with its reason, and the number that p was adjusted for', () => {
    const rows = comparisons(summary({}))?.rows ?? [];
    expect(rows).toMatchObject([
      {
        at: 1,
        label: 'label of slow',
        base: 'label of fast',
        kind: 'baseline',
        verdict: 'slower',
        reason: 'by 20 %',
        p: '< 0.0001, after Holm over 4: < 0.0001',
        smallest: '3.10 %',
      },
    ]);
    expect(rows[0]?.ratio.full).toContain('1.20 [1.17, 1.23]');
  });

  it('say what was not tested, and what noise they must exceed', () => {
    const copy = { ...COMPARISON, kind: 'control', p: null, p_adjusted: null, smallest_effect: null } as const;
    const found = comparisons(summary({ comparisons: [copy], noise_floor: { share: 0.012, controls: 1 } }));
    expect(found?.rows).toMatchObject([{ kind: 'A/A copy', p: 'not tested', smallest: 'unknown' }]);
    expect(found?.sentences.join(' ')).toContain('1 A/A copy of cells differ from what they copy by up to 1.20 %');
    expect(comparisons(summary({}))?.sentences.join(' ')).toContain('the noise floor of this run is not known');
  });
});

describe('diagnostics', () => {
  it('put tests into words, and say why one was not made', () => {
    const [plain] = diagnosticRows([cell('plain')]);
    expect(plain).toMatchObject({
      independence: 'not tested: too few rows, or all alike',
      drift: 'not tested: fewer than 10 blocks, or all alike',
      skew: 'one request at a time',
      outliers: '4 by Tukey (1 severe), unknown by MAD',
    });
  });

  it('flag rows that depend on each other and cells that drift', () => {
    const [row] = diagnosticRows([
      cell('odd', {
        independence: {
          n: 100,
          autocorrelation: 0.5,
          autocorrelation_p: 0.0001,
          runs_p: 0.02,
          blocks_p: null,
          rejected: true,
        },
        stationarity: {
          n: 10,
          trend_tau: 0.8,
          trend_p: 0.0004,
          trend_change: 0.3,
          step_p: 0.01,
          step_after: 5,
          step_before_us: 10_000,
          step_after_us: 13_000,
          flagged: true,
        },
        barrier_skew: { batches: 20, p50_us: 40, max_us: 310 },
        mad_outliers: 2,
      }),
    ]);
    expect(row?.independence).toMatch(
      /^rows depend on each other: intervals rest on blocks \(autocorrelation 0\.50, p < 0\.001/,
    );
    expect(row?.drift).toMatch(/no single truth.*30 % of the median.*10 ms up to block 5, 13 ms after it/);
    expect(row?.skew).toBe('p50 40 µs, at most 310 µs in 20 batches');
    expect([row?.rejected, row?.flagged]).toEqual([1, 1]);
  });

  it('leave out cells in which nothing was measured, and list strata with how many there are', () => {
    expect(diagnosticRows([cell('none', { metrics: {} })])).toEqual([]);
    const strata = [{ by: 'cpu_model', level: 'EPYC', n: 60, client_us_p50: 1_200, of: 2 }] as const;
    expect(stratumRows([cell('two', { strata: [...strata] })])).toMatchObject([
      { at: 0, by: 'CPU model (of 2)', level: 'EPYC', n: '60', median: '1.20 ms' },
    ]);
  });
});

it('an interval of a kind that held the truth less often than it says tells so', () => {
  expect(estimateText(estimate(5, 4, 6, 0.9), 'us').detail).toContain('held the truth in at least 90 % of simulations');
  expect(estimateText(estimate(5, 4, 6, 0.97), 'us').detail).not.toContain('simulations');
});
