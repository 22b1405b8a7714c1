// Tests by ranks, effect sizes and verdicts (methodology D7, D21 to D24): against figures that SciPy 1.17 gives, by
// slower code, and by how often they speak where nothing differs.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomFor } from '../../../src/random.js';
import { comparePairs, type Pair } from '../../../src/results/statistics/compare.js';
import { chiSquareTail, fisherQuantile } from '../../../src/results/statistics/distributions.js';
import { cliffsDelta, hodgesLehmann } from '../../../src/results/statistics/effect-size.js';
import { quantile } from '../../../src/results/statistics/quantile.js';
import {
  holm,
  kruskalWallis,
  mannWhitney,
  rankSumCounts,
  signTest,
  wilcoxonSigned,
} from '../../../src/results/statistics/rank-tests.js';
import type { Sample } from '../../../src/results/statistics/sample.js';

const A = [12.1, 15.3, 9.8, 20.4, 11.7, 18.2, 16.6];
const B = [8.2, 7.7, 13.9, 10.1, 6.5, 9.2];
const TIED_A = [1, 2, 2, 3, 5, 5, 7, 9];
const TIED_B = [2, 3, 3, 4, 5, 8, 9, 9, 10];

describe('tests by ranks give what SciPy gives', () => {
  test('Mann–Whitney, exact and with ties', () => {
    expect(mannWhitney(A, B)).toEqual({ statistic: 38, p: expect.closeTo(0.013986013986013986, 12) });
    expect(mannWhitney(TIED_A, TIED_B)).toEqual({ statistic: 24, p: expect.closeTo(0.2637382477150918, 10) });
    expect(mannWhitney([], B)).toBeNull();
  });

  test('Kruskal–Wallis', () => {
    const groups = [
      [2.9, 3.0, 2.5, 2.6, 3.2],
      [3.8, 2.7, 4.0, 2.4],
      [2.8, 3.4, 3.7, 2.2, 2.0],
    ];
    expect(kruskalWallis(groups)?.p).toBeCloseTo(0.6799647735788936, 10);
    expect(kruskalWallis([TIED_A, TIED_B, [1, 1, 2, 5]])?.p).toBeCloseTo(0.08983859186360849, 10);
    expect(kruskalWallis([[1, 1], [1], [1, 1, 1]])?.p).toBe(1);
  });

  test('Wilcoxon’s signed ranks, and signs', () => {
    const differences = [0.952, -0.147, 1.022, 0.43, 0.62, 0.59, 0.49, -0.08, 0.01];
    expect(wilcoxonSigned(differences)?.p).toBeCloseTo(0.0390625, 12);
    expect(signTest(differences)?.p).toBeCloseTo(0.1796875, 12);
    expect([wilcoxonSigned([0, 0]), signTest([0])]).toEqual([null, null]);
  });

  test('the distributions they rest on', () => {
    expect(chiSquareTail(3.84145882069412, 1)).toBeCloseTo(0.05, 12);
    expect(chiSquareTail(0.5, 3)).toBeCloseTo(0.9188914116546758, 12);
    expect(chiSquareTail(60, 20)).toBeCloseTo(7.121750862815593e-6, 15);
    expect(fisherQuantile(0.1, 9, 190)).toBeCloseTo(0.4597399201023632, 9);
    expect(fisherQuantile(0.95, 3, 10)).toBeCloseTo(3.7082648190468435, 8);
    // Mann & Whitney 1947, table for n = m = 3: 1, 1, 2, 3, 3, 3, 3, 2, 1, 1 of 20.
    expect([...rankSumCounts(3, 3)].map((share) => Math.round(share * 20))).toEqual([1, 1, 2, 3, 3, 3, 3, 2, 1, 1]);
  });

  test('Holm’s adjustment, by hand', () => {
    expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02]);
    expect(holm([])).toEqual([]);
  });
});

describe('effect sizes', () => {
  test('are the median of all differences, with the ranks of Mann and Whitney’s table', () => {
    // Critical U of 7 and 6 at 5 % is 6: the interval runs from the 7th difference to the 7th from above.
    const measured = hodgesLehmann(A, B, 0.95);
    expect(measured?.value).toBeCloseTo(5.4, 10);
    expect([measured?.low, measured?.high].map((end) => Number(end?.toFixed(9)))).toEqual([1.6, 10.3]);
    expect(cliffsDelta(A, B, 0.95)?.value).toBeCloseTo(34 / 42, 12);
  });

  test('agree with listing every pair, whatever the values', () => {
    const values = fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 4, maxLength: 60, size: 'max' });
    const property = fc.property(values, values, (a, b) => {
      const differences = a.flatMap((one) => b.map((other) => one - other)).sort((x, y) => x - y);
      const shift = hodgesLehmann(a, b, 0.95);
      if (shift !== null) {
        expect(shift.value).toBeCloseTo(quantile(differences, 0.5), 9);
        expect(differences).toContain(shift.low);
        expect(shift.low).toBeLessThanOrEqual(shift.value);
        expect(shift.high).toBeGreaterThanOrEqual(shift.value);
      }
      const delta = cliffsDelta(a, b, 0.95);
      const expected = differences.reduce((sum, one) => sum + Math.sign(one), 0) / differences.length;
      expect(delta?.value).toBeCloseTo(expected, 12);
      expect(delta?.low).toBeLessThanOrEqual(expected + 1e-12);
      expect(delta?.high).toBeGreaterThanOrEqual(expected - 1e-12);
    });
    fc.assert(property, { numRuns: 200 });
  });

  test('of infinite values are none for the shift and ties for Cliff', () => {
    expect(hodgesLehmann([1, 2, 3, 4, 5, Number.POSITIVE_INFINITY], [1, 2, 3, 4, 5], 0.9)).toBeNull();
    expect(cliffsDelta([1, Infinity], [2, Infinity], 0.95)?.value).toBe(-1 / 4);
  });
});

