// Stage 5, report. Cells of a summary and the name of a metric in; one row per cell out, as a table for a terminal, as
// records for programs, and as CSV: n, median with interval, percentiles, CV, share of cold starts, failures. Pure.
import { UsageError } from '../errors.js';
import type { CellSummary, MetricSummary } from '../generated/summary.js';
import { formatCount, formatShare } from '../units.js';
import { csvText } from './csv.js';
import { estimateText, plainText, quantityOf } from './estimate-text.js';
import { plainLine } from './plain-line.js';
import { type TextColumn, textTable } from './text-table.js';

type Estimate = MetricSummary['p50'];

export interface StatisticsRow {
  cell: string;
  label: string;
  status: CellSummary['status'];
  reason: string | null;
  factors: CellSummary['factors'];
  n: number;
  /** Timed-out attempts that enter as lower bounds. */
  censored: number;
  p50: Estimate | null;
  p90: Estimate | null;
  p95: Estimate | null;
  p99: Estimate | null;
  mean: Estimate | null;
  max: number | null;
  cv: number | null;
  /** Of counted attempts whose start was observed; null when none was. */
  cold_share: number | null;
  failed: number;
  counted: number;
  failure_rate: Estimate;
}

const COLD = ['forced-cold', 'natural-cold'];

const SORTS: Readonly<Record<string, (row: StatisticsRow) => string | number | null>> = {
  cell: ({ label }) => label,
  n: ({ n }) => n,
  p50: ({ p50 }) => p50?.value ?? null,
  p90: ({ p90 }) => p90?.value ?? null,
  p95: ({ p95 }) => p95?.value ?? null,
  p99: ({ p99 }) => p99?.value ?? null,
  mean: ({ mean }) => mean?.value ?? null,
  max: ({ max }) => max,
  cv: ({ cv }) => cv,
  cold: (row) => row.cold_share,
  failed: ({ failure_rate }) => failure_rate.value,
};
export const SORT_COLUMNS = Object.keys(SORTS);

export function statisticsRows(cells: readonly CellSummary[], metric: string): StatisticsRow[] {
  const known = [...new Set(cells.flatMap((cell) => Object.keys(cell.metrics)))];
  if (known.length > 0 && !known.includes(metric))
    throw new UsageError(`no cell has the metric '${metric}'`, { hint: `metrics of this run: ${known.join(', ')}` });
  return cells.map((cell) => rowOf(cell, cell.metrics[metric]));
}

/** What is unknown comes last, whichever way it is sorted; equal rows stay in the order of the plan. */
export function sortRows(rows: readonly StatisticsRow[], column: string, reverse: boolean): StatisticsRow[] {
  const key = SORTS[column];
  if (key === undefined)
    throw new UsageError(`there is no column '${column}' to sort by`, { hint: SORT_COLUMNS.join(', ') });
  const sign = reverse ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [left, right] = [key(a), key(b)];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    return left < right ? -sign : left > right ? sign : 0;
  });
}

function rowOf(cell: CellSummary, metric: MetricSummary | undefined): StatisticsRow {
  const observed = Object.entries(cell.start_observed);
  const starts = sum(observed.map(([, count]) => count));
  const cold = sum(observed.filter(([start]) => COLD.includes(start)).map(([, count]) => count));
  return {
    cell: cell.cell,
    label: cell.label,
    status: cell.status,
    reason: cell.reason,
    factors: cell.factors,
    n: metric?.n ?? 0,
    censored: metric?.censored ?? 0,
    p50: metric?.p50 ?? null,
    p90: metric?.p90 ?? null,
    p95: metric?.p95 ?? null,
    p99: metric?.p99 ?? null,
    mean: metric?.mean ?? null,
    max: metric?.max ?? null,
    cv: metric?.cv ?? null,
    cold_share: starts === 0 ? null : cold / starts,
    failed: sum(Object.values(cell.outcomes)) - cell.outcomes.ok,
    counted: cell.attempts.counted,
    failure_rate: cell.failure_rate,
  };
}

export function statisticsText(rows: readonly StatisticsRow[], metric: string, ciLevel: number, width: number): string {
  const quantity = quantityOf(metric);
  const quantile = (estimate: Estimate | null) =>
    estimate === null || estimate.value === null ? 'unknown' : estimateText(estimate, quantity).value;
  const median = (estimate: Estimate | null) => {
    if (estimate === null || estimate.value === null) return 'unknown';
    const { value, interval } = estimateText(estimate, quantity);
    return `${value} ${interval ?? '(no CI)'}`;
  };
  const columns: TextColumn[] = [
    { title: 'cell', align: 'left', values: rows.map(({ label }) => label) },
    { title: 'n', align: 'right', values: rows.map(({ n }) => formatCount(n)) },
    { title: `p50 [${formatShare(ciLevel)} CI]`, align: 'left', values: rows.map(({ p50 }) => median(p50)) },
    { title: 'p95', align: 'right', values: rows.map(({ p95 }) => quantile(p95)) },
    { title: 'p99', align: 'right', values: rows.map(({ p99 }) => quantile(p99)) },
    { title: 'failed', align: 'right', values: rows.map(failedText) },
    { title: 'cold', align: 'right', values: rows.map((row) => shareText(row.cold_share)) },
    { title: 'CV', align: 'right', values: rows.map(({ cv }) => (cv === null ? 'unknown' : cv.toFixed(2))) },
    { title: 'p90', align: 'right', values: rows.map(({ p90 }) => quantile(p90)) },
    { title: 'max', align: 'right', values: rows.map(({ max }) => plainText(max, quantity)) },
    { title: 'status', align: 'left', values: rows.map(({ status }) => status) },
  ];
  return textTable(
    columns.map((column) => ({ ...column, values: column.values.map(plainLine) })),
    width,
  ).join('\n');
}

/** One row per cell; every estimate with its interval, the method, or why there is none. */
export function statisticsCsv(rows: readonly StatisticsRow[], metric: string): string {
  return csvText(
    rows.map((row) => ({
      cell: row.cell,
      label: row.label,
      ...row.factors,
      status: row.status,
      reason: row.reason,
      metric,
      n: row.n,
      censored: row.censored,
      ...flat('p50', row.p50),
      ...flat('p90', row.p90),
      ...flat('p95', row.p95),
      ...flat('p99', row.p99),
      ...flat('mean', row.mean),
      max: row.max,
      cv: row.cv,
      cold_share: row.cold_share,
      counted: row.counted,
      failed: row.failed,
      ...flat('failure_rate', row.failure_rate),
    })),
  );
}

function flat(name: string, estimate: Estimate | null): Record<string, string | number | null> {
  return {
    [name]: estimate?.value ?? null,
    [`${name}_low`]: estimate?.ci?.low ?? null,
    [`${name}_high`]: estimate?.ci?.high ?? null,
    [`${name}_method`]: estimate?.ci?.method ?? null,
    [`${name}_no_ci`]: estimate?.no_ci ?? null,
    [`${name}_at_least`]: estimate?.at_least === true ? 1 : null,
  };
}

function failedText({ failed, counted }: StatisticsRow): string {
  return failed === 0 ? '0' : `${formatCount(failed)} of ${formatCount(counted)}`;
}

function shareText(share: number | null): string {
  return share === null ? 'unknown' : formatShare(share);
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
