// The SQL of the dataframes, as text. Comes in: columns and file names; goes out: statements for dataframe.ts. Pure.
// Order of rows: cell (as planned), block, batch, slot, part, attempt; it is the order of every dataframe.
import type { Column } from './columns.js';

export const SQL_TYPES = {
  string: 'VARCHAR',
  integer: 'BIGINT',
  number: 'DOUBLE',
  boolean: 'BOOLEAN',
  instant: 'TIMESTAMPTZ',
} as const satisfies Record<Column['type'], string>;

/** A text as an SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A column's name as an SQL identifier. */
export function name(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/** Reads lines of JSON with the given columns, whatever else they hold. */
export function readLines(file: string, columns: Readonly<Record<string, string>>): string {
  const types = Object.entries(columns).map(([column, type]) => `${literal(column)}: ${literal(type)}`);
  return `read_json(${literal(file)}, format = 'newline_delimited', columns = {${types.join(', ')}}, maximum_object_size = 67108864)`;
}

/** The records as they stand. Instants stay text until the frame: a function's clock may write anything. */
export function loadRecords(file: string, columns: readonly Column[]): string {
  const types = columns.map((column) => [column.name, column.type === 'instant' ? 'VARCHAR' : SQL_TYPES[column.type]]);
  const source = readLines(file, { ...Object.fromEntries(types), measurement: 'MAP(VARCHAR, DOUBLE)' });
  return `CREATE TABLE records AS SELECT * FROM ${source}`;
}

/** The cells' settings, one row each, with `cell_order`. */
export function loadCells(file: string, columns: readonly Column[]): string {
  const types = columns.map((column) => [column.name, SQL_TYPES[column.type]]);
  const source = readLines(file, {
    id: 'VARCHAR',
    cell_order: 'BIGINT',
    trigger: 'VARCHAR',
    usd_per_request: 'DOUBLE',
    usd_per_gb_s: 'DOUBLE',
    ...Object.fromEntries(types),
  });
  return `CREATE TABLE cells AS SELECT * FROM ${source}`;
}

/** All rows with all columns in order; the `provider` table must exist when there are provider columns. */
export function frameQuery(columns: readonly Column[]): string {
  const provider = columns.some((column) => column.source === 'provider');
  const billed = columns.some((column) => column.name === BILLED);
  return [
    `SELECT ${columns.map((column) => `${expressionOf(column, billed)} AS ${name(column.name)}`).join(', ')}`,
    'FROM records r LEFT JOIN cells c ON r.cell = c.id',
    provider ? 'LEFT JOIN provider p ON r.request_id = p.request_id' : '',
    'ORDER BY c.cell_order NULLS LAST, r.cell, r.block, r.batch, r.slot, r.part, r.attempt_id',
  ].join(' ');
}

const BILLED = 'provider_billed_us';

/** @param billed whether there is a billed time; without one no cost is known. */
function expressionOf(column: Column, billed: boolean): string {
  if (column.source === 'cost')
    return billed
      ? `c.usd_per_request + coalesce(c.memory_mb, 1024) / 1024.0 * (p.${BILLED} / 1e6) * c.usd_per_gb_s`
      : 'NULL::DOUBLE';
  if (column.source === 'cell') return `c.${name(column.name)}`;
  if (column.source === 'provider') return `p.${name(column.name)}`;
  if (column.source === 'measurement') {
    return `r.measurement[${literal(column.name.slice('measurement_'.length))}]`;
  }
  if (column.name === 'trigger') return 'coalesce(r.trigger, c.trigger)';
  return column.type === 'instant' ? `TRY_CAST(r.${name(column.name)} AS TIMESTAMPTZ)` : `r.${name(column.name)}`;
}

/** For Parquet: values as they are. */
export function writeParquet(query: string, file: string): string {
  return `COPY (${query}) TO ${literal(file)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)`;
}

/** For CSV: instants as ISO-8601 with Z, unknown as nothing, text that a spreadsheet would run as a formula defused. */
export function writeCsv(frame: string, columns: readonly Column[], file: string): string {
  const select = columns.map((column) => `${csvExpression(column)} AS ${name(column.name)}`).join(', ');
  return `COPY (SELECT ${select} FROM ${frame}) TO ${literal(file)} (FORMAT csv, HEADER, DELIMITER ',', QUOTE '"', ESCAPE '"', NULLSTR '')`;
}

function csvExpression(column: Column): string {
  const value = name(column.name);
  if (column.type === 'instant') return `strftime(${value} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')`;
  if (column.type !== 'string' || column.values !== undefined) return value;
  // A NUL ends the file for some readers.
  const text = column.name === 'error' || column.name === 'reason' ? `replace(${value}, chr(0), '')` : value;
  return `CASE WHEN ${value}[1] IN ('=', '+', '-', '@', chr(9), chr(13)) THEN '''' || ${text} ELSE ${text} END`;
}

/**
 * SeBS's result.csv: eight columns in SeBS's own units (µs, connection_time in seconds, MB), booleans as Python writes
 * them, the counted attempts that succeeded. @param present columns the frame has.
 */
export function sebsResult(frame: string, present: ReadonlySet<string>): string {
  const provided = (column: string, otherwise = 'NULL') => (present.has(column) ? name(column) : otherwise);
  const memoryUsed = `coalesce(${provided('provider_memory_peak_bytes')}, memory_peak_bytes)`;
  return [
    'SELECT memory_mb AS memory, start AS type,',
    "CASE WHEN is_cold THEN 'True' WHEN NOT is_cold THEN 'False' END AS is_cold,",
    'benchmark_us AS exec_time, connect_us / 1e6 AS connection_time, client_us AS client_time,',
    `${provided('provider_execution_us')} AS provider_time, ${memoryUsed} / 1048576.0 AS mem_used`,
    `FROM ${frame} WHERE "role" = 'counted' AND outcome = 'ok'`,
  ].join(' ');
}

export const SEBS_COLUMNS = [
  sebs('memory', 'integer', 'mb', 'Memory setting: memory_mb.'),
  sebs('type', 'string', null, 'The start that was asked for: start.'),
  sebs('is_cold', 'string', null, 'True or False, as Python writes them: is_cold.'),
  sebs('exec_time', 'integer', 'us', 'benchmark_us.'),
  sebs('connection_time', 'number', 's', 'connect_us in seconds; empty on a reused connection.'),
  sebs('client_time', 'integer', 'us', 'client_us.'),
  sebs('provider_time', 'number', 'us', 'provider_execution_us; empty where the platform reports none (SeBS wrote 0).'),
  sebs('mem_used', 'number', 'mb', 'provider_memory_peak_bytes, else memory_peak_bytes, in multiples of 1,048,576.'),
] as const satisfies readonly Column[];

function sebs(column: string, type: Column['type'], unit: string | null, meaning: string): Column {
  return { name: column, type, unit, meaning, source: 'record' };
}
