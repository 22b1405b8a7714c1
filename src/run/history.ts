// Stage 3, what has happened already: raw/invocations.jsonl and raw/journal.jsonl -> what every block still has to do.
// Pure. A new run has an empty history; a resumed one goes on where the lines end. The outcome of an attempt is its line
// in invocations.jsonl, nothing else: what the journal says was sent and has no line becomes `interrupted`.
import type { Invocation } from '../generated/invocation.js';
import type { BatchLine, CellEnded, DecisionLine, JournalLine, WindowLine } from '../generated/journal.js';
import type { Cell } from '../generated/plan.js';
import { repetitionsOfRound } from '../plan/rounds.js';
import { count, countAttempts, emptyTally, type Tally } from './tally.js';

/** How a cell ended. */
export interface CellEnd {
  status: 'complete' | 'incomplete' | 'failed';
  reason?: string;
  /** Attempts that count, and how many were to count at least; absent where it was never measured. */
  counted?: number;
  planned?: number;
}

export interface History {
  /** Number of the last part; 0 before the first. */
  part: number;
  /** Rows for attempts that were sent, or about to be, and have no outcome. */
  interrupted: Invocation[];
  /** Attempts of every role so far, those without an outcome included. */
  attempts: number;
  /** Attempts by role, and counted ones by outcome. */
  counts: Readonly<Record<string, number>>;
  /** Status of cells that ended for good. */
  ended: ReadonlyMap<string, CellEnd>;
  /** The last thing that happened to a window of time. */
  window: WindowLine | undefined;
  /** What was decided for a cell after a round. */
  decision(cell: string, round: number): DecisionLine | undefined;
  /** Counted rows of a cell that is measured until it is precise. */
  countedRows(cell: string): readonly Invocation[];
  /** Time that earlier parts spent measuring, in µs. */
  spentUs: number;
  /** A copy, to go on counting from. */
  tally(cell: string): Tally;
  /** The repetitions of a block that are still to be made. */
  open(cell: Cell, blocks: number, block: number): number[];
  nextBatch(cell: string, block: number): number;
  /** Repetition -> batches that were made for it, whatever came of them, but for those that were cut off. */
  tried(cell: string, block: number): ReadonlyMap<number, number>;
}

