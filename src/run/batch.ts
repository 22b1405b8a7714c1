// Stage 3, one batch: requests released together. Journalled with their attempt ids before the first is sent; sent;
// each answer validated; classified; and all rows written at once. It counts as a whole or not at all: batches in which
// some met the asked start and some did not would be measured under another concurrency than the cell's.
// Comes in: a cell's target and the repetition to fill; goes out: rows in raw/invocations.jsonl.
import type { Clock } from '../clock.js';
import type { BatchReport } from '../experiments/experiment.js';
import type { Invocation } from '../generated/invocation.js';
import type { JournalLine } from '../generated/journal.js';
import type { Cell } from '../generated/plan.js';
import type { Exchange, Invoker } from '../invoke/exchange.js';
import type { Endpoint } from '../platforms/driver.js';
import { US_PER_S } from '../units.js';
import type { AppendLog } from './append-log.js';
import { type Reply, readReply, recordOf } from './record.js';
import { missedStart, type StartClassifier } from './start-class.js';

/** What the requests of a cell are sent to, and how their outputs are judged. Ready before the first measurement. */
export interface Target {
  cell: Cell;
  /** Id of the planned deployment. */
  deployment: string;
  endpoint: Endpoint;
  body: Uint8Array;
  /** null when the output is right, else why it is not. `answer`: what the wrapper says about its invocation. */
  validate(output: unknown, answer: { benchmarkUs?: number }): Promise<string | null>;
}

/** What all batches of a part share. */
export interface BatchServices {
  part: number;
  /** The part's start on the clock of `Exchange.releasedUs`. */
  partStartUs: number;
  clock: Clock;
  invoker: Invoker;
  classifier: StartClassifier;
  journal: AppendLog<JournalLine>;
  invocations: AppendLog<Invocation>;
  /** A warning, written the first time that it is given. */
  warnOnce(text: string): void;
  /** Told how many requests are about to be sent. */
  sending?(attempts: number): void;
  /** Told of every row written. */
  recorded(cell: Cell, rows: readonly Invocation[]): void;
  /** Told of every output before it is judged. */
  answered?(attemptId: string, output: unknown): void;
}

export interface BatchRequest {
  block: number;
  batch: number;
  role: 'counted' | 'warmup';
  /** Which repetition it fills; absent for a warm-up. */
  repetition?: number;
  /** How often that was tried before. */
  tries: number;
  /** Whether new sandboxes were forced right before. */
  forced: boolean;
}

export async function sendBatch(target: Target, request: BatchRequest, services: BatchServices): Promise<BatchReport> {
  const { cell } = target;
  const { block, batch, role, repetition, tries } = request;
  const ids = Array.from({ length: cell.concurrency }, (_, slot) => `${cell.id}.${block}.${batch}.${slot}`);
  services.journal.append({
    type: 'batch',
    part: services.part,
    cell: cell.id,
    block,
    batch,
    role,
    ...(repetition === undefined ? {} : { repetition }),
    attempts: ids,
  });
  target.endpoint.beforeRelease?.();
  services.sending?.(ids.length);
  const exchanges = await services.invoker.sendTogether(
    ids.map((attemptId, slot) => ({
      attemptId,
      endpoint: target.endpoint,
      connection: cell.connection,
      body: target.body,
      timeoutUs: Math.round(cell.timeout_s * US_PER_S),
      draw: { cell: cell.id, block, role, position: (repetition ?? batch) * cell.concurrency + slot, tries },
    })),
  );
  const sent: Invocation[] = [];
  for (const [slot, exchange] of exchanges.entries()) sent.push(await rowOf(target, request, slot, exchange, services));
  const { rows, met } = withRoles(cell, sent, role);
  services.invocations.append(...rows);
  services.recorded(cell, rows);
  const lastError = rows.findLast((row) => row.error !== undefined)?.error;
  return {
    ...(lastError === undefined ? {} : { lastError }),
    counts: role === 'counted' && met === rows.length,
    met,
    answered: exchanges.filter((exchange) => exchange.state === 'answered').length,
  };
}

async function rowOf(
  target: Target,
  request: BatchRequest,
  slot: number,
  exchange: Exchange,
  services: BatchServices,
): Promise<Invocation> {
  const { cell, endpoint } = target;
  const reply = readReply(exchange, endpoint);
  if (reply.answer !== undefined && reply.fault === undefined)
    services.answered?.(exchange.attemptId, reply.answer.output);
  for (const what of reply.answer?.refused ?? [])
    services.warnOnce(`${cell.benchmark ?? cell.platform}: its measurement is not taken whole: ${what}`);
  const position = {
    attemptId: exchange.attemptId,
    part: services.part,
    cell: cell.id,
    deployment: target.deployment,
    block: request.block,
    batch: request.batch,
    slot,
    index: request.repetition === undefined ? undefined : request.repetition * cell.concurrency + slot,
    trigger: cell.trigger,
    partStartUs: services.partStartUs,
  };
  const row = recordOf(position, reply, await judge(target, reply));
  return { ...row, ...services.classifier.classify(row, exchange, request.forced) };
}

/** Every answered output is validated, those of warm-ups too: a fast wrong answer is a failure (D41). */
async function judge(target: Target, reply: Reply): Promise<string | null> {
  if (reply.answer === undefined || reply.fault !== undefined) return null;
  const { benchmark_us: benchmarkUs } = reply.answer.fields;
  return target.validate(reply.answer.output, benchmarkUs === undefined ? {} : { benchmarkUs });
}

/** One attempt that missed the asked start takes the others of its batch with it; each says why. */
function withRoles(
  cell: Cell,
  rows: readonly Invocation[],
  role: BatchRequest['role'],
): { rows: Invocation[]; met: number } {
  const misses = rows.map((row) => missedStart(cell.start, row.start_observed ?? 'unknown'));
  const met = misses.filter((missed) => missed === null).length;
  if (role === 'warmup') return { rows: rows.map((row) => ({ ...row, role })), met };
  if (met === rows.length) return { rows: [...rows], met };
  const together = `its batch does not count: ${met} of ${rows.length} met ${cell.start}`;
  const discarded = rows.map(({ index: _index, ...row }, slot): Invocation => {
    return { ...row, role: 'discarded', reason: misses[slot] ?? together };
  });
  return { rows: discarded, met };
}
