// summary.json as a table. Comes in: the summary; goes out: summary.csv, one row per cell, and the meaning of each of
// its columns for schema.json.

import type { CellSummary, Estimate, MetricSummary, Summary } from '../generated/summary.js';
import type { Column } from './columns.js';
import { CELL_COLUMNS } from './columns.js';

type CellValue = string | number | boolean | null | undefined;
type Row = [column: Column, value: CellValue][];

/** @returns the CSV as text and its columns. */
export async function summaryTable(summary: Summary): Promise<{ csv: string; columns: Column[] }> {
  const { stringify } = await import('csv-stringify/sync');
  const rows = summary.cells.map(rowOf);
  const columns = new Map<string, Column>();
  // Every metric that some cell has is a group of columns; the order is that of its first appearance.
  for (const row of rows) for (const [column] of row) if (!columns.has(column.name)) columns.set(column.name, column);
  const ordered = [...columns.values()].sort(byGroup(summary));
  const csv = stringify(
    rows.map((row) => {
      const values = new Map(row.map(([column, value]) => [column.name, value]));
      return ordered.map((column) => csvValue(values.get(column.name)));
    }),
    { header: true, columns: ordered.map((column) => column.name), quoted_string: false },
  );
  return { csv, columns: ordered };
}

/** Metrics in the order of the first cell that has them; columns of one metric stay together. */
function byGroup(summary: Summary): (a: Column, b: Column) => number {
  const metrics = [...new Set(summary.cells.flatMap((cell) => Object.keys(cell.metrics)))];
  const place = (column: Column) => {
    const longest = metrics
      .filter((metric) => column.name.startsWith(`${metric}_`))
      .sort((a, b) => b.length - a.length)[0];
    return longest === undefined || column.source === 'cell' ? -1 : metrics.indexOf(longest);
  };
  return (a, b) => place(a) - place(b);
}

/** Text that a spreadsheet would run as a formula is defused, as in invocations.csv. */
function csvValue(value: CellValue): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'string') return String(value);
  return /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
}

function rowOf(cell: CellSummary): Row {
  return [
    [column('cell', 'string', null, 'Id of the cell.'), cell.cell],
    [column('label', 'string', null, 'The settings in which it differs from the other cells.'), cell.label],
    ...Object.entries(cell.factors).map(([name, value]): Row[number] => [factorColumn(name, value), value]),
    [column('status', 'string', null, 'complete, incomplete, failed, or not reached.'), cell.status],
    [column('reason', 'string', null, 'Why it is not complete.'), cell.reason],
    ...countColumns('attempts', cell.attempts, 'Attempts with the role'),
    ...countColumns('outcome', cell.outcomes, 'Counted attempts with the outcome'),
    [column('blocks', 'integer', null, 'Blocks with counted attempts.'), cell.blocks],
    [column('sandboxes', 'integer', null, 'Sandboxes that served counted attempts.'), cell.sandboxes],
    [
      column('start_disagreements', 'integer', null, 'Attempts whose evidence for the start disagrees.'),
      cell.start_disagreements,
    ],
    ...estimateColumns(
      'failure_rate',
      cell.failure_rate,
      null,
      'Share of counted attempts that failed, timed out, were throttled or answered wrongly',
    ),
    [
      column('outliers_mild', 'integer', null, 'client_us beyond 1.5 interquartile ranges from the quartiles.'),
      cell.tukey_outliers.mild,
    ],
    [
      column('outliers_severe', 'integer', null, 'client_us beyond 3 interquartile ranges from the quartiles.'),
      cell.tukey_outliers.severe,
    ],
    ...Object.entries(cell.metrics).flatMap(([name, metric]) => metricColumns(name, metric)),
    [column('notes', 'string', null, 'What must be known beside the numbers.'), (cell.notes ?? []).join(' ')],
  ];
}

function column(name: string, type: Column['type'], unit: string | null, meaning: string): Column {
  return { name, type, unit, meaning, source: 'record' };
}

function factorColumn(name: string, value: CellValue): Column {
  const known = CELL_COLUMNS.find((one) => one.name === name);
  if (known !== undefined) return known;
  const type = typeof value === 'number' ? 'number' : 'string';
  return {
    name,
    type,
    unit: null,
    meaning: name === 'trigger' ? 'How invocations enter.' : 'Setting of the experiment.',
    source: 'cell',
  };
}

function countColumns(group: string, counts: object, meaning: string): Row {
  return Object.entries(counts).map(([name, count]) => [
    column(`${group}_${name}`, 'integer', null, `${meaning} '${name}'.`),
    count as number,
  ]);
}

function metricColumns(name: string, metric: MetricSummary): Row {
  const unit = /_(us|bytes|mb)$/.exec(name)?.[1] ?? null;
  const plain = (suffix: string, value: CellValue, meaning: string, its: string | null = unit): Row[number] => [
    column(`${name}_${suffix}`, Number.isInteger(value) && suffix === 'n' ? 'integer' : 'number', its, meaning),
    value,
  ];
  return [
    plain('n', metric.n, 'Rows that entered, timed-out ones included.', null),
    plain('censored', metric.censored ?? 0, 'Timed-out attempts among them, which are lower bounds.', null),
    plain('min', metric.min, 'Smallest value.'),
    plain('max', metric.max, 'Largest value; a lower bound when attempts timed out.'),
    ...estimateColumns(`${name}_mean`, metric.mean, unit, 'Arithmetic mean'),
    plain('sd', metric.sd, 'Sample standard deviation (n − 1).'),
    plain('cv', metric.cv, 'sd / mean.', null),
    ...estimateColumns(`${name}_p50`, metric.p50, unit, 'Median'),
    ...estimateColumns(`${name}_p90`, metric.p90, unit, '90th percentile'),
    ...estimateColumns(`${name}_p95`, metric.p95, unit, '95th percentile'),
    ...estimateColumns(`${name}_p99`, metric.p99, unit, '99th percentile'),
    ...(metric.p999 === undefined ? [] : estimateColumns(`${name}_p999`, metric.p999, unit, '99.9th percentile')),
    plain('tmr', metric.tmr, 'p99 / p50, tail to median.', null),
  ];
}

function estimateColumns(name: string, estimate: Estimate, unit: string | null, meaning: string): Row {
  return [
    [column(name, 'number', unit, `${meaning}.`), estimate.value],
    [
      column(`${name}_at_least`, 'boolean', null, 'true: a lower bound, because timed-out attempts reach it.'),
      estimate.at_least ?? false,
    ],
    [
      column(
        `${name}_low`,
        'number',
        unit,
        `${meaning}: lower end of its interval; empty beside an upper end: there is none.`,
      ),
      estimate.ci?.low,
    ],
    [
      column(
        `${name}_high`,
        'number',
        unit,
        `${meaning}: upper end of its interval; empty beside a lower end: there is none, it lies among the timed-out attempts.`,
      ),
      estimate.ci?.high,
    ],
    [column(`${name}_ci_method`, 'string', null, 'Method of the interval.'), estimate.ci?.method],
    [column(`${name}_no_ci`, 'string', null, 'Why there is no interval.'), estimate.no_ci],
  ];
}
