// Stage 4's rows for reading one by one. Comes in: derived/invocations.parquet; goes out: attempts of every role with
// the columns a reader looks at, all of them or, where they are too many for a page, a stratified random sample: some of
// each cell, role and outcome, the rest in proportion. The draw is by hash of the attempt's id, so it is always the same.
import type { Session, Value } from './dataframe.js';
import { literal, name } from './frame-sql.js';

export interface AttemptColumn {
  name: string;
  /** As long as there are rows; unknown is null. */
  values: Value[];
}

export interface Attempts {
  /** How many the run has. */
  all: number;
  /** How many are here. */
  shown: number;
  /** In the order of the frames; a column without a value is left out. */
  columns: AttemptColumn[];
}

/** Text of a row stays; of a number only what is read beside it. Whatever else there is follows: see OTHERS. */
const WANTED = [
  'attempt_id',
  'cell',
  'part',
  'block',
  'batch',
  'slot',
  'role',
  'outcome',
  'reason',
  'error_kind',
  'error',
  'http_status',
  'start_observed',
  'sandbox_id',
  'released_us',
  'client_us',
  'queue_us',
  'create_us',
  'start_us',
  'ready_us',
  'connect_us',
  'first_byte_us',
  'download_us',
  'benchmark_us',
  'import_us',
  'memory_peak_bytes',
] as const;

/** What a benchmark measures and what a platform reports, told by the prefix; more than this make no table. */
const OTHERS = /^(?:measurement|provider)_|^(?:billed_us|cost_usd)$/;
const MOST_OTHERS = 10;

const STRATUM = '"cell", "role", "outcome"';

export interface AttemptBounds {
  /** All attempts up to here. */
  most: number;
  /** So many at most, where there are more. */
  sampled: number;
}

/** Text longer than `textLength` characters is cut. */
export async function loadAttempts(
  session: Session,
  parquet: string,
  { most, sampled }: AttemptBounds,
  textLength = 300,
): Promise<Attempts> {
  const source = `read_parquet(${literal(parquet)}, file_row_number = true)`;
  const described = await session.rows(`DESCRIBE SELECT * FROM ${source}`);
  const types = new Map(described.map((row) => [String(row.column_name), String(row.column_type)]));
  const others = [...types.keys()].filter((column) => OTHERS.test(column)).slice(0, MOST_OTHERS);
  const names = [...WANTED.filter((column) => types.has(column)), ...others];
  const all = Number((await session.rows(`SELECT count(*) AS n FROM ${source}`))[0]?.n ?? 0);
  const drawn = all <= most ? '' : `WHERE file_row_number IN (${await drawnRows(session, source, all, sampled)})`;
  const select = names.map((column) => expression(column, types.get(column) ?? '', textLength));
  const values: Value[][] = names.map(() => []);
  for await (const chunk of session.chunks(
    `SELECT ${select.join(', ')} FROM ${source} ${drawn} ORDER BY file_row_number`,
  ))
    for (const [at, column] of chunk.entries()) for (const value of column) values[at]?.push(value);
  return {
    all,
    shown: values[0]?.length ?? 0,
    columns: names
      .map((column, at) => ({ name: column, values: values[at] ?? [] }))
      .filter((column) => column.values.some((value) => value !== null)),
  };
}

function expression(column: string, type: string, textLength: number): string {
  if (type === 'BOOLEAN') return name(column);
  if (/^(?:BIGINT|INTEGER|DOUBLE|HUGEINT)/.test(type)) return `${name(column)}::DOUBLE`;
  return `left(${name(column)}::VARCHAR, ${textLength})`;
}

/** A query for the numbers of the rows that are shown. */
async function drawnRows(session: Session, source: string, all: number, most: number): Promise<string> {
  const counted = await session.rows(`SELECT count(*)::DOUBLE AS size FROM ${source} GROUP BY ${STRATUM}`);
  const least = Math.floor(most / (2 * Math.max(1, counted.length)));
  const taken = counted.reduce((sum, row) => sum + Math.min(Number(row.size), least), 0);
  const share = (most - taken) / Math.max(1, all - taken);
  const quota = `least(size, ${least}) + floor((size - least(size, ${least})) * ${share})`;
  const ranked = `SELECT file_row_number, row_number() OVER (PARTITION BY ${STRATUM} ORDER BY md5(attempt_id)) AS draw, count(*) OVER (PARTITION BY ${STRATUM}) AS size FROM ${source}`;
  return `SELECT file_row_number FROM (${ranked}) WHERE draw <= ${quota}`;
}
