// Stage 4's rows for charts. Comes in: a run folder whose derived/ has been made; goes out: for each cell of the plan
// its latency sample: counted attempts that succeeded, and timed-out ones, which enter as lower bounds (methodology
// D26). Failed and wrong answers are no part of a latency sample (D25) and are not here.
import type { Invocation } from '../generated/invocation.js';
import { type AttemptBounds, type Attempts, loadAttempts } from './attempts.js';
import type { Session } from './dataframe.js';
import { type CellRows, latencyRows, withFrame } from './latency.js';
import { type RunFolder, readPlan } from './run-folder.js';

export interface SampleRow {
  block: number;
  batch: number;
  slot: number;
  part: number;
  /** Release on the client's monotonic clock since the start of the part. */
  released_us: number | null;
  outcome: 'ok' | 'timed_out';
  start_observed: NonNullable<Invocation['start_observed']> | null;
  /** Client time; for timed_out a lower bound. */
  client_us: number | null;
  /** Benchmark time; for timed_out a lower bound. */
  benchmark_us: number | null;
}

export interface CellSamples {
  /** Id of the cell, in the order of the plan; a cell without rows is present with none. */
  cell: string;
  /** In the order of block, batch, slot, part. */
  rows: SampleRow[];
}

/** Throws UsageError when derived/ has not been made. */
export function loadSamples(folder: RunFolder): Promise<CellSamples[]> {
  return withFrame(folder, (session, parquet) => samplesFrom(session, parquet, folder));
}

/** The samples, and at most so many attempts of every role, of one opening of the frame. */
export function loadRows(
  folder: RunFolder,
  bounds: AttemptBounds,
): Promise<{ samples: CellSamples[]; attempts: Attempts }> {
  return withFrame(folder, async (session, parquet) => ({
    samples: await samplesFrom(session, parquet, folder),
    attempts: await loadAttempts(session, parquet, bounds),
  }));
}

async function samplesFrom(session: Session, parquet: string, folder: RunFolder): Promise<CellSamples[]> {
  const cells = new Map<string, CellSamples>(readPlan(folder).cells.map(({ id }) => [id, { cell: id, rows: [] }]));
  for await (const { cell, columns } of latencyRows(session, parquet, PLAIN, METRICS)) {
    const rows = cells.get(cell)?.rows ?? [];
    const count = columns.block?.length ?? 0;
    for (let row = 0; row < count; row += 1) rows.push(sampleRow(columns, row));
  }
  return [...cells.values()];
}

const PLAIN = ['block', 'batch', 'slot', 'part', 'released_us', 'outcome', 'start_observed'] as const;
const METRICS = ['client_us', 'benchmark_us'] as const;

function sampleRow(columns: CellRows['columns'], row: number): SampleRow {
  const number = (column: string) => (columns[column]?.[row] ?? null) as number | null;
  return {
    block: number('block') ?? 0,
    batch: number('batch') ?? 0,
    slot: number('slot') ?? 0,
    part: number('part') ?? 1,
    released_us: number('released_us'),
    outcome: columns.outcome?.[row] as SampleRow['outcome'],
    start_observed: (columns.start_observed?.[row] ?? null) as SampleRow['start_observed'],
    client_us: number('client_us'),
    benchmark_us: number('benchmark_us'),
  };
}
