// Stage 2, rounds: how a cell's repetitions are spread over the blocks, and in which order the blocks of all cells come
// (randomised multiple interleaved trials, methodology D19). Pure; the scheduler and a resumed run draw the same order.
import type { Plan } from '../generated/plan.js';
import { randomFor, shuffled } from '../random.js';

/**
 * The numbers of the repetitions that belong to a block, from 0 over the whole cell. Blocks are balanced: their sizes
 * differ by one at most, because the intervals treat blocks as equal units (D13).
 */
export function repetitionsOfBlock(repetitions: number, blocks: number, block: number): number[] {
  const from = Math.floor((repetitions * block) / blocks);
  const to = Math.floor((repetitions * (block + 1)) / blocks);
  return Array.from({ length: to - from }, (_, position) => from + position);
}

/** The cells' positions in the order in which their blocks of one round are measured: a seeded permutation per round. */
export function orderOfRound(plan: Pick<Plan, 'seed' | 'order'>, cells: number, round: number): number[] {
  const positions = Array.from({ length: cells }, (_, position) => position);
  return plan.order.shuffle ? shuffled(positions, randomFor(plan.seed, 'order', round)) : positions;
}
