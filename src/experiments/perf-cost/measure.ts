// perf-cost, stage 3: latency and resources of an invocation, by what its sandbox was before. Comes in: one block of a
// cell; goes out: batches, in the order and with the preparation that its start asks for (design, "Starts").
// Every loop is bounded: a start that cannot be had ends the cell as incomplete instead of running for ever.
import type { Cell } from '../../generated/plan.js';
import type { BlockContext } from '../experiment.js';

/** Batches sent for one repetition, or for one warm-up, before the cell is given up. */
const TRIES = 5;

/** How the batches of a block are prepared. Which of them count is decided by the start that was observed. */
const PREPARATION: Readonly<Record<Cell['start'], { newSandboxes: boolean; warmUp: boolean }>> = {
  cold: { newSandboxes: true, warmUp: false },
  warm: { newSandboxes: false, warmUp: true },
  burst: { newSandboxes: true, warmUp: false },
  sequential: { newSandboxes: false, warmUp: true },
};

export async function measureBlock(block: BlockContext): Promise<void> {
  const { newSandboxes, warmUp } = PREPARATION[block.cell.start];
  if (block.repetitions.length === 0) return;
  if (warmUp && !(await warmedUp(block))) return;
  for (const repetition of block.repetitions) if (!(await repeated(block, repetition, newSandboxes))) return;
}

/** Makes a batch again until all of it met the asked start. */
async function repeated(block: BlockContext, repetition: number, newSandboxes: boolean): Promise<boolean> {
  const { start, concurrency } = block.cell;
  let most = 0;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    if (block.stopped()) return false;
    if (newSandboxes) await block.forceColdStart();
    const report = await block.repeat(repetition);
    if (report.counts) return true;
    most = Math.max(most, report.met);
  }
  const met = concurrency === 1 ? 'got none' : `got at most ${most} of ${concurrency} in a batch`;
  if (!block.stopped()) block.giveUp(`asked for ${start}, ${met}, in ${TRIES} batches`);
  return false;
}

/**
 * A warm-up makes each of the cell's sandboxes answer once; then the batches of the block reuse them. A sandbox that is
 * lost on the way answers cold once: its batch is discarded and made again.
 */
async function warmedUp(block: BlockContext): Promise<boolean> {
  const { concurrency } = block.cell;
  let lastError: string | undefined;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    if (block.stopped()) return false;
    const report = await block.warmUp();
    if (report.answered === concurrency) return true;
    lastError = report.lastError ?? lastError;
  }
  const sandboxes = concurrency === 1 ? 'a sandbox' : `${concurrency} sandboxes`;
  const why = lastError === undefined ? '' : `; the last: ${lastError}`;
  if (!block.stopped()) block.giveUp(`the warm-up got no answer from ${sandboxes} in ${TRIES} batches${why}`);
  return false;
}
