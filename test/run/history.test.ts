import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Invocation } from '../../src/generated/invocation.js';
import type { JournalLine } from '../../src/generated/journal.js';
import type { Cell } from '../../src/generated/plan.js';
import { makePlan } from '../../src/plan/plan.js';
import { cutOffBatch, historyOf } from '../../src/run/history.js';
import { benchmark, catalogueOf, platformsOf, suite } from '../support/plan-fixtures.js';

function cellWith(concurrency: number, repetitions: number): Cell {
  const given = suite({ axes: { concurrency: [concurrency] } });
  const cell = makePlan(given, catalogueOf(benchmark('one')), platformsOf(given)).plan.cells[0];
  if (cell === undefined) throw new Error('fixture');
  return { ...cell, repetitions: { min: repetitions, max: repetitions } };
}

interface Sent {
  batch: number;
  repetition: number;
  slots: number[];
  /** How each attempt ended; undefined: no line. */
  ends: (Invocation['role'] | undefined)[];
}

/** The lines of one block whose batches were sent like this. */
function linesOf(cell: Cell, block: number, sent: readonly Sent[]): { rows: Invocation[]; journal: JournalLine[] } {
  const rows: Invocation[] = [];
  const journal: JournalLine[] = [{ type: 'part_started', part: 1, at: '2026-01-01T00:00:00Z' }];
  for (const { batch, repetition, slots, ends } of sent) {
    const attempts = slots.map((slot) => `${cell.id}.${block}.${batch}.${slot}`);
    journal.push({ type: 'batch', part: 1, cell: cell.id, block, batch, role: 'counted', attempts });
    ends.forEach((role, position) => {
      const slot = slots[position] ?? 0;
      if (role === undefined) return;
      const index = role === 'counted' ? { index: repetition * cell.concurrency + slot } : {};
      rows.push({
        attempt_id: attempts[position] ?? '',
        part: 1,
        cell: cell.id,
        block,
        batch,
        slot,
        role,
        outcome: 'ok',
        ...index,
      });
    });
  }
  return { rows, journal };
}

