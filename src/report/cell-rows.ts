// Stage 5, report. The summary's cells in, the rows of the report's tables out: latency, further metrics, cold penalty,
// failures and notes. Every text is final; the page only places it.
import type { Plan } from '../generated/plan.js';
import type { CellSummary, Summary } from '../generated/summary.js';
import { formatCount, formatShare, plural } from '../units.js';
import { type EstimateText, estimateText, plainText, quantityOf } from './estimate-text.js';

export interface CellRow {
  /** The cell's place in the summary. */
  at: number;
  label: string;
  status: string;
  /** Attempts that entered the latency sample and what they come from. */
  n: string;
  from: string;
  sampled: number;
  quantiles: QuantileText[];
  max: string;
  maxRaw: number | null;
  tmr: string;
  tmrRaw: number | null;
  failureRate: EstimateText;
  /** Share of counted attempts whose start was cold by evidence. */
  cold: string;
  coldRaw: number | null;
  starts: string;
}

export interface QuantileText extends EstimateText {
  /** Which quantile: 0.5 is the median. */
  share: number;
}

export interface MetricRow {
  at: number;
  label: string;
  /** In the order of `MetricTable.columns`; null where the metric does not exist. */
  values: (MetricText | null)[];
}

export interface MetricText extends EstimateText {
  column: string;
}

export interface MetricTable {
  columns: string[];
  rows: MetricRow[];
}

export interface PenaltyRow {
  /** The cold cell's place in the summary. */
  at: number;
  label: string;
  cold: EstimateText;
  warm: EstimateText;
  difference: EstimateText;
  ratio: EstimateText;
}

export interface FailureRow {
  at: number;
  label: string;
  role: string;
  kind: string;
  reason: string;
  count: string;
  countRaw: number;
}

export interface UnfinishedRow {
  at: number;
  label: string;
  status: string;
  counted: string;
  reason: string;
}

export interface NoteRow {
  text: string;
  cells: string;
}

/** Names of metrics that readers know by other words. */
const METRIC_NAMES: Readonly<Record<string, string>> = {
  benchmark_us: 'benchmark time',
  create_us: 'create',
  start_us: 'start',
  ready_us: 'ready',
  connect_us: 'connect',
  first_byte_us: 'first byte',
  download_us: 'download',
  import_us: 'import',
  memory_peak_bytes: 'peak memory',
  cpu_user_us: 'CPU, user',
  cpu_system_us: 'CPU, system',
  cost_usd: 'cost of an invocation',
};

const COLD = ['forced-cold', 'natural-cold'];

/** A cell with its place in the summary. */
export interface PlacedCell {
  at: number;
  cell: CellSummary;
}

export function cellRow({ at, cell }: PlacedCell, label: string): CellRow {
  const latency = cell.metrics.client_us;
  const missing: EstimateText = estimateText({ value: null, n: 0, ci: null, no_ci: 'no attempt was measured' }, 'us');
  const shares = [0.5, 0.9, 0.95, 0.99];
  const quantiles = latency === undefined ? [] : [latency.p50, latency.p90, latency.p95, latency.p99];
  const cold = coldShare(cell);
  const censored = latency?.censored ?? 0;
  return {
    at,
    label,
    status: cell.status,
    sampled: latency?.n ?? 0,
    n: formatCount(latency?.n ?? 0) + (censored > 0 ? `, ${censored} as lower bounds` : ''),
    from: `${plural(cell.blocks, 'block')}, ${plural(cell.sandboxes, 'sandbox', 'sandboxes')}`,
    quantiles: shares.map((share, place) => {
      const quantile = quantiles[place];
      return { ...(quantile === undefined ? missing : estimateText(quantile, 'us')), share };
    }),
    max: plainText(latency?.max, 'us'),
    maxRaw: latency?.max ?? null,
    tmr: latency?.tmr === null || latency === undefined ? 'unknown' : latency.tmr.toFixed(2),
    tmrRaw: latency?.tmr ?? null,
    failureRate: estimateText(cell.failure_rate, 'share'),
    cold: cold === null ? 'unknown' : formatShare(cold),
    coldRaw: cold,
    starts: startsText(cell),
  };
}

function coldShare(cell: CellSummary): number | null {
  const counts = Object.entries(cell.start_observed);
  const all = counts.reduce((sum, [, count]) => sum + count, 0);
  const cold = counts.filter(([start]) => COLD.includes(start)).reduce((sum, [, count]) => sum + count, 0);
  return all === 0 ? null : cold / all;
}

