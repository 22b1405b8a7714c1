// Stage 5, report. Comparisons of the summary in, rows of the report's table out: cells against their baselines, A/A
// copies against what they copy, and in one sentence the noise that claims must exceed (methodology D7, D21 to D24).
import type { CellSummary, Comparison, Summary } from '../generated/summary.js';
import { formatShare, plural } from '../units.js';
import { type EstimateText, estimateText } from './estimate-text.js';

export interface ComparisonRow {
  /** The cell's place in the summary. */
  at: number;
  label: string;
  base: string;
  kind: 'baseline' | 'A/A copy';
  verdict: string;
  reason: string;
  baseMedian: EstimateText;
  median: EstimateText;
  ratio: EstimateText;
  shift: EstimateText;
  delta: EstimateText;
  /** "0.003, after Holm over 4: 0.012" */
  p: string;
  pRaw: number | null;
  /** Smallest change that would have been found in four of five repetitions. */
  smallest: string;
  smallestRaw: number | null;
}

export interface Comparisons {
  rows: ComparisonRow[];
  /** What the comparisons rest on, in sentences. */
  sentences: string[];
}

/** Null: the suite compares nothing. */
export function comparisons(summary: Summary): Comparisons | null {
  if (summary.comparisons.length === 0) return null;
  const places = new Map(summary.cells.map((cell, at) => [cell.cell, { at, cell }]));
  const rows = summary.comparisons.flatMap((one): ComparisonRow[] => {
    const [own, base] = [places.get(one.cell), places.get(one.base)];
    return own === undefined || base === undefined ? [] : [rowOf(one, own.at, own.cell, base.cell)];
  });
  return { rows, sentences: [...rules(summary), noise(summary)] };
}

function rowOf(one: Comparison, at: number, cell: CellSummary, base: CellSummary): ComparisonRow {
  return {
    at,
    label: cell.label,
    base: base.label,
    kind: one.kind === 'control' ? 'A/A copy' : 'baseline',
    verdict: one.verdict,
    reason: one.reason,
    baseMedian: estimateText(one.base_median, 'us'),
    median: estimateText(one.cell_median, 'us'),
    ratio: estimateText(one.ratio, 'plain'),
    shift: estimateText(one.shift, 'us'),
    delta: estimateText(one.cliffs_delta, 'plain'),
    p: pText(one),
    pRaw: one.p_adjusted ?? one.p,
    smallest: one.smallest_effect === null ? 'unknown' : formatShare(one.smallest_effect),
    smallestRaw: one.smallest_effect,
  };
}

function pText({ p, p_adjusted: adjusted, compared }: Comparison): string {
  if (p === null) return 'not tested';
  return adjusted === null || compared < 2
    ? probability(p)
    : `${probability(p)}, after Holm over ${compared}: ${probability(adjusted)}`;
}

/** Below a ten-thousandth the digits say nothing. */
function probability(p: number): string {
  return p < 0.0001 ? '< 0.0001' : p.toPrecision(2);
}

function rules({ comparisons: [first] }: Summary): string[] {
  if (first === undefined) return [];
  const { threshold, margin } = first;
  return [
    `A cell is called faster or slower when the test rejects, its interval excludes no change, and the change exceeds ${formatShare(threshold)}; equivalent when the interval of the ratio lies within ${formatShare(margin)}; else inconclusive.`,
  ];
}

function noise({ noise_floor: floor }: Summary): string {
  if (floor === null) return 'No cell was measured twice (control: true), so the noise floor of this run is not known.';
  return `${plural(floor.controls, 'A/A copy', 'A/A copies')} of cells differ from what they copy by up to ${formatShare(floor.share)}: no smaller change is claimed.`;
}
