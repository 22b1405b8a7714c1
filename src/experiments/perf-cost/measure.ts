// perf-cost, stage 3: latency and resources of an invocation that meets a new sandbox (cold) or a used one (warm).
// Comes in: one block of a cell; goes out: batches, in the order and with the preparation that its start asks for.
// Every loop is bounded: a start that cannot be had ends the cell as incomplete instead of running for ever.
import type { BlockContext } from '../experiment.js';

/** Batches sent for one repetition, or for one warm-up, before the cell is given up. */
const TRIES = 5;

export async function measureBlock(block: BlockContext): Promise<void> {
  if (block.cell.start === 'cold') await measureCold(block);
  else await measureWarm(block);
}

/** New sandboxes are forced before each batch; a batch that met none of them is made again. */
async function measureCold(block: BlockContext): Promise<void> {
  for (const repetition of block.repetitions) {
    let counted = 0;
    for (let attempt = 0; attempt < TRIES && counted === 0; attempt += 1) {
      if (block.stopped()) return;
      await block.forceColdStart();
      counted = (await block.repeat(repetition)).counted;
    }
    if (counted === 0 && !block.stopped()) return block.giveUp(`asked for cold, got none in ${TRIES} batches`);
  }
}

/**
 * A warm-up of one batch makes each of the cell's sandboxes answer once; then the batches of the block reuse them. A
 * sandbox that was lost on the way answers cold once: that attempt is discarded, and the batch is made again when
 * nothing of it counted.
 */
async function measureWarm(block: BlockContext): Promise<void> {
  if (block.repetitions.length === 0 || !(await warmUp(block))) return;
  for (const repetition of block.repetitions) {
    let counted = 0;
    for (let attempt = 0; attempt < TRIES && counted === 0; attempt += 1) {
      if (block.stopped()) return;
      counted = (await block.repeat(repetition)).counted;
    }
    if (counted === 0 && !block.stopped()) return block.giveUp(`asked for warm, got none in ${TRIES} batches`);
  }
}

async function warmUp(block: BlockContext): Promise<boolean> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    if (block.stopped()) return false;
    const report = await block.warmUp();
    if (report.answered === block.cell.concurrency) return true;
  }
  block.giveUp(`the warm-up got no answer from ${block.cell.concurrency} sandboxes in ${TRIES} batches`);
  return false;
}
