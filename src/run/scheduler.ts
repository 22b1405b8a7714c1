// Stage 3, measuring: ONE walk over ONE global order of blocks, over all platforms and experiments, one block at a time.
// Comes in: the plan, the cells that are ready, and the history of a resumed run; goes out: rows and journal lines.
// Bounded by the suite's limits; every cell that does not get all its repetitions ends with a reason.
import { PlatformError } from '../errors.js';
import type { MeasureBlock } from '../experiments/experiment.js';
import type { Invocation } from '../generated/invocation.js';
import type { Cell, Plan } from '../generated/plan.js';
import { orderOfRound } from '../plan/rounds.js';
import type { Deployment, PlatformDriver } from '../platforms/driver.js';
import { formatCount, formatSeconds, US_PER_S } from '../units.js';
import type { BatchServices, Target } from './batch.js';
import { runBlock } from './block.js';
import type { CellEnd, History } from './history.js';
import { count, failuresAbove, neverSucceeded } from './tally.js';

/** A cell that was prepared. */
export interface ReadyCell {
  target: Target;
  driver: PlatformDriver;
  deployment: Deployment;
  measure: MeasureBlock;
}

export interface Measuring {
  plan: Plan;
  ready: ReadonlyMap<string, ReadyCell>;
  history: History;
  services: BatchServices;
  /** Time spent measuring in earlier parts, in µs. */
  spentUs: number;
  /** Nothing new is sent once it is aborted. */
  drain: AbortSignal;
  blockStarted(cell: Cell, round: number): void;
  cellEnded(cell: Cell, status: CellEnd['status'], reason?: string): void;
}

/** Walks all rounds; resolves when every ready cell ended, or when `drain` was aborted. */
export async function measureAll(measuring: Measuring): Promise<void> {
  const { plan, ready, history, services } = measuring;
  const rounds = plan.order.blocks;
  const open = new Set([...ready.keys()].filter((id) => !history.ended.has(id)));
  const tallies = new Map([...open].map((id) => [id, history.tally(id)]));
  const startedUs = services.clock.nowUs();
  let attempts = history.attempts;

  function end(cell: Cell, status: CellEnd['status'], reason?: string): void {
    if (!open.delete(cell.id)) return;
    const counted = tallies.get(cell.id)?.attempts ?? 0;
    const planned = cell.repetitions.min * cell.concurrency;
    const text = status === 'incomplete' ? `${reason}; ${counted} of ${planned} counted` : reason;
    services.journal.append({
      type: 'cell_ended',
      part: services.part,
      at: new Date().toISOString(),
      cell: cell.id,
      status,
      ...(text === undefined ? {} : { reason: text }),
      counted,
      planned,
    });
    measuring.cellEnded(cell, status, text);
  }

  function tallyRows(cell: Cell, rows: readonly Invocation[]): string | null {
    const tally = tallies.get(cell.id);
    if (tally === undefined) return null;
    for (const row of rows) count(tally, row);
    return failuresAbove(plan.limits.failures, tally);
  }

  const counting: BatchServices = {
    ...services,
    recorded(cell, rows) {
      attempts += rows.length;
      const reason = tallyRows(cell, rows);
      if (reason !== null) end(cell, 'incomplete', reason);
      services.recorded(cell, rows);
    },
  };

  /** `next`: attempts that are about to be sent. */
  function limitReached(next: number): string | null {
    const spentUs = measuring.spentUs + services.clock.nowUs() - startedUs;
    const { duration_s: duration, invocations } = plan.limits;
    if (duration !== undefined && spentUs >= duration * US_PER_S)
      return `limits.duration of ${formatSeconds(duration)} is used up`;
    if (invocations !== undefined && attempts + next > invocations)
      return `limits.invocations of ${formatCount(invocations)} is used up`;
    return null;
  }

  for (let round = 0; round < rounds; round += 1) {
    for (const position of orderOfRound(plan, plan.cells.length, round)) {
      const cell = plan.cells[position];
      const prepared = cell === undefined ? undefined : ready.get(cell.id);
      if (cell === undefined || prepared === undefined || !open.has(cell.id)) continue;
      const repetitions = history.open(cell, rounds, round);
      if (repetitions.length === 0) continue;
      const limit = limitReached(cell.concurrency);
      if (limit !== null) {
        endAll(plan.cells, limit, end);
        return;
      }
      if (measuring.drain.aborted) return;
      measuring.blockStarted(cell, round);
      const complete = await blockOf(cell, prepared, round, repetitions);
      if (!complete && open.has(cell.id) && !measuring.drain.aborted) {
        endAll(plan.cells, limitReached(cell.concurrency) ?? 'its block ended before its repetitions were made', end);
        return;
      }
    }
    if (measuring.drain.aborted) return;
  }
  for (const cell of plan.cells) {
    const tally = tallies.get(cell.id);
    const reason = tally === undefined ? null : neverSucceeded(tally);
    if (reason === null) end(cell, 'complete');
    else end(cell, 'failed', reason);
  }

  /** A platform that fails within a block ends that cell; the suite goes on. */
  async function blockOf(
    cell: Cell,
    prepared: ReadyCell,
    round: number,
    repetitions: readonly number[],
  ): Promise<boolean> {
    try {
      return await runBlock({
        ...prepared,
        block: round,
        open: repetitions,
        firstBatch: history.nextBatch(cell.id, round),
        tried: history.tried(cell.id, round),
        services: counting,
        stopped: () => measuring.drain.aborted || !open.has(cell.id) || limitReached(cell.concurrency) !== null,
        giveUp: (reason) => end(cell, 'incomplete', reason),
      });
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error;
      end(cell, 'incomplete', error.message);
      return false;
    }
  }
}

function endAll(
  cells: readonly Cell[],
  reason: string,
  end: (cell: Cell, status: 'incomplete', reason: string) => void,
): void {
  for (const cell of cells) end(cell, 'incomplete', reason);
}
