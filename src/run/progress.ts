// Stage 3, what a person sees while measuring: how many repetitions are made, which block runs, and when it will be over.
// Comes in: the plan and every recorded row; goes out: one line per platform and experiment. Knows no terminal.
import type { Invocation } from '../generated/invocation.js';
import type { Cell, Plan } from '../generated/plan.js';
import { labelOf } from '../plan/cells.js';
import { measureKey } from '../plan/tasks.js';
import { formatCount, formatUs, formatUsd, plural } from '../units.js';
import type { History } from './history.js';

export interface Progress {
  blockStarted(cell: Cell, round: number): void;
  recorded(cell: Cell, rows: readonly Invocation[]): void;
  cellEnded(cell: Cell): void;
  /** What has been spent at most, on all platforms together. */
  spent(usd: number): void;
  /** The line of one row (`measureKey`); '' before its first block. */
  line(key: string): string;
  /** What a row came to. */
  summary(key: string): string;
}

interface RowProgress {
  planned: number;
  counted: number;
  failed: number;
  discarded: number;
  open: Set<string>;
  current: { cell: Cell; round: number } | null;
}

export function createProgress(plan: Plan, ready: readonly Cell[], history: History): Progress {
  const rows = new Map<string, RowProgress>();
  const countedOf = new Map<string, number>();
  const started = performance.now();
  let countedNow = 0;
  let spentUsd = 0;

  for (const cell of ready) {
    const row = rows.get(measureKey(cell)) ?? {
      planned: 0,
      counted: 0,
      failed: 0,
      discarded: 0,
      open: new Set(),
      current: null,
    };
    rows.set(measureKey(cell), row);
    const before = history.tally(cell.id);
    row.planned += cell.repetitions.min * cell.concurrency;
    row.counted += before.attempts;
    row.failed += before.failures;
    row.open.add(cell.id);
    countedOf.set(cell.id, before.attempts);
  }

  /** From the pace so far over all rows; blocks are interleaved, so the pace of one is the pace of all. */
  function remainingUs(): number | null {
    if (countedNow < 5) return null;
    const left = [...rows.values()]
      .filter((row) => row.open.size > 0)
      .reduce((sum, row) => sum + Math.max(0, row.planned - row.counted), 0);
    // Rounds beyond the least go on until cells are precise, and nobody knows when that is.
    return left === 0 ? null : ((performance.now() - started) * 1000 * left) / countedNow;
  }

  function summaryOf(key: string, leftUs: number | null): string {
    const row = rows.get(key);
    if (row === undefined) return '';
    return [
      row.counted > row.planned
        ? `${plural(row.counted, 'repetition')} (${formatCount(row.planned)} at least)`
        : `${formatCount(row.counted)} of ${plural(row.planned, 'repetition')}`,
      row.failed === 0 ? null : `${row.failed} failed`,
      row.discarded === 0 ? null : `${row.discarded} discarded`,
      spentUsd === 0 ? null : `up to ${formatUsd(spentUsd)} spent`,
      leftUs === null ? null : `ETA ${formatUs(leftUs)}`,
    ]
      .filter((part) => part !== null)
      .join(', ');
  }

  return {
    blockStarted(cell, round) {
      for (const row of rows.values()) row.current = null;
      const row = rows.get(measureKey(cell));
      if (row !== undefined) row.current = { cell, round };
    },
    recorded(cell, records) {
      const row = rows.get(measureKey(cell));
      if (row === undefined) return;
      for (const { role, outcome } of records) {
        if (role === 'discarded') row.discarded += 1;
        if (role !== 'counted') continue;
        row.counted += 1;
        countedNow += 1;
        countedOf.set(cell.id, (countedOf.get(cell.id) ?? 0) + 1);
        if (outcome !== 'ok') row.failed += 1;
      }
    },
    cellEnded(cell) {
      rows.get(measureKey(cell))?.open.delete(cell.id);
    },
    spent(usd) {
      spentUsd = usd;
    },
    summary: (key) => summaryOf(key, null),
    line(key) {
      const row = rows.get(key);
      if (row === undefined || (row.current === null && row.counted === 0)) return '';
      const summary = summaryOf(key, row.open.size === 0 ? null : remainingUs());
      if (row.current === null) return summary;
      const { cell, round } = row.current;
      const n = countedOf.get(cell.id) ?? 0;
      return `round ${round + 1}/${Math.max(round + 1, plan.order.blocks)} | ${labelOf(cell)} n = ${n} | ${summary}`;
    },
  };
}
