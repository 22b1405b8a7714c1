// A cell against a base (methodology D7, D21 to D24). Comes in: pairs of samples, the settings of the comparison and the
// noise floor; goes out: for each pair its effect sizes with intervals, the p-value adjusted for the number of pairs, and
// a verdict in one word with the reason. The samples may come from one run or from two. Pure.
//
// A verdict needs three things: the test rejects after adjustment, the interval of the ratio leaves 1 out, and the ratio
// is as far from 1 as matters. "Equivalent" needs the whole interval within the margin; all else is inconclusive.
import type { Estimate } from '../../generated/summary.js';
import { medianContrast } from './contrast.js';
import { normalQuantile } from './distributions.js';
import { cliffsDelta, hodgesLehmann, type Measured } from './effect-size.js';
import type { EstimateOptions } from './interval.js';
import { holm, kruskalWallis, mannWhitney } from './rank-tests.js';
import { independentValues, type Sample } from './sample.js';

export interface Pair {
  cell: Sample;
  base: Sample;
  /** Draws of its own. */
  options: EstimateOptions;
  /** Pairs with the same base: more than two groups are first asked whether any differs (D7). */
  group: string;
}

export interface Rules {
  /** Family-wise, 0.05. */
  alpha: number;
  /** Smallest change of the median that matters, as a share: 0.05. Also the margin of equivalence (D22). */
  threshold: number;
  /** Largest change seen between a cell and its own copy (D21); null: none was measured. */
  noiseFloor: number | null;
}

export type Verdict = 'faster' | 'slower' | 'equivalent' | 'inconclusive';

export interface PairResult {
  ratio: Estimate;
  difference: Estimate;
  /** Hodges–Lehmann. */
  shift: Estimate;
  cliffsDelta: Estimate;
  /** Mann–Whitney; null where a side has no values. */
  p: number | null;
  pAdjusted: number | null;
  /** Kruskal–Wallis over all groups of the same base, where there are more than two. */
  groupP: number | null;
  verdict: Verdict;
  reason: string;
  /** Smallest change of the median that would have been found in four of five repetitions, as a share. */
  smallestEffect: number | null;
}

export function comparePairs(pairs: readonly Pair[], rules: Rules): PairResult[] {
  const measured = pairs.map((pair) => measure(pair, rules));
  const tested = measured.flatMap(({ p }, index) => (p === null ? [] : [index]));
  const adjusted = holm(tested.map((index) => measured[index]?.p ?? 1));
  const groups = groupTests(pairs);
  return measured.map(({ within, ...result }, index) => {
    const place = tested.indexOf(index);
    const pAdjusted = place < 0 ? null : (adjusted[place] ?? null);
    const groupP = groups.get(pairs[index]?.group ?? '') ?? null;
    const smallestEffect = smallestEffectOf(result.ratio, rules.alpha / Math.max(1, tested.length));
    const known = { ...result, pAdjusted, groupP, smallestEffect };
    return { ...known, ...judge(known, within, rules, tested.length) };
  });
}

type Measurements = Pick<PairResult, 'ratio' | 'difference' | 'shift' | 'cliffsDelta' | 'p'> & {
  /** Whether the interval at 1 − 2α, which is two one-sided tests at α, lies within the margin. */
  within: boolean;
};

function measure({ cell, base, options }: Pair, { alpha, threshold }: Rules): Measurements {
  const { ratio, difference, ratioAt } = medianContrast(cell, base, { cell: 'cell', base: 'base' }, options);
  const { values, baseValues, units } = unitValues(cell, base);
  const shared = { n: cell.values.length + base.values.length, units: Math.min(values.length, baseValues.length) };
  const ends = ratioAt(1 - 2 * alpha);
  const estimate = (measured: Measured | null, method: string, missing: string): Estimate =>
    measured === null
      ? { ...shared, value: null, ci: null, no_ci: missing }
      : {
          ...shared,
          value: measured.value,
          ci: { low: measured.low, high: measured.high, level: options.level, method: `${method} (${units})` },
          no_ci: null,
        };
  const timedOut = [...values, ...baseValues].includes(Infinity);
  return {
    ratio,
    difference,
    shift: estimate(
      hodgesLehmann(values, baseValues, options.level),
      'Hodges–Lehmann shift, inverted rank test',
      timedOut ? 'timed-out attempts have no difference' : `too few ${units}`,
    ),
    cliffsDelta: estimate(
      cliffsDelta(values, baseValues, options.level),
      'Cliff’s delta, asymmetric interval',
      `too few ${units}`,
    ),
    p: mannWhitney(values, baseValues)?.p ?? null,
    within: ends !== null && ends.low >= 1 / (1 + threshold) && ends.high <= 1 + threshold,
  };
}

