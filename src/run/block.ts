// Stage 3, one block of one cell: gives the experiment what it may do, counts what it did, and ends the sandboxes where
// the platform's live no longer than a block. Comes in: the cell, its target and what is still open; goes out: journal
// lines around the batches.
import { loadavg } from 'node:os';
import type { BatchReport, BlockContext, MeasureBlock } from '../experiments/experiment.js';
import type { Deployment, PlatformDriver } from '../platforms/driver.js';
import { type BatchServices, sendBatch, type Target } from './batch.js';

export interface BlockWork {
  target: Target;
  driver: PlatformDriver;
  deployment: Deployment;
  measure: MeasureBlock;
  block: number;
  /** Its repetitions that are not made yet. */
  open: readonly number[];
  /** Repetition -> batches that were made for it in earlier parts and do not count. */
  tried: ReadonlyMap<number, number>;
  /** Number of the first batch; above 0 after a resume inside the block. */
  firstBatch: number;
  services: BatchServices;
  stopped(): boolean;
  giveUp(reason: string): void;
}

/** Returns whether every open repetition of the block was made. */
export async function runBlock(work: BlockWork): Promise<boolean> {
  const { target, services, block } = work;
  const { cell } = target;
  const { part, journal, clock } = services;
  // What a model gave can be had again: it need not be on the disk before the next block begins.
  const durable = clock.real;
  const made = new Set<number>();
  const tries = new Map(work.tried);
  const origins = new Set<string>();
  let batch = work.firstBatch;
  let forced = false;

  async function send(role: 'counted' | 'warmup', repetition?: number): Promise<BatchReport> {
    const before = tries.get(repetition ?? -1) ?? 0;
    const request = { block, batch, role, forced, tries: before, ...(repetition === undefined ? {} : { repetition }) };
    if (repetition !== undefined) tries.set(repetition, before + 1);
    batch += 1;
    forced = false;
    return sendBatch(trackOrigins(target, origins), request, services);
  }

  async function endSandboxes(): Promise<void> {
    for (const origin of origins) services.invoker.forget(origin);
    origins.clear();
    await work.driver.endSandboxes?.(work.deployment);
  }

  const context: BlockContext = {
    cell,
    repetitions: work.open,
    stopped: work.stopped,
    giveUp: work.giveUp,
    async forceColdStart() {
      for (const origin of origins) services.invoker.forget(origin);
      origins.clear();
      const level = cell.cold_level === undefined ? {} : { level: cell.cold_level };
      await work.driver.forceColdStart?.(work.deployment, { ...level, sandboxes: cell.concurrency });
      forced = true;
    },
    warmUp: () => send('warmup'),
    async repeat(repetition) {
      const report = await send('counted', repetition);
      if (report.counts) made.add(repetition);
      return report;
    },
  };

  journal.append({
    type: 'block_started',
    part,
    at: new Date().toISOString(),
    cell: cell.id,
    block,
    us: clock.nowUs() - services.partStartUs,
    load_1m: loadavg()[0] ?? 0,
  });
  try {
    await work.measure(context);
  } finally {
    if (work.driver.capabilities.sandboxesEndWithBlock) await endSandboxes();
    if (durable) services.invocations.sync();
  }
  const complete = made.size === work.open.length;
  if (complete) {
    const us = clock.nowUs() - services.partStartUs;
    journal.append({ type: 'block_done', part, at: new Date().toISOString(), cell: cell.id, block, us });
  }
  if (durable) journal.sync();
  return complete;
}

/** Remembers which sandboxes were spoken to, so that kept connections end with them. */
function trackOrigins(target: Target, origins: Set<string>): Target {
  const { place } = target.endpoint;
  if (place === undefined || target.cell.connection === 'fresh') return target;
  const tracked = async (options: Parameters<typeof place>[0]) => {
    const placement = await place(options);
    origins.add(placement.origin);
    return placement;
  };
  return { ...target, endpoint: { ...target.endpoint, place: tracked } };
}