const RULES = { alpha: 0.05, threshold: 0.05, noiseFloor: null };

function cell(centre: number, label: string, spread = 0.1, blocks = 10): Sample {
  const random = randomFor(11, label);
  const draw = () =>
    centre * Math.exp(spread * Math.sqrt(-2 * Math.log(1 - random.unit())) * Math.cos(2 * Math.PI * random.unit()));
  const values = Float64Array.from({ length: blocks * 6 }, draw);
  return {
    values,
    censored: new Uint8Array(values.length),
    blockOf: Uint32Array.from(values, (_value, row) => Math.floor(row / 6)),
    blocks,
    rowsIndependent: false,
  };
}

function pair(change: number, label: string, group = 'base', base = cell(10_000, `${group} base`)): Pair {
  return {
    cell: cell(10_000 * change, label),
    base,
    group,
    options: { level: 0.95, resamples: 400, random: randomFor(3, label) },
  };
}

describe('a verdict', () => {
  test('is slower or faster where it differs, with the number of comparisons in the reason', () => {
    const results = comparePairs([pair(1.5, 'a', 'g'), pair(0.6, 'b', 'h')], RULES);
    expect(results.map(({ verdict }) => verdict)).toEqual(['slower', 'faster']);
    expect(results[0]?.reason).toMatch(/^p = .* after Holm, 2 compared/);
    expect(results[0]).toMatchObject({ groupP: null, shift: { no_ci: null }, cliffsDelta: { value: 1 } });
    expect(results[0]?.smallestEffect).toBeGreaterThan(0);
    expect(results[0]?.smallestEffect).toBeLessThan(0.5);
  });

  test('is equivalent where the whole interval lies within the margin', () => {
    const [same] = comparePairs(
      [{ ...pair(1, 'e'), cell: cell(10_000, 'x', 0.01), base: cell(10_000, 'y', 0.01) }],
      RULES,
    );
    expect(same).toMatchObject({ verdict: 'equivalent', reason: 'the 90 % interval of the ratio lies within 5 %' });
  });

  test('is inconclusive below the noise floor, below the threshold, and where its group does not differ', () => {
    const [noisy] = comparePairs([pair(1.5, 'n')], { ...RULES, noiseFloor: 0.8 });
    expect(noisy).toMatchObject({ verdict: 'inconclusive' });
    expect(noisy?.reason).toContain('not above the noise floor of 80 %');
    const [small] = comparePairs([pair(1.5, 's')], { ...RULES, threshold: 0.9 });
    expect(small?.verdict).not.toBe('slower');
    const group = comparePairs([pair(1, 'k1'), pair(1, 'k2'), pair(1, 'k3')], RULES);
    expect(new Set(group.map(({ groupP }) => groupP)).size).toBe(1);
    expect(group.every(({ groupP }) => groupP !== null)).toBe(true);
  });

  test('says why there is none', () => {
    const empty = {
      ...cell(1, 'none'),
      values: new Float64Array(),
      censored: new Uint8Array(),
      blockOf: new Uint32Array(),
      blocks: 0,
    };
    expect(comparePairs([{ ...pair(1, 'z'), cell: empty }], RULES)[0]).toMatchObject({
      verdict: 'inconclusive',
      reason: 'a median is missing: n = 0',
      p: null,
      pAdjusted: null,
      smallestEffect: null,
    });
  });

  test('of equal cells is wrong in at most one of twenty families', () => {
    let wrong = 0;
    for (let run = 0; run < 100; run += 1) {
      const base = cell(10_000, `alarm ${run}`, 0.4);
      const family = [1, 2, 3].map((one) => ({
        ...pair(1, `${run} ${one}`),
        cell: cell(10_000, `${run} c ${one}`, 0.4),
        base,
      }));
      const verdicts = comparePairs(family, RULES).map(({ verdict }) => verdict);
      if (verdicts.includes('slower') || verdicts.includes('faster')) wrong += 1;
    }
    expect(wrong).toBeLessThanOrEqual(5 + 4 * Math.sqrt(0.05 * 0.95 * 100));
  });
});