/** What the tests take for independent: rows where both sides have independent rows, else the median of each block. */
function unitValues(cell: Sample, base: Sample): { values: Float64Array; baseValues: Float64Array; units: string } {
  const [first, second] = [independentValues(cell, false), independentValues(base, false)];
  if (first.kind === 'rows' && second.kind === 'rows') {
    return { values: first.values, baseValues: second.values, units: 'rows' };
  }
  return {
    values: independentValues(cell, true).values,
    baseValues: independentValues(base, true).values,
    units: 'block medians',
  };
}

/** p of Kruskal–Wallis by group of more than two samples: the base and every cell compared with it. */
function groupTests(pairs: readonly Pair[]): Map<string, number> {
  const members = new Map<string, Set<Sample>>();
  for (const { group, cell, base } of pairs) {
    members.set(group, (members.get(group) ?? new Set([base])).add(cell));
  }
  const tests = new Map<string, number>();
  for (const [group, samples] of members) {
    if (samples.size <= 2) continue;
    const all = [...samples];
    const rows = all.every((sample) => independentValues(sample, false).kind === 'rows');
    const p = kruskalWallis(all.map((sample) => independentValues(sample, !rows).values))?.p;
    if (p !== undefined) tests.set(group, p);
  }
  return tests;
}

function judge(
  { ratio, pAdjusted, groupP }: Pick<PairResult, 'ratio' | 'pAdjusted' | 'groupP'>,
  within: boolean,
  { alpha, threshold, noiseFloor }: Rules,
  comparisons: number,
): Pick<PairResult, 'verdict' | 'reason'> {
  const inconclusive = (reason: string) => ({ verdict: 'inconclusive' as const, reason });
  const { value, ci } = ratio;
  if (value === null || ci === null || pAdjusted === null) return inconclusive(ratio.no_ci ?? 'a side has no values');
  if (within) {
    const level = Math.round((1 - 2 * alpha) * 100);
    return {
      verdict: 'equivalent',
      reason: `the ${level} % interval of the ratio lies within ${percent(threshold)}`,
    };
  }
  if (groupP !== null && groupP > alpha) {
    return inconclusive(`no cell of its group differs from the others (Kruskal–Wallis p = ${short(groupP)})`);
  }
  if (pAdjusted > alpha) return inconclusive(`p = ${short(pAdjusted)} after Holm, ${comparisons} compared`);
  if ((ci.low ?? 0) <= 1 && (ci.high ?? Infinity) >= 1) return inconclusive('the interval of the ratio holds 1');
  const change = changeOf(value);
  if (change < threshold) return inconclusive(`the change is less than ${percent(threshold)}, the least that matters`);
  if (noiseFloor !== null && change <= noiseFloor) {
    return inconclusive(`the change is not above the noise floor of ${percent(noiseFloor)}`);
  }
  return {
    verdict: value > 1 ? 'slower' : 'faster',
    reason: `p = ${short(pAdjusted)} after Holm, ${comparisons} compared; the change is at least ${percent(threshold)}`,
  };
}

/** How far a ratio is from 1, the same for twice and for half. */
export function changeOf(ratio: number): number {
  return ratio <= 0 ? Infinity : Math.max(ratio, 1 / ratio) - 1;
}

/** From the width of the interval on the logarithmic scale, for a power of 80 %. */
function smallestEffectOf({ ci }: Estimate, alpha: number): number | null {
  if (ci === null || ci.low === null || ci.high === null || ci.low <= 0) return null;
  const error = Math.log(ci.high / ci.low) / (2 * normalQuantile((1 + ci.level) / 2));
  return Math.exp(error * (normalQuantile(1 - alpha / 2) + normalQuantile(0.8))) - 1;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0).replace(/\.0$/, '')} %`;
}

function short(p: number): string {
  return p < 0.001 ? p.toExponential(1) : p.toFixed(3);
}
