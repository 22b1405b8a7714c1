// Stage 5, report. The summary's cells in, what their samples are like out: whether rows depend on each other, whether the
// cell drifts, how far requests of a batch were released apart, and by what they were served (methodology D9, D10, D15,
// D16, D18). Every text is final.
import type { CellSummary, Independence, Stationarity, Stratum } from '../generated/summary.js';
import { formatCount, formatShare, formatUs, plural } from '../units.js';

export interface DiagnosticRow {
  at: number;
  label: string;
  independence: string;
  /** By which the table sorts: what is rejected first. */
  rejected: number;
  drift: string;
  flagged: number;
  skew: string;
  skewRaw: number | null;
  outliers: string;
  outliersRaw: number | null;
}

export interface StratumRow {
  at: number;
  label: string;
  by: string;
  level: string;
  n: string;
  nRaw: number;
  median: string;
  medianRaw: number;
}

const STRATA: Readonly<Record<Stratum['by'], string>> = {
  cpu_model: 'CPU model',
  deployment: 'deployment',
  sandbox_id: 'sandbox',
};

export function diagnosticRows(cells: readonly CellSummary[]): DiagnosticRow[] {
  return cells.flatMap((cell, at) => ((cell.metrics.client_us?.n ?? 0) === 0 ? [] : [diagnosticRow(cell, at)]));
}

function diagnosticRow(cell: CellSummary, at: number): DiagnosticRow {
  const { independence = null, stationarity = null, barrier_skew: skew = null, mad_outliers: mad = null } = cell;
  const tukey = cell.tukey_outliers;
  return {
    at,
    label: cell.label,
    independence: independenceText(independence),
    rejected: independence?.rejected === true ? 1 : 0,
    drift: driftText(stationarity),
    flagged: stationarity?.flagged === true ? 1 : 0,
    skew:
      skew === null
        ? 'one request at a time'
        : `p50 ${formatUs(skew.p50_us)}, at most ${formatUs(skew.max_us)} in ${plural(skew.batches, 'batch', 'batches')}`,
    skewRaw: skew?.p50_us ?? null,
    outliers: `${tukey.mild + tukey.severe} by Tukey (${tukey.severe} severe), ${mad === null ? 'unknown' : formatCount(mad)} by MAD`,
    outliersRaw: tukey.mild + tukey.severe,
  };
}

function independenceText(tests: Independence | null): string {
  if (tests === null) return 'not tested: too few rows, or all alike';
  const blocks = tests.blocks_p === null ? '' : `, blocks alike p ${probability(tests.blocks_p)}`;
  const found = tests.rejected ? 'rows depend on each other: intervals rest on blocks' : 'nothing speaks against it';
  return `${found} (autocorrelation ${tests.autocorrelation.toFixed(2)}, p ${probability(tests.autocorrelation_p)}; runs p ${probability(tests.runs_p)}${blocks})`;
}

function driftText(tests: Stationarity | null): string {
  if (tests === null) return 'not tested: fewer than 10 blocks, or all alike';
  const trend = `trend p ${probability(tests.trend_p)}`;
  const step = `step p ${probability(tests.step_p)}`;
  if (!tests.flagged) return `none found (${trend}, ${step})`;
  const change = tests.trend_change === null ? '' : `; ${formatShare(tests.trend_change)} of the median over the run`;
  const sides =
    tests.step_before_us === null || tests.step_after_us === null
      ? ''
      : `; ${formatUs(tests.step_before_us)} up to block ${tests.step_after}, ${formatUs(tests.step_after_us)} after it`;
  return `the cell may have no single truth (${trend}${change}; ${step}${sides})`;
}

function probability(p: number): string {
  return p < 0.001 ? '< 0.001' : `= ${p.toPrecision(2)}`;
}

/** By CPU model and deployment all, by sandbox those that are listed; none where one of a kind served everything. */
export function stratumRows(cells: readonly CellSummary[]): StratumRow[] {
  return cells.flatMap((cell, at) =>
    (cell.strata ?? []).map(({ by, level, n, client_us_p50: median, of }) => ({
      at,
      label: cell.label,
      by: `${STRATA[by]} (of ${formatCount(of)})`,
      level,
      n: formatCount(n),
      nRaw: n,
      median: formatUs(median),
      medianRaw: median,
    })),
  );
}
