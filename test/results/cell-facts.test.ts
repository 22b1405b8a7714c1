// Facts of a cell beside its estimates (methodology D9, D10, D16).
import { describe, expect, test } from 'vitest';
import { barrierSkew, strataOf } from '../../src/results/cell-facts.js';
import type { CellRows } from '../../src/results/latency.js';

function rows(columns: CellRows['columns']): CellRows {
  return { cell: 'c', columns };
}

describe('the barrier skew', () => {
  test('is the time from the first to the last release of a batch, told apart by block and part', () => {
    const skew = barrierSkew(
      rows({
        part: [1, 1, 1, 1, 1, 2],
        block: [0, 0, 1, 1, 1, 1],
        batch: [0, 0, 0, 0, 1, 1],
        released_us: [100, 130, 500, 510, 900, 5],
      }),
    );
    expect(skew).toEqual({ batches: 2, p50_us: 20, max_us: 30 });
  });

  test('is unknown of single requests', () => {
    expect(barrierSkew(rows({ part: [1, 1], block: [0, 0], batch: [0, 1], released_us: [1, 2] }))).toBeNull();
    expect(barrierSkew(rows({}))).toBeNull();
  });
});

describe('strata', () => {
  const fast = Array.from({ length: 30 }, (_, row) => 1000 + (row % 7));
  const slow = Array.from({ length: 20 }, (_, row) => 1500 + (row % 7));

  test('are the levels with rows enough, the largest first, and a difference is said', () => {
    const { strata, notes } = strataOf(
      rows({
        client_us: [...fast, ...slow, 9],
        cpu_model: [...fast.map(() => 'A'), ...slow.map(() => 'B'), 'C'],
        deployment: [...fast, ...slow, 9].map(() => 'only'),
        sandbox_id: [...fast, ...slow, 9].map((_value, row) => `s${row}`),
      }),
    );
    expect(strata).toEqual([
      { by: 'cpu_model', level: 'A', n: 30, client_us_p50: 1003, of: 2 },
      { by: 'cpu_model', level: 'B', n: 20, client_us_p50: 1503, of: 2 },
    ]);
    expect(notes).toEqual([
      'Attempts differ by CPU model (2 of them, medians of client time from 1003 to 1503 µs): read the strata apart.',
    ]);
  });

  test('that do not differ need no word', () => {
    const values = [...fast, ...fast];
    const { strata, notes } = strataOf(
      rows({ client_us: values, deployment: values.map((_value, row) => (row < 30 ? 'a' : 'b')) }),
    );
    expect([strata.length, notes]).toEqual([2, []]);
  });
});
