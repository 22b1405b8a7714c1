// Stage 3, measuring: ONE walk over ONE global order of blocks, over all platforms and experiments, one block at a time
// (in each lane, where the suite asks for lanes of remote platforms).
// Comes in: the plan, the cells that are ready, and the history of a resumed run; goes out: rows and journal lines.
// Bounded by the suite's limits; every cell that does not get all its repetitions ends with a reason.
import { PlatformError } from '../errors.js';
import type { MeasureBlock } from '../experiments/experiment.js';
import type { Invocation } from '../generated/invocation.js';
import type { JournalLine } from '../generated/journal.js';
import type { Cell, Plan } from '../generated/plan.js';
import { boundUsd } from '../plan/cost.js';
import { furtherRounds, orderOfRound } from '../plan/rounds.js';
import type { Deployment, PlatformDriver } from '../platforms/driver.js';
import { formatCount, formatSeconds, formatUsd, US_PER_S } from '../units.js';
import type { BatchServices, Target } from './batch.js';
import { runBlock } from './block.js';
import type { CellEnd, History } from './history.js';
import { lookAt } from './looks.js';
import { count, emptyTally, failuresAbove, neverSucceeded, type Tally } from './tally.js';
import { createWindows } from './windows.js';

/** A cell that was prepared. */
export interface ReadyCell {
  cell: Cell;
  driver: PlatformDriver;
  measure: MeasureBlock;
  /** One for each replicate; block b is measured on number b modulo their count. */
  sites: readonly Site[];
}

/** A deployment of the cell, and how it is asked. */
export interface Site {
  deployment: Deployment;
  target: Target;
}

export interface Measuring {
  plan: Plan;
  ready: ReadonlyMap<string, ReadyCell>;
  history: History;
  services: BatchServices;
  /** Time spent measuring in earlier parts, in µs. */
  spentUs: number;
  /** Resamples of the bootstrap, as the report takes them. */
  resamples: number;
  /** Nothing new is sent once it is aborted. */
  drain: AbortSignal;
  /** Waits so long without holding the machine, or until `drain` is aborted. */
  idle(us: number): Promise<void>;
  blockStarted(cell: Cell, round: number): void;
  /** What all attempts so far have cost at most, on platforms whose prices are known. */
  spent(usd: number): void;
  cellEnded(cell: Cell, end: CellEnd): void;
}

