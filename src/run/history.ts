// Stage 3, what has happened already: raw/invocations.jsonl and raw/journal.jsonl -> what every block still has to do.
// Pure. A new run has an empty history; a resumed one goes on where the lines end. The outcome of an attempt is its line
// in invocations.jsonl, nothing else: what the journal says was sent and has no line becomes `interrupted`.
import type { Invocation } from '../generated/invocation.js';
import type { BatchLine, JournalLine } from '../generated/journal.js';
import type { Cell } from '../generated/plan.js';
import { repetitionsOfBlock } from '../plan/rounds.js';
import { count, type Tally } from './tally.js';

/** How a cell ended. */
export interface CellEnd {
  status: 'complete' | 'incomplete' | 'failed';
  reason?: string;
}

/** A repetition to be made, and which positions of its batch: all of them, unless a power cut split the batch. */
export interface OpenRepetition {
  repetition: number;
  slots: number[];
}

export interface History {
  /** Number of the last part; 0 before the first. */
  part: number;
  /** Rows for attempts that were sent, or about to be, and have no outcome. */
  interrupted: Invocation[];
  /** Attempts of every role so far, those without an outcome included. */
  attempts: number;
  /** Status of cells that ended for good. */
  ended: ReadonlyMap<string, CellEnd>;
  /** Time that earlier parts spent measuring, in µs. */
  spentUs: number;
  /** A copy, to go on counting from. */
  tally(cell: string): Tally;
  open(cell: Cell, blocks: number, block: number): OpenRepetition[];
  nextBatch(cell: string, block: number): number;
}

export function historyOf(rows: readonly Invocation[], journal: readonly JournalLine[]): History {
  const outcomes = new Map(rows.map((row) => [row.attempt_id, row]));
  const batches = new Map<string, BatchLine[]>();
  const interrupted: Invocation[] = [];
  const ended = new Map<string, CellEnd>();
  const spans = new Map<number, { from: number; to: number }>();
  const tallies = new Map<string, Tally>();
  let part = 0;
  let attempts = 0;

  for (const line of journal) {
    if (line.type === 'part_started') part = Math.max(part, line.part);
    // A cell that failed before it was measured may succeed in a new part; every other end is final.
    if (line.type === 'cell_ended' && line.status !== 'failed')
      ended.set(
        line.cell,
        line.reason === undefined ? { status: line.status } : { status: line.status, reason: line.reason },
      );
    if ((line.type === 'block_started' || line.type === 'block_done') && line.us !== undefined)
      spans.set(line.part, { from: spans.get(line.part)?.from ?? line.us, to: line.us });
    if (line.type !== 'batch') continue;
    attempts += line.attempts.length;
    const key = blockKey(line.cell, line.block);
    const known = batches.get(key);
    if (known === undefined) batches.set(key, [line]);
    else known.push(line);
    line.attempts.forEach((attempt, slot) => {
      if (!outcomes.has(attempt)) interrupted.push(interruptedRow(line, attempt, slot));
    });
  }
  for (const row of rows) {
    if (row.role !== 'counted') continue;
    const tally = tallies.get(row.cell) ?? { attempts: 0, failures: 0 };
    tallies.set(row.cell, tally);
    count(tally, row);
  }

  /** Attempts without a line, and attempts whose line says so already, from an earlier resume. */
  const lacksOutcome = (attempt: string): boolean => (outcomes.get(attempt)?.role ?? 'interrupted') === 'interrupted';

  return {
    part,
    interrupted,
    attempts,
    ended,
    spentUs: [...spans.values()].reduce((sum, { from, to }) => sum + to - from, 0),
    tally: (cell) => ({ ...(tallies.get(cell) ?? { attempts: 0, failures: 0 }) }),
    nextBatch: (cell, block) =>
      Math.max(-1, ...(batches.get(blockKey(cell, block)) ?? []).map(({ batch }) => batch)) + 1,
    open(cell, blocks, block) {
      const made = slotsMade(batches.get(blockKey(cell.id, block)) ?? [], outcomes, cell.concurrency, lacksOutcome);
      const all = Array.from({ length: cell.concurrency }, (_, slot) => slot);
      return repetitionsOfBlock(cell.repetitions.min, blocks, block).flatMap((repetition) => {
        const slots = all.filter((slot) => !(made.get(repetition)?.has(slot) ?? false));
        return slots.length === 0 ? [] : [{ repetition, slots }];
      });
    },
  };
}

/**
 * Repetition -> the positions that need not be made again. A repetition is done when one of its attempts counted; within
 * the batch that counted, only what was cut off is made again, and what was discarded stays so.
 */
function slotsMade(
  batches: readonly BatchLine[],
  outcomes: ReadonlyMap<string, Invocation>,
  concurrency: number,
  lacksOutcome: (attempt: string) => boolean,
): Map<number, Set<number>> {
  const made = new Map<number, Set<number>>();
  for (const { attempts } of batches) {
    const rows = attempts.map((attempt) => outcomes.get(attempt));
    const index = rows.find((row) => row?.role === 'counted')?.index;
    if (index === undefined) continue;
    const repetition = Math.floor(index / concurrency);
    const slots = made.get(repetition) ?? new Set<number>();
    made.set(repetition, slots);
    attempts.forEach((attempt, position) => {
      if (!lacksOutcome(attempt)) slots.add(outcomes.get(attempt)?.slot ?? position);
    });
  }
  return made;
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

function blockKey(cell: string, block: number): string {
  return `${cell}/${block}`;
}
