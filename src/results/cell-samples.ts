// From the rows of a cell to the samples of its metrics. Comes in: columns of one cell; goes out: one Sample per metric
// that was seen, ready for statistics/. Pure.
import type { Cell } from '../generated/plan.js';
import type { CellRows } from './latency.js';
import { CENSORED_METRICS } from './latency.js';
import { meanKindOf } from './statistics/means.js';
import type { Sample } from './statistics/sample.js';

/** Columns besides the metrics that the samples need. */
export const SAMPLE_COLUMNS = ['block', 'outcome', 'sandbox_id'] as const;

/** In the order of `metrics`; client_us always, others only where at least one row has a value. */
export function samplesOf(rows: CellRows, metrics: readonly string[], start: Cell['start']): Map<string, Sample> {
  const samples = new Map<string, Sample>();
  const rowsIndependent = hasSandboxPerRow(rows, start);
  for (const metric of metrics) {
    const sample = sampleOf(rows, metric, rowsIndependent);
    if (metric === 'client_us' || sample.values.length > 0) samples.set(metric, sample);
  }
  return samples;
}

export function emptySample(): Sample {
  return {
    values: new Float64Array(),
    censored: new Uint8Array(),
    blockOf: new Uint32Array(),
    blocks: 0,
    rowsIndependent: true,
  };
}

/**
 * One row per sandbox: then rows are independent by design (D13, D16). A row without a sandbox id is a cold attempt
 * that died in a sandbox of its own, or a platform that hides its sandboxes, where nothing can be said.
 */
function hasSandboxPerRow({ columns }: CellRows, start: Cell['start']): boolean {
  const sandboxes = columns.sandbox_id ?? [];
  const known = sandboxes.filter((sandbox) => sandbox !== null);
  const hidden = known.length < sandboxes.length && (start !== 'cold' || known.length === 0);
  return !hidden && new Set(known).size === known.length;
}

function sampleOf({ columns }: CellRows, metric: string, rowsIndependent: boolean): Sample {
  const measured = columns[metric] ?? [];
  const rows = measured.map((_value, row) => row).filter((row) => typeof measured[row] === 'number');
  const blocks = new Map<unknown, number>();
  const blockOf = rows.map((row) => {
    const block = columns.block?.[row];
    const index = blocks.get(block) ?? blocks.size;
    blocks.set(block, index);
    return index;
  });
  const isCensored = (row: number) => CENSORED_METRICS.has(metric) && columns.outcome?.[row] === 'timed_out';
  return {
    values: Float64Array.from(rows, (row) => Number(measured[row])),
    censored: Uint8Array.from(rows, (row) => (isCensored(row) ? 1 : 0)),
    blockOf: Uint32Array.from(blockOf),
    blocks: blocks.size,
    rowsIndependent,
    mean: meanKindOf(metric),
  };
}
