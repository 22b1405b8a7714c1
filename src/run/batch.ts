// Stage 3, one batch: requests released together. Journalled with their attempt ids before the first is sent; sent;
// each answer validated; classified; and all rows written at once, so that a kill leaves a whole batch or none.
// Comes in: a cell's target and the positions to fill; goes out: rows in raw/invocations.jsonl.
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
  invoker: Invoker;
  classifier: StartClassifier;
  journal: AppendLog<JournalLine>;
  invocations: AppendLog<Invocation>;
  /** Told of every row written. */
  recorded(cell: Cell, rows: readonly Invocation[]): void;
}

export interface BatchRequest {
  block: number;
  batch: number;
  role: 'counted' | 'warmup';
  /** Which repetition it fills; absent for a warm-up. */
  repetition?: number;
  slots: readonly number[];
  /** Whether new sandboxes were forced right before. */
  forced: boolean;
}

export async function sendBatch(target: Target, request: BatchRequest, services: BatchServices): Promise<BatchReport> {
  const { cell } = target;
  const { block, batch, role } = request;
  const ids = request.slots.map((slot) => `${cell.id}.${block}.${batch}.${slot}`);
  services.journal.append({ type: 'batch', part: services.part, cell: cell.id, block, batch, role, attempts: ids });
  const exchanges = await services.invoker.sendTogether(
    ids.map((attemptId) => ({
      attemptId,
      endpoint: target.endpoint,
      connection: cell.connection,
      body: target.body,
      timeoutUs: Math.round(cell.timeout_s * US_PER_S),
    })),
  );
  const rows: Invocation[] = [];
  for (const [position, exchange] of exchanges.entries()) {
    const slot = request.slots[position] ?? position;
    rows.push(await rowOf(target, request, slot, exchange, services));
  }
  services.invocations.append(...rows);
  services.recorded(cell, rows);
  return {
    counted: rows.filter((row) => row.role === 'counted').length,
    discarded: rows.filter((row) => row.role === 'discarded').length,
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
  const position = {
    attemptId: exchange.attemptId,
    part: services.part,
    cell: cell.id,
    deployment: cell.deployments[0],
    block: request.block,
    batch: request.batch,
    slot,
    index: request.repetition === undefined ? undefined : request.repetition * cell.concurrency + slot,
    trigger: cell.trigger,
    partStartUs: services.partStartUs,
  };
  const row = recordOf(position, reply, await judge(target, reply));
  return withRole(cell, { ...row, ...services.classifier.classify(row, exchange, request.forced) }, request.role);
}

/** Every answered output is validated, those of warm-ups too: a fast wrong answer is a failure (D41). */
async function judge(target: Target, reply: Reply): Promise<string | null> {
  if (reply.answer === undefined || reply.fault !== undefined) return null;
  const { benchmark_us: benchmarkUs } = reply.answer.fields;
  return target.validate(reply.answer.output, benchmarkUs === undefined ? {} : { benchmarkUs });
}

function withRole(cell: Cell, row: Invocation, role: BatchRequest['role']): Invocation {
  if (role === 'warmup') return { ...row, role };
  const missed = missedStart(cell.start, row.start_observed ?? 'unknown');
  if (missed === null) return row;
  const { index: _index, ...rest } = row;
  return { ...rest, role: 'discarded', reason: missed };
}