function startsText(cell: CellSummary): string {
  const counts = Object.entries(cell.start_observed).filter(([, count]) => count > 0);
  const words = counts.map(([start, count]) => `${formatCount(count)} ${start}`);
  if (cell.attempts.discarded > 0) words.push(`${formatCount(cell.attempts.discarded)} discarded`);
  return words.join(', ');
}

/** More columns than this do not fit on paper. */
const METRICS_PER_TABLE = 8;

/** The median of every metric but client time, in as many tables as paper needs; a metric that no cell has is not there. */
export function metricTables(cells: readonly PlacedCell[], labels: readonly string[]): MetricTable[] {
  const known = Object.keys(METRIC_NAMES);
  const found = [...new Set(cells.flatMap(({ cell }) => Object.keys(cell.metrics)))].filter(
    (name) => name !== 'client_us',
  );
  const columns = [
    ...known.filter((name) => found.includes(name)),
    ...found.filter((name) => !known.includes(name)).sort(),
  ];
  const tables = Math.ceil(columns.length / METRICS_PER_TABLE);
  const width = Math.ceil(columns.length / Math.max(1, tables));
  return Array.from({ length: tables }, (_unused, at) => {
    const own = columns.slice(at * width, (at + 1) * width);
    return metricTable(cells, labels, own);
  });
}

function metricTable(cells: readonly PlacedCell[], labels: readonly string[], columns: readonly string[]): MetricTable {
  return {
    columns: columns.map(metricName),
    rows: cells.map(({ at, cell }, place) => ({
      at,
      label: labels[place] ?? cell.label,
      values: columns.map((column) => {
        const metric = cell.metrics[column];
        return metric === undefined ? null : { ...estimateText(metric.p50, quantityOf(column)), column };
      }),
    })),
  };
}

export function metricName(column: string): string {
  if (METRIC_NAMES[column] !== undefined) return METRIC_NAMES[column];
  const ending = column.endsWith('_us') ? ' time' : column.endsWith('_bytes') ? ' size' : '';
  return `${column
    .replace(/^measurement_/, '')
    .replace(/_(us|bytes)$/, '')
    .replaceAll('_', ' ')}${ending}`;
}

export function penaltyRows(summary: Summary): PenaltyRow[] {
  const places = new Map(summary.cells.map((cell, at) => [cell.cell, { at, label: cell.label }]));
  return summary.penalties.map((penalty) => {
    const quantity = quantityOf(penalty.metric);
    const metric = penalty.metric === 'client_us' ? '' : ` (${metricName(penalty.metric)})`;
    const place = places.get(penalty.cold) ?? { at: -1, label: penalty.cold };
    return {
      at: place.at,
      label: `${place.label}${metric}`,
      cold: estimateText(penalty.cold_median, quantity),
      warm: estimateText(penalty.warm_median, quantity),
      difference: estimateText(penalty.difference, quantity),
      ratio: estimateText(penalty.ratio, 'plain'),
    };
  });
}

export function failureRows(cells: readonly CellSummary[]): FailureRow[] {
  return cells.flatMap((cell, at) =>
    (cell.failures ?? []).map(({ role, kind, reason, count }) => ({
      at,
      label: cell.label,
      role,
      kind,
      reason,
      count: formatCount(count),
      countRaw: count,
    })),
  );
}

export function unfinishedRows(cells: readonly CellSummary[], plan: Plan): UnfinishedRow[] {
  const planned = new Map(plan.cells.map((cell) => [cell.id, cell.repetitions]));
  return cells
    .map((cell, at) => ({ at, cell }))
    .filter(({ cell }) => cell.status !== 'complete')
    .map(({ at, cell }) => {
      const repetitions = planned.get(cell.cell);
      const of = repetitions === undefined ? '' : `, planned ${plural(repetitions.min, 'repetition')}`;
      return {
        at,
        label: cell.label,
        status: cell.status,
        counted: `${formatCount(cell.attempts.counted)} counted${of}`,
        reason: cell.reason ?? 'no reason recorded',
      };
    });
}

/** What the statistics have to say of cells; the same words about several cells are said once. */
export function noteRows(cells: readonly CellSummary[]): NoteRow[] {
  const byText = new Map<string, string[]>();
  for (const cell of cells)
    for (const note of cell.notes ?? []) byText.set(note, [...(byText.get(note) ?? []), cell.label]);
  return [...byText].map(([text, labels]) => ({ text, cells: labelsText(labels, cells.length) }));
}

function labelsText(labels: readonly string[], all: number): string {
  if (labels.length === all && all > 1) return 'all cells';
  const shown = labels.slice(0, 8).join('; ');
  return labels.length > 8 ? `${shown}; and ${labels.length - 8} more` : shown;
}