/** `adaptive`: cells that are measured until they are precise. */
export function historyOf(
  rows: readonly Invocation[],
  journal: readonly JournalLine[],
  adaptive: ReadonlySet<string> = new Set(),
): History {
  const outcomes = new Set(rows.map((row) => row.attempt_id));
  const lastBatch = new Map<string, number>();
  const counted = new Map<string, Set<number>>();
  const interrupted: Invocation[] = [];
  const cutOff = new Set(rows.flatMap((row) => (row.role === 'interrupted' ? [row.attempt_id] : [])));
  const tried = new Map<string, Map<number, number>>();
  const ended = new Map<string, CellEnd>();
  const decisions = new Map<string, DecisionLine>();
  let window: WindowLine | undefined;
  const spans = new Map<number, { from: number; to: number }>();
  const tallies = new Map<string, Tally>();
  const samples = new Map<string, Invocation[]>();
  let part = 0;
  let attempts = 0;
  const counts: Record<string, number> = {};
  countAttempts(counts, rows);

  for (const line of journal) {
    if (line.type === 'part_started') part = Math.max(part, line.part);
    // A cell that failed before it was measured may succeed in a new part; every other end is final.
    if (line.type === 'cell_ended' && line.status !== 'failed') ended.set(line.cell, endOf(line));
    if (line.type === 'decision') decisions.set(`${line.cell}/${line.round}`, line);
    if (line.type === 'window') window = line;
    if ((line.type === 'block_started' || line.type === 'block_done') && line.us !== undefined)
      spans.set(line.part, { from: spans.get(line.part)?.from ?? line.us, to: line.us });
    if (line.type !== 'batch') continue;
    attempts += line.attempts.length;
    const key = blockKey(line.cell, line.block);
    lastBatch.set(key, Math.max(line.batch, lastBatch.get(key) ?? -1));
    if (
      line.repetition !== undefined &&
      line.attempts.every((attempt) => outcomes.has(attempt) && !cutOff.has(attempt))
    ) {
      const tries = tried.get(key) ?? new Map<number, number>();
      tried.set(key, tries);
      tries.set(line.repetition, (tries.get(line.repetition) ?? 0) + 1);
    }
    line.attempts.forEach((attempt, slot) => {
      if (!outcomes.has(attempt)) interrupted.push(interruptedRow(line, attempt, slot));
    });
  }
  for (const row of rows) {
    const tally = tallies.get(row.cell) ?? emptyTally();
    tallies.set(row.cell, tally);
    count(tally, row);
    if (row.role !== 'counted') continue;
    if (adaptive.has(row.cell)) addTo(samples, row.cell, row);
    const key = blockKey(row.cell, row.block);
    const indices = counted.get(key) ?? new Set<number>();
    counted.set(key, indices);
    if (row.index !== undefined) indices.add(row.index);
  }

  return {
    part,
    interrupted,
    attempts,
    counts,
    ended,
    window,
    decision: (cell, round) => decisions.get(`${cell}/${round}`),
    countedRows: (cell) => samples.get(cell) ?? [],
    spentUs: [...spans.values()].reduce((sum, { from, to }) => sum + to - from, 0),
    tally: (cell) => structuredClone(tallies.get(cell) ?? emptyTally()),
    tried: (cell, block) => tried.get(blockKey(cell, block)) ?? new Map(),
    nextBatch: (cell, block) => (lastBatch.get(blockKey(cell, block)) ?? -1) + 1,
    open(cell, blocks, block) {
      const indices = counted.get(blockKey(cell.id, block));
      return repetitionsOfRound(cell.repetitions, blocks, block).filter(
        (repetition) => !indices?.has(repetition * cell.concurrency),
      );
    },
  };
}

function endOf({ status, reason, counted, planned }: CellEnded): CellEnd {
  return {
    status,
    ...(reason === undefined ? {} : { reason }),
    ...(counted === undefined ? {} : { counted }),
    ...(planned === undefined ? {} : { planned }),
  };
}

/**
 * A kill while the lines of a batch were written, or a power cut, leaves the first of them. A batch is never split, so
 * they cannot count: goes out how many lines stay as they are, and what the others become. null: nothing was cut off.
 */
export function cutOffBatch(
  rows: readonly Invocation[],
  journal: readonly JournalLine[],
): { keep: number; discarded: Invocation[] } | null {
  const last = rows.at(-1);
  if (last?.role !== 'counted') return null;
  const isOfIt = (line: Invocation | BatchLine) =>
    line.cell === last.cell && line.block === last.block && line.batch === last.batch;
  const batch = journal.findLast((line): line is BatchLine => line.type === 'batch' && isOfIt(line));
  const there = rows.filter(isOfIt);
  const sent = batch?.attempts.length ?? there.length;
  if (there.length === sent) return null;
  const reason = `its batch was cut off: the outcome of ${there.length} of ${sent} is known`;
  return {
    keep: rows.length - there.length,
    discarded: there.map(({ index: _index, ...row }) => ({ ...row, role: 'discarded', reason })),
  };
}

function interruptedRow(line: BatchLine, attempt: string, slot: number): Invocation {
  return {
    attempt_id: attempt,
    part: line.part,
    cell: line.cell,
    block: line.block,
    batch: line.batch,
    slot,
    role: 'interrupted',
    reason: 'the run was cut off before the outcome was known',
  };
}

function addTo(lists: Map<string, Invocation[]>, key: string, row: Invocation): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [row]);
  else list.push(row);
}

function blockKey(cell: string, block: number): string {
  return `${cell}/${block}`;
}