describe('the history of a run', () => {
  it('of a new run leaves every repetition of every block open', () => {
    const cell = cellWith(2, 5);
    const history = historyOf([], []);
    expect(history.open(cell, 2, 0)).toEqual([0, 1]);
    expect(history.open(cell, 2, 1)).toEqual([2, 3, 4]);
    expect(history.nextBatch(cell.id, 0)).toBe(0);
    expect(history.part).toBe(0);
  });

  it('makes interrupted rows of what was sent without an outcome, and opens it again', () => {
    const cell = cellWith(1, 3);
    const { rows, journal } = linesOf(cell, 0, [
      { batch: 0, repetition: 0, slots: [0], ends: ['counted'] },
      { batch: 1, repetition: 1, slots: [0], ends: [undefined] },
    ]);
    const history = historyOf(rows, journal);
    expect(history.interrupted).toEqual([
      {
        attempt_id: `${cell.id}.0.1.0`,
        part: 1,
        cell: cell.id,
        block: 0,
        batch: 1,
        slot: 0,
        role: 'interrupted',
        reason: 'the run was cut off before the outcome was known',
      },
    ]);
    expect(history.open(cell, 1, 0)).toEqual([1, 2]);
    expect(history.nextBatch(cell.id, 0)).toBe(2);
  });

  it('opens a repetition again whose batch was discarded', () => {
    const cell = cellWith(1, 1);
    const { rows, journal } = linesOf(cell, 0, [{ batch: 0, repetition: 0, slots: [0], ends: ['discarded'] }]);
    expect(historyOf(rows, journal).open(cell, 1, 0)).toEqual([0]);
  });

  it('discards what is there of a batch whose lines were cut off, and makes the batch again as a whole', () => {
    const cell = cellWith(3, 1);
    const { rows, journal } = linesOf(cell, 0, [
      { batch: 0, repetition: 0, slots: [0, 1, 2], ends: ['counted', 'counted', undefined] },
    ]);
    const reason = 'its batch was cut off: the outcome of 2 of 3 is known';
    const cut = cutOffBatch(rows, journal);
    expect(cut).toEqual({
      keep: 0,
      discarded: rows.map(({ index: _index, ...row }) => ({ ...row, role: 'discarded', reason })),
    });
    const history = historyOf(cut?.discarded ?? [], journal);
    expect(history.interrupted.map(({ slot }) => slot)).toEqual([2]);
    expect(history.open(cell, 1, 0)).toEqual([0]);
    expect(cutOffBatch([...(cut?.discarded ?? []), ...history.interrupted], journal)).toBeNull();
  });

  it('finds nothing cut off where the last batch is whole, or does not count', () => {
    const cell = cellWith(2, 1);
    const ends: Sent['ends'][] = [
      ['counted', 'counted'],
      ['warmup', undefined],
      ['discarded', undefined],
      ['interrupted', undefined],
    ];
    for (const end of ends) {
      const { rows, journal } = linesOf(cell, 0, [{ batch: 0, repetition: 0, slots: [0, 1], ends: end }]);
      expect(cutOffBatch(rows, journal)).toBeNull();
    }
    expect(cutOffBatch([], [])).toBeNull();
  });

  it('counts every repetition once and as a whole, wherever the run is cut off and however often', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 12 }),
        fc.array(fc.record({ cutAfter: fc.nat(6), lines: fc.nat(4) }), { maxLength: 6 }),
        (concurrency, repetitions, cuts) => {
          const cell = cellWith(concurrency, repetitions);
          const slots = [...Array(concurrency).keys()];
          let rows: Invocation[] = [];
          const journal: JournalLine[] = [];
          for (const { cutAfter, lines } of [...cuts, { cutAfter: Number.POSITIVE_INFINITY, lines: 0 }]) {
            const cut = cutOffBatch(rows, journal);
            if (cut !== null) rows = [...rows.slice(0, cut.keep), ...cut.discarded];
            const history = historyOf(rows, journal);
            rows.push(...history.interrupted);
            let batch = history.nextBatch(cell.id, 0);
            for (const [sent, repetition] of history.open(cell, 1, 0).entries()) {
              const ends = slots.map((slot) => (sent === cutAfter && slot >= lines ? undefined : ('counted' as const)));
              const written = linesOf(cell, 0, [{ batch, repetition, slots, ends }]);
              journal.push(...written.journal);
              rows.push(...written.rows);
              batch += 1;
              if (sent === cutAfter) break;
            }
          }
          const counted = rows.filter(({ role }) => role === 'counted');
          const indices = counted.map(({ index }) => index ?? -1);
          expect(indices.sort((a, b) => a - b)).toEqual([...Array(repetitions * concurrency).keys()]);
          for (const number of new Set(counted.map(({ batch }) => batch)))
            expect(counted.filter(({ batch }) => batch === number)).toHaveLength(concurrency);
          const journalled = journal.flatMap((line) => (line.type === 'batch' ? line.attempts : []));
          expect(rows.map(({ attempt_id }) => attempt_id).sort()).toEqual([...journalled].sort());
        },
      ),
    );
  });

  it('keeps how cells ended, but opens those again that failed before they were measured', () => {
    const at = '2026-01-01T00:00:00Z';
    const history = historyOf(
      [],
      [
        { type: 'part_started', part: 1, at },
        {
          type: 'cell_ended',
          part: 1,
          at,
          cell: 'a',
          status: 'incomplete',
          reason: 'limits.duration of 1.00 s is used up',
        },
        { type: 'cell_ended', part: 1, at, cell: 'b', status: 'failed', reason: 'no package' },
        { type: 'part_started', part: 2, at },
      ],
    );
    expect([...history.ended]).toEqual([
      ['a', { status: 'incomplete', reason: 'limits.duration of 1.00 s is used up' }],
    ]);
    expect(history.part).toBe(2);
  });

  it('adds up the time that earlier parts spent measuring, from first block to last', () => {
    const at = '2026-01-01T00:00:00Z';
    const block = { at, cell: 'a', block: 0 };
    const history = historyOf(
      [],
      [
        { type: 'block_started', part: 1, us: 1000, ...block },
        { type: 'block_done', part: 1, us: 5000, ...block },
        { type: 'block_started', part: 2, us: 100, ...block },
        { type: 'block_started', part: 2, us: 600, ...block },
      ],
    );
    expect(history.spentUs).toBe(4500);
  });
});
