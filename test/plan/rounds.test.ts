import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  furtherRounds,
  orderOfRound,
  repetitionsOfBlock,
  repetitionsOfRound,
  windowOfRound,
} from '../../src/plan/rounds.js';

describe('the blocks of a cell', () => {
  it('hold every repetition exactly once, and differ in size by one at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 30 }), (repetitions, blocks) => {
        const all = Array.from({ length: blocks }, (_, block) => repetitionsOfBlock(repetitions, blocks, block));
        expect(all.flat()).toEqual([...Array(repetitions).keys()]);
        const sizes = all.map(({ length }) => length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

const until = { metric: 'client_us', quantile: 0.5, ci: 0.95, half_width: 0.05 };

describe('the rounds of a cell that goes on until it is precise', () => {
  it('hold the least in the first blocks, then equal portions, and every repetition up to the most once', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 0, max: 200 }),
        fc.integer({ min: 1, max: 30 }),
        (min, more, blocks) => {
          const repetitions = { min, max: min + more, until };
          const further = furtherRounds(repetitions, blocks);
          const rounds = Array.from({ length: blocks + further }, (_, round) =>
            repetitionsOfRound(repetitions, blocks, round),
          );
          expect(rounds.flat()).toEqual([...Array(min + more).keys()]);
          expect(rounds.slice(0, blocks).flat()).toHaveLength(min);
          for (const round of rounds.slice(blocks)) {
            expect(round.length).toBeGreaterThan(0);
            expect(round.length).toBeLessThanOrEqual(Math.ceil(min / blocks));
          }
          expect(repetitionsOfRound(repetitions, blocks, blocks + further)).toEqual([]);
        },
      ),
    );
  });

  it('are the first blocks alone where nothing says when to stop', () => {
    expect(furtherRounds({ min: 20, max: 20 }, 10)).toBe(0);
    expect(repetitionsOfRound({ min: 20, max: 40 }, 10, 10)).toEqual([]);
  });

  it('are divided equally over the windows; what follows is in the last', () => {
    const order = { blocks: 7, shuffle: true, windows: { count: 3, gap_s: 60 } };
    expect([...Array(9).keys()].map((round) => windowOfRound(order, round))).toEqual([0, 0, 0, 1, 1, 2, 2, 2, 2]);
    expect(windowOfRound({ blocks: 7, shuffle: true }, 6)).toBe(0);
  });
});

describe('the order of a round', () => {
  const plan = { seed: 7, order: { blocks: 10, shuffle: true } };

  it('is a permutation that the seed and the round decide', () => {
    const first = orderOfRound(plan, 40, 0);
    expect([...first].sort((a, b) => a - b)).toEqual([...Array(40).keys()]);
    expect(orderOfRound(plan, 40, 0)).toEqual(first);
    expect(orderOfRound(plan, 40, 1)).not.toEqual(first);
    expect(orderOfRound({ ...plan, seed: 8 }, 40, 0)).not.toEqual(first);
  });

  it('is the order of the suite when shuffling is off', () => {
    expect(orderOfRound({ ...plan, order: { blocks: 10, shuffle: false } }, 4, 3)).toEqual([0, 1, 2, 3]);
  });

  it('brings every cell to every place about equally often', () => {
    const places = Array.from({ length: 5 }, () => Array.from({ length: 5 }, () => 0));
    const rounds = 5000;
    for (let round = 0; round < rounds; round += 1)
      orderOfRound(plan, 5, round).forEach((cell, place) => {
        const row = places[place];
        if (row !== undefined) row[cell] = (row[cell] ?? 0) + 1;
      });
    // 1,000 expected in each of 25 places; the standard deviation of a binomial count is 28.
    for (const count of places.flat()) expect(Math.abs(count - rounds / 5)).toBeLessThan(5 * 28.3);
  });
});