/** Walks all rounds; resolves when every ready cell ended, or when `drain` was aborted. */
export async function measureAll(measuring: Measuring): Promise<void> {
  const { plan, ready, history, services, drain } = measuring;
  const { blocks } = plan.order;
  const prepared = plan.cells.flatMap(({ id }) => ready.get(id) ?? []);
  const lastRounds = new Map(
    prepared.map(({ cell }) => [cell.id, blocks - 1 + furtherRounds(cell.repetitions, blocks)] as const),
  );
  const open = new Set(prepared.map(({ cell }) => cell.id).filter((id) => !history.ended.has(id)));
  const tallies = new Map([...open].map((id) => [id, history.tally(id)]));
  const rows = new Map(prepared.filter(isAdaptive).map(({ cell: { id } }) => [id, [...history.countedRows(id)]]));
  const startedUs = services.clock.nowUs();
  let attempts = history.attempts;
  let spentUsd = plan.cells.reduce((sum, cell) => sum + usdOf(cell, history.tally(cell.id).sent), 0);

  function end(cell: Cell, status: CellEnd['status'], reason?: string): void {
    if (!open.delete(cell.id)) return;
    const counted = tallies.get(cell.id)?.attempts ?? 0;
    const planned = cell.repetitions.min * cell.concurrency;
    const beyond = cell.repetitions.until !== undefined && counted >= planned;
    const made = beyond
      ? `${counted} counted, not precise yet (${planned} at least)`
      : `${counted} of ${planned} counted`;
    const text = status === 'incomplete' ? `${reason}; ${made}` : reason;
    const result: CellEnd = { status, ...(text === undefined ? {} : { reason: text }), counted, planned };
    services.journal.append({
      type: 'cell_ended',
      part: services.part,
      at: services.clock.at(),
      cell: cell.id,
      ...result,
    });
    measuring.cellEnded(cell, result);
  }

  function usdOf(cell: Cell, sent: Tally['sent']): number {
    const prices = ready.get(cell.id)?.driver.capabilities.prices;
    return prices === undefined ? 0 : boundUsd(prices, cell, sent);
  }

  /** All its repetitions are made. `note`: what is to be said of it nevertheless. */
  function finish(cell: Cell, note?: string): void {
    const reason = neverSucceeded(tallies.get(cell.id) ?? emptyTally());
    if (reason === null) end(cell, 'complete', note);
    else end(cell, 'failed', reason);
  }

  const counting: BatchServices = {
    ...services,
    // Not when they are recorded: lanes may have batches under way beside each other.
    sending(count) {
      attempts += count;
    },
    recorded(cell, batch) {
      spentUsd += usdOf(cell, sentIn(batch));
      measuring.spent(spentUsd);
      const tally = tallies.get(cell.id);
      if (tally !== undefined) for (const row of batch) count(tally, row);
      rows.get(cell.id)?.push(...batch.filter(({ role }) => role === 'counted'));
      const reason = tally === undefined ? null : failuresAbove(plan.limits.failures, tally);
      if (reason !== null) end(cell, 'incomplete', reason);
      services.recorded(cell, batch);
    },
  };

  /** `next`: attempts that are about to be sent; `aheadUs`: time that is about to pass. */
  function limitReached(next: number, aheadUs = 0): string | null {
    const spentUs = measuring.spentUs + services.clock.nowUs() - startedUs + aheadUs;
    const { duration_s: duration, invocations, usd } = plan.limits;
    if (duration !== undefined && spentUs >= duration * US_PER_S)
      return `limits.duration of ${formatSeconds(duration)} is used up`;
    if (invocations !== undefined && attempts + next > invocations)
      return `limits.invocations of ${formatCount(invocations)} is used up`;
    if (usd !== undefined && spentUsd >= usd)
      return `limits.usd of ${formatUsd(usd)} is used up: up to ${formatUsd(spentUsd)} are spent`;
    return null;
  }

  /** The blocks of one round in one lane. False: nothing more is begun. */
  async function walkLane(lane: ReadonlySet<string>, round: number): Promise<boolean> {
    for (const position of orderOfRound(plan, plan.cells.length, round)) {
      const next = ready.get(plan.cells[position]?.id ?? '');
      if (next === undefined || !open.has(next.cell.id) || !lane.has(next.cell.platform)) continue;
      const { cell } = next;
      const repetitions = history.open(cell, blocks, round);
      if (repetitions.length > 0) {
        if (drain.aborted) return false;
        const limit = limitReached(cell.concurrency);
        if (limit !== null) return endAll(limit);
        measuring.blockStarted(cell, round);
        const complete = await blockOf(next, round, repetitions);
        if (!complete && open.has(cell.id) && !drain.aborted)
          return endAll(limitReached(cell.concurrency) ?? 'its block ended before its repetitions were made');
        if (!complete && drain.aborted) return false;
      }
      if (!isAdaptive(next) && round === lastRounds.get(cell.id)) finish(cell);
    }
    return !drain.aborted;
  }

  function endAll(reason: string): false {
    for (const { cell } of prepared) end(cell, 'incomplete', reason);
    return false;
  }

  /** Looks at the cells that go on until they are precise; decisions of earlier parts are taken over. */
  function lookAfter(round: number): void {
    const looks = prepared.flatMap(({ cell }) => {
      const { until } = cell.repetitions;
      if (until === undefined || !open.has(cell.id)) return [];
      const known = history.decision(cell.id, round);
      const last = round === lastRounds.get(cell.id);
      const { seed } = plan;
      const { resamples } = measuring;
      const look = known ?? lookAt({ cell, until, rows: rows.get(cell.id) ?? [], last, seed, resamples });
      return [{ cell, look, taken: known === undefined }];
    });
    const at = services.clock.at();
    // All of a round in one write: a resumed run finds the looks of a round, or looks at it anew.
    services.journal.append(
      ...looks
        .filter(({ taken }) => taken)
        .map(({ cell, look }): JournalLine => {
          return { type: 'decision', part: services.part, at, cell: cell.id, round, ...look };
        }),
    );
    for (const { cell, look } of looks) if (look.decision === 'stop') finish(cell, look.why);
  }

  /** A platform that fails within a block ends that cell; the suite goes on. */
  async function blockOf({ cell, sites, ...prepared }: ReadyCell, round: number, repetitions: readonly number[]) {
    const site = sites[round % sites.length];
    if (site === undefined) throw new Error(`cell ${cell.id} is ready without a deployment`);
    try {
      return await runBlock({
        ...prepared,
        ...site,
        block: round,
        open: repetitions,
        firstBatch: history.nextBatch(cell.id, round),
        tried: history.tried(cell.id, round),
        services: counting,
        stopped: () => drain.aborted || !open.has(cell.id) || limitReached(cell.concurrency) !== null,
        giveUp: (reason) => end(cell, 'incomplete', reason),
      });
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error;
      end(cell, 'incomplete', error.message);
      return false;
    }
  }

  const windows = createWindows({
    order: plan.order,
    part: services.part,
    clock: services.clock,
    journal: services.journal,
    last: history.window,
    idle: measuring.idle,
    stopped: () => drain.aborted,
    tooLong: (us) => limitReached(0, us) !== null,
  });
  const lanes = lanesOf(plan, prepared);
  for (let round = 0; round <= Math.max(0, ...lastRounds.values()) && open.size > 0; round += 1) {
    if (!(await windows.enter(round))) {
      if (!drain.aborted) endAll(limitReached(0) ?? 'limits.duration would be used up before the next window begins');
      return;
    }
    if (!(await allLanes(lanes.map((lane) => walkLane(lane, round))))) return;
    if (round >= blocks - 1) lookAfter(round);
  }
}

function isAdaptive({ cell }: ReadyCell): boolean {
  return cell.repetitions.until !== undefined;
}

/**
 * Sets of platforms that are measured beside each other: one, unless the suite asks for lanes. Whatever uses the cores of
 * this machine, or plays its time, shares one.
 */
function lanesOf(plan: Plan, cells: readonly ReadyCell[]): Set<string>[] {
  const platforms = new Map(cells.map(({ cell, driver }) => [cell.platform, driver.capabilities]));
  const alone = [...platforms].flatMap(([id, { sharesClientHost, isModel }]) =>
    plan.order.lanes === 'platform' && !sharesClientHost && isModel !== true ? [id] : [],
  );
  const together = [...platforms.keys()].filter((id) => !alone.includes(id));
  return [...alone.map((id) => new Set([id])), new Set(together)].filter(({ size }) => size > 0);
}

/** Whether all say yes; throws what one threw, after all have ended. */
async function allLanes(lanes: readonly Promise<boolean>[]): Promise<boolean> {
  const ends = await Promise.allSettled(lanes);
  const broken = ends.find((end) => end.status === 'rejected');
  if (broken !== undefined) throw broken.reason;
  return ends.every((end) => end.status === 'fulfilled' && end.value);
}

function sentIn(rows: readonly Invocation[]): Tally['sent'] {
  const tally = emptyTally();
  for (const row of rows) count(tally, row);
  return tally.sent;
}
