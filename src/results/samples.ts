// Stage 4's rows for charts. Comes in: a run folder whose derived/ has been made; goes out: for each cell of the plan
// its latency sample: counted attempts that succeeded, and timed-out ones, which enter as lower bounds (methodology
// D26). Failed and wrong answers are no part of a latency sample (D25) and are not here.
import type { Invocation } from '../generated/invocation.js';

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
