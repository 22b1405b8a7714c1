// One attempt's value of a metric, as the statistics take it (methodology D25, D26). Comes in: a record; goes out: the
// number that enters the latency sample, or null. The same rule as in latency.ts, which asks DuckDB for whole files; a
// running measurement, which decides whether it is precise, has records in memory. Pure.
import type { Invocation } from '../generated/invocation.js';
import type { CellRows } from './latency.js';

const US_PER_S = 1e6;

export type LatencyMetric = 'client_us' | 'benchmark_us';

/** Timed-out attempts stand at what they are at least; failed, throttled and wrong answers have no value. */
export function latencyValue(row: Invocation, metric: LatencyMetric, timeoutS: number): number | null {
  if (row.outcome === 'ok') return row[metric] ?? null;
  if (row.outcome !== 'timed_out') return null;
  const made = (row.create_us ?? 0) + (row.start_us ?? 0) + (row.ready_us ?? 0);
  const limit = timeoutS * US_PER_S + made;
  const client = Math.min(row.client_us ?? limit, limit);
  if (metric === 'client_us') return client;
  return Math.max(0, client - (row.queue_us ?? 0) - made - (row.connect_us ?? 0));
}

/** The latency sample of a cell as the statistics take it. */
export function latencyColumns(
  rows: readonly Invocation[],
  metric: LatencyMetric,
  { id, timeout_s: timeoutS }: { id: string; timeout_s: number },
): CellRows {
  const sample = rows.filter(({ outcome }) => outcome === 'ok' || outcome === 'timed_out');
  return {
    cell: id,
    columns: {
      block: sample.map(({ block }) => block),
      outcome: sample.map(({ outcome }) => outcome ?? null),
      sandbox_id: sample.map(({ sandbox_id: sandbox }) => sandbox ?? null),
      [metric]: sample.map((row) => latencyValue(row, metric, timeoutS)),
    },
  };
}
