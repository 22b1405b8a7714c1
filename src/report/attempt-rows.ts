// Stage 5, report. Cells and the course of the run in, tables out: how many attempts of each kind every cell has, with a
// strip that shows their shares, the blocks in the order in which they were measured, and what happened on the way.
import type { CellSummary } from '../generated/summary.js';
import type { RunTimeline } from '../results/run-timeline.js';
import { formatCount, formatUs } from '../units.js';
import { instant } from './provenance.js';

export interface AttemptCount {
  kind: string;
  role: string;
  outcome: string | null;
  count: number;
  text: string;
}

export interface AttemptRow {
  at: number;
  label: string;
  all: string;
  allRaw: number;
  counts: AttemptCount[];
  /** The same as a strip of 100 units. */
  strip: { kind: string; from: number; width: number }[];
}

export interface AttemptTable {
  columns: { kind: string; name: string }[];
  rows: AttemptRow[];
  total: AttemptRow;
}

/** In reading order; a kind without any attempt in the run has no column. */
const KINDS: readonly { kind: string; name: string; role: string; outcome: keyof CellSummary['outcomes'] | null }[] = [
  { kind: 'ok', name: 'ok', role: 'counted', outcome: 'ok' },
  { kind: 'failed', name: 'failed', role: 'counted', outcome: 'failed' },
  { kind: 'timed-out', name: 'timed out', role: 'counted', outcome: 'timed_out' },
  { kind: 'throttled', name: 'throttled', role: 'counted', outcome: 'throttled' },
  { kind: 'wrong', name: 'wrong output', role: 'counted', outcome: 'invalid_output' },
  { kind: 'warmup', name: 'warm-up', role: 'warmup', outcome: null },
  { kind: 'discarded', name: 'discarded', role: 'discarded', outcome: null },
  { kind: 'interrupted', name: 'interrupted', role: 'interrupted', outcome: null },
];

/** Rows of the cells that are shown, the total of all. */
export function attemptTable(shown: readonly CellSummary[], all: readonly CellSummary[]): AttemptTable {
  const totals = KINDS.map((kind) => all.reduce((sum, cell) => sum + countOf(cell, kind), 0));
  const kinds = KINDS.filter((_kind, at) => (totals[at] ?? 0) > 0 || at === 0);
  const rows = shown.map((cell, at) =>
    attemptRow(
      at,
      cell.label,
      kinds.map((kind) => ({ ...kind, count: countOf(cell, kind) })),
    ),
  );
  const total = kinds.map((kind) => ({ ...kind, count: totals[KINDS.indexOf(kind)] ?? 0 }));
  return { columns: kinds.map(({ kind, name }) => ({ kind, name })), rows, total: attemptRow(-1, 'all cells', total) };
}

function countOf(cell: CellSummary, { role, outcome }: (typeof KINDS)[number]): number {
  return outcome === null ? cell.attempts[role as keyof CellSummary['attempts']] : cell.outcomes[outcome];
}

function attemptRow(at: number, label: string, kinds: readonly Omit<AttemptCount, 'text'>[]): AttemptRow {
  const all = kinds.reduce((sum, { count }) => sum + count, 0);
  let from = 0;
  const strip = kinds
    .filter(({ count }) => count > 0)
    .map(({ kind, count }) => {
      const piece = { kind, from: Math.round(from * 100) / 100, width: Math.round((count / all) * 10_000) / 100 };
      from += (count / all) * 100;
      return piece;
    });
  const counts = kinds.map(({ kind, role, outcome, count }) => ({
    kind,
    role,
    outcome,
    count,
    text: formatCount(count),
  }));
  return { at, label, all: formatCount(all), allRaw: all, counts, strip };
}

export interface BlockRow {
  at: number;
  order: number;
  label: string;
  part: number;
  block: number;
  began: string;
  beganRaw: number | null;
  took: string;
  tookRaw: number | null;
  load: string;
  loadRaw: number | null;
}

export interface EventRow {
  at: string;
  kind: string;
  text: string;
  label: string;
}

export interface Course {
  blocks: BlockRow[];
  /** What the tables lack, in words. */
  leftOut: string[];
  events: EventRow[];
}

const BLOCKS_PER_REPORT = 600;
const EVENTS_PER_REPORT = 300;

export function course({ blocks, events }: RunTimeline, cells: readonly CellSummary[]): Course {
  const places = new Map(cells.map((cell, at) => [cell.cell, { at, label: cell.label }]));
  const placeOf = (cell: string) => places.get(cell) ?? { at: -1, label: cell };
  return {
    blocks: blocks.slice(0, BLOCKS_PER_REPORT).map((block, order) => {
      const took = block.from_us === null || block.to_us === null ? null : block.to_us - block.from_us;
      return {
        ...placeOf(block.cell),
        order: order + 1,
        part: block.part,
        block: block.block,
        began: block.from_us === null ? 'unknown' : formatUs(block.from_us),
        beganRaw: block.from_us,
        took: took === null ? 'cut off' : formatUs(took),
        tookRaw: took,
        load: block.load_1m === null ? 'unknown' : block.load_1m.toFixed(2),
        loadRaw: block.load_1m,
      };
    }),
    events: events.slice(0, EVENTS_PER_REPORT).map(({ at, kind, text, cell }) => ({
      at: instant(at),
      kind,
      text,
      label: cell === undefined ? '' : placeOf(cell).label,
    })),
    leftOut: [
      ...tooMany(blocks.length, BLOCKS_PER_REPORT, 'blocks'),
      ...tooMany(events.length, EVENTS_PER_REPORT, 'events'),
    ],
  };
}

function tooMany(count: number, most: number, what: string): string[] {
  return count <= most
    ? []
    : [`The first ${formatCount(most)} of ${formatCount(count)} ${what}; all are in raw/journal.jsonl.`];
}
