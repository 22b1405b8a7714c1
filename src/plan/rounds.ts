// Stage 2, rounds: how a cell's repetitions are spread over the blocks, and in which order the blocks of all cells come
// (randomised multiple interleaved trials, methodology D19). Pure; the scheduler and a resumed run draw the same order.
import type { Plan, PlannedOrder, Repetitions } from '../generated/plan.js';
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

/** Repetitions of each round beyond the first `blocks`, where a cell goes on until it is precise. */
function furtherRoundSize({ min }: Repetitions, blocks: number): number {
  return Math.ceil(min / blocks);
}

/** Rounds that a cell may need beyond the first `blocks`; 0 where nothing says when to stop. */
export function furtherRounds(repetitions: Repetitions, blocks: number): number {
  if (repetitions.until === undefined) return 0;
  return Math.ceil((repetitions.max - repetitions.min) / furtherRoundSize(repetitions, blocks));
}

/** As `repetitionsOfBlock` in the first `blocks` rounds, which make `min`; then equal portions, up to `max`. */
export function repetitionsOfRound(repetitions: Repetitions, blocks: number, round: number): number[] {
  const { min, max } = repetitions;
  if (round < blocks) return repetitionsOfBlock(min, blocks, round);
  if (round >= blocks + furtherRounds(repetitions, blocks)) return [];
  const size = furtherRoundSize(repetitions, blocks);
  const from = min + (round - blocks) * size;
  return Array.from({ length: Math.min(max, from + size) - from }, (_, position) => from + position);
}

/** The window of time a round belongs to, from 0: each has an equal share of the first rounds, the last one all others. */
export function windowOfRound({ blocks, windows }: PlannedOrder, round: number): number {
  if (windows === undefined) return 0;
  return Math.min(windows.count - 1, Math.floor((round * windows.count) / blocks));
}

/** The cells' positions in the order in which their blocks of one round are measured: a seeded permutation per round. */
export function orderOfRound(plan: Pick<Plan, 'seed' | 'order'>, cells: number, round: number): number[] {
  const positions = Array.from({ length: cells }, (_, position) => position);
  return plan.order.shuffle ? shuffled(positions, randomFor(plan.seed, 'order', round)) : positions;
}
