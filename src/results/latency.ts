// The latency sample, defined once for the statistics and for the charts. Comes in: derived/invocations.parquet; goes
// out, cell by cell: counted attempts that succeeded, and timed-out ones as lower bounds of client and benchmark time
// (methodology D26). Failed, throttled and wrong answers are no part of it (D25).
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../errors.js';
import { openSession, type Session, type Value } from './dataframe.js';
import { literal, name } from './frame-sql.js';
import type { RunFolder } from './run-folder.js';

/**
 * The time limit, which begins when the sandbox is there, with the time to make the sandbox before it. What the client
 * waited beyond that is grace, and differs from attempt to attempt.
 */
const LIMIT = `timeout_s * 1e6 + ${['create', 'start', 'ready'].map((stage) => `coalesce(${stage}_us, 0)`).join(' + ')}`;
const CLIENT_BOUND = `least(coalesce(client_us, ${LIMIT}), ${LIMIT})`;
/** The handler began when the request went out, at the earliest; how long its answer travelled is not known. */
const BENCHMARK_BOUND = `greatest(0, ${CLIENT_BOUND} - ${['queue', 'create', 'start', 'ready', 'connect']
  .map((stage) => `coalesce(${stage}_us, 0)`)
  .join(' - ')})`;

function measured(column: string): string {
  const bound = { client_us: CLIENT_BOUND, benchmark_us: BENCHMARK_BOUND }[column];
  if (bound === undefined) return `CASE WHEN outcome = 'ok' THEN ${name(column)}::DOUBLE END`;
  return `CASE WHEN outcome = 'ok' THEN ${name(column)}::DOUBLE ELSE (${bound})::DOUBLE END`;
}

/** Metrics in which a timed-out attempt is a lower bound; in all others it is unknown. */
export const CENSORED_METRICS: ReadonlySet<string> = new Set(['client_us', 'benchmark_us']);

/** Rows of one cell as columns of equal length. */
export interface CellRows {
  cell: string;
  columns: Readonly<Record<string, Value[]>>;
}

/** Cells in the order of the plan; within a cell in the order of the frames. */
export async function* latencyRows(
  session: Session,
  parquet: string,
  plain: readonly string[],
  metrics: readonly string[],
): AsyncGenerator<CellRows> {
  const select = [
    'cell',
    ...plain.map((column) => (TEXT.has(column) ? name(column) : `${name(column)}::DOUBLE`)),
    ...metrics.map(measured),
  ];
  const where = "\"role\" = 'counted' AND outcome IN ('ok', 'timed_out')";
  const names = [...plain, ...metrics];
  let open: { cell: string; columns: Record<string, Value[]> } | undefined;
  for await (const [cells = [], ...columns] of session.chunks(
    `SELECT ${select.join(', ')} FROM read_parquet(${literal(parquet)}) WHERE ${where}`,
  )) {
    for (let from = 0; from < cells.length; ) {
      const cell = String(cells[from]);
      let to = from + 1;
      while (to < cells.length && cells[to] === cell) to += 1;
      if (open?.cell !== cell) {
        if (open !== undefined) yield open;
        open = { cell, columns: Object.fromEntries(names.map((column) => [column, []])) };
      }
      for (const [index, column] of names.entries()) {
        const target = open.columns[column];
        const source = columns[index];
        for (let row = from; row < to; row += 1) target?.push(source?.[row] ?? null);
      }
      from = to;
    }
  }
  if (open !== undefined) yield open;
}

const TEXT: ReadonlySet<string> = new Set(['outcome', 'sandbox_id', 'start_observed', 'cpu_model', 'deployment']);

/** Does something with derived/invocations.parquet. Throws UsageError when it has not been made. */
export async function withFrame<T>(
  folder: RunFolder,
  use: (session: Session, parquet: string) => Promise<T>,
): Promise<T> {
  const parquet = join(folder.derived, 'invocations.parquet');
  if (!existsSync(parquet)) {
    throw new UsageError(`${parquet} does not exist`, { hint: `sebs process ${folder.id} makes it from raw/` });
  }
  const scratch = join(folder.path, '.scratch');
  const session = await openSession(scratch);
  try {
    return await use(session, parquet);
  } finally {
    session.close();
    await rm(scratch, { recursive: true, force: true });
  }
}
