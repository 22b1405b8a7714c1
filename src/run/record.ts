// Stage 3, the record: Exchange (what the client saw) + the wrapper's answer (what the function says) -> one Invocation.
// Pure. Nothing is guessed: a field that nobody reported is absent.
import type { Invocation } from '../generated/invocation.js';
import { sha256, stableJson } from '../hash.js';
import type { Answered, Exchange } from '../invoke/exchange.js';
import type { Endpoint } from '../platforms/driver.js';

/** Where an attempt stands in the run; the same for every row of a batch but slot and index. */
export interface Position {
  attemptId: string;
  part: number;
  cell: string;
  deployment: string | undefined;
  block: number;
  batch: number;
  slot: number;
  /** Position among the block's repetitions, when the attempt will count. */
  index: number | undefined;
  trigger: NonNullable<Invocation['trigger']>;
  /** The part's start on the clock of `Exchange.releasedUs`. */
  partStartUs: number;
}

/** An exchange with the function's answer taken out of it. */
export interface Reply {
  exchange: Exchange;
  answer?: Answer;
  /** Why an answered exchange holds no proper answer. */
  fault?: { kind: 'http' | 'function' | 'memory' | 'protocol' | 'throttle'; text: string };
}

/** The wrapper's answer, as far as it was well-formed. */
export interface Answer {
  fields: Partial<Invocation>;
  output: unknown;
  /** What of the benchmark's own measurement was not taken, and why. */
  refused: readonly string[];
}

const LONGEST_ERROR = 2000;

type Reading = Pick<Endpoint, 'decode' | 'redact' | 'okStatuses'>;

export function readReply(received: Exchange, endpoint: Reading): Reply {
  const reply = interpret(redacted(received, endpoint), endpoint);
  // How large the answer was is a fact of what came.
  return received.state === 'answered' ? { ...reply, exchange: received } : reply;
}

function interpret(exchange: Exchange, endpoint: Reading): Reply {
  if (exchange.state === 'unanswered') return { exchange };
  const succeeded = endpoint.okStatuses?.includes(exchange.status) ?? exchange.status === 200;
  let body: unknown;
  try {
    body =
      exchange.content ??
      endpoint.decode?.(exchange.body, exchange.headers) ??
      JSON.parse(Buffer.from(exchange.body).toString('utf8'));
  } catch {
    return {
      exchange,
      fault: {
        kind: succeeded ? 'protocol' : statusKind(exchange),
        text: `${statusText(exchange)}, not JSON: ${excerpt(exchange)}`,
      },
    };
  }
  if (!isRecord(body))
    return { exchange, fault: { kind: 'protocol', text: `the answer is not a JSON object: ${excerpt(exchange)}` } };
  const result = isRecord(body.result) ? body.result : {};
  const { values: measurement, refused } = readMeasurement(result.measurement);
  const fields = compact<Partial<Invocation>>({ ...answerFields(body), measurement });
  const answer: Answer = { fields, output: result.output, refused };
  if (isRecord(body.error)) {
    // A runtime that was refused memory and lived says so itself.
    const kind = body.error.out_of_memory === true ? 'memory' : 'function';
    return { exchange, answer, fault: { kind, text: errorText(body.error) } };
  }
  if (!succeeded)
    return {
      exchange,
      answer,
      fault: { kind: statusKind(exchange), text: `${statusText(exchange)}: ${excerpt(exchange)}` },
    };
  if (!isRecord(body.result))
    return { exchange, answer, fault: { kind: 'protocol', text: `the answer has no result: ${excerpt(exchange)}` } };
  return { exchange, answer };
}

/** Without what must not be written anywhere. */
function redacted(exchange: Exchange, { redact }: Reading): Exchange {
  if (redact === undefined) return exchange;
  if (exchange.state === 'unanswered') return { ...exchange, error: redact(exchange.error) };
  const headers = Object.fromEntries(Object.entries(exchange.headers).map(([name, value]) => [name, redact(value)]));
  return { ...exchange, headers, body: Buffer.from(redact(Buffer.from(exchange.body).toString('utf8'))) };
}

/** The row of one attempt. `invalid`: what the benchmark's validator said of the output, null when it is right. */
export function recordOf(position: Position, reply: Reply, invalid: string | null): Invocation {
  const { exchange, answer } = reply;
  const { times } = exchange;
  const outcome = outcomeOf(reply, invalid);
  return compact({
    attempt_id: position.attemptId,
    part: position.part,
    cell: position.cell,
    deployment: position.deployment,
    block: position.block,
    batch: position.batch,
    slot: position.slot,
    index: position.index,
    role: 'counted',
    trigger: position.trigger,
    ...outcome,
    http_status: exchange.state === 'answered' ? exchange.status : undefined,
    request_bytes: exchange.requestBytes,
    response_bytes: exchange.state === 'answered' ? exchange.body.byteLength : undefined,
    ...outputFields(reply),
    released_at: exchange.releasedAt,
    released_us: exchange.releasedUs - position.partStartUs,
    client_us: times.clientUs,
    queue_us: times.queueUs,
    create_us: times.createUs,
    start_us: times.startUs,
    ready_us: times.readyUs,
    connect_us: times.connectUs,
    first_byte_us: times.firstByteUs,
    download_us: times.downloadUs,
    connection_reused: exchange.connectionReused,
    sandbox_id: exchange.placement?.sandboxId,
    ...exchange.placement?.facts,
    ...answer?.fields,
  });
}

function outcomeOf(reply: Reply, invalid: string | null): Partial<Invocation> {
  const { exchange, fault } = reply;
  if (exchange.state === 'unanswered') {
    const { death } = exchange;
    const error = death === undefined ? exchange.error : `${exchange.error}: ${death.text}`;
    if (exchange.errorKind === 'timeout') return { outcome: 'timed_out', error_kind: 'timeout', error: clip(error) };
    return { outcome: 'failed', error_kind: death?.kind ?? exchange.errorKind, error: clip(error) };
  }
  if (fault?.kind === 'throttle') return { outcome: 'throttled', error_kind: 'throttle', error: clip(fault.text) };
  if (fault !== undefined) return { outcome: 'failed', error_kind: fault.kind, error: clip(fault.text) };
  if (invalid !== null) return { outcome: 'invalid_output', error_kind: 'validation', error: clip(invalid) };
  return { outcome: 'ok' };
}

let last = { text: '', bytes: 0, sha256: '' };

function outputFields(reply: Reply): Partial<Invocation> {
  if (reply.answer === undefined || reply.fault !== undefined) return {};
  const text = stableJson(reply.answer.output ?? null);
  // Most functions answer alike every time.
  if (text !== last.text) last = { text, bytes: Buffer.byteLength(text), sha256: sha256(text) };
  return { output_bytes: last.bytes, output_sha256: last.sha256 };
}

/** The fields that the wrapper reports (design §7), each taken only when it has the type it must have. */
function answerFields(body: Record<string, unknown>): Partial<Invocation> {
  const resources = isRecord(body.resources) ? body.resources : {};
  const scope = resources.memory_peak_scope;
  return compact<Partial<Invocation>>({
    request_id: text(body.request_id),
    begin_at: text(body.begin_at),
    end_at: text(body.end_at),
    benchmark_us: count(body.benchmark_us),
    import_us: count(body.import_us),
    is_cold: typeof body.is_cold === 'boolean' ? body.is_cold : undefined,
    sandbox_id: text(body.sandbox_id),
    sandbox_started_at: text(body.sandbox_started_at),
    invocation_index: count(body.invocation_index),
    memory_peak_bytes: count(resources.memory_peak_bytes),
    memory_peak_scope: scope === 'invocation' || scope === 'since sandbox start' ? scope : undefined,
    cpu_user_us: count(resources.cpu_user_us),
    cpu_system_us: count(resources.cpu_system_us),
    page_faults_minor: count(resources.page_faults_minor),
    page_faults_major: count(resources.page_faults_major),
    context_switches_voluntary: count(resources.context_switches_voluntary),
    context_switches_involuntary: count(resources.context_switches_involuntary),
  });
}

/**
 * SeBS's keys (`download_time` in µs, `download_size` in bytes) get the names that carry their unit. A number without a
 * unit, or below zero, means nothing: it is not taken, and said.
 */
export function readMeasurement(measurement: unknown): {
  values: Record<string, number> | undefined;
  refused: string[];
} {
  if (measurement === undefined) return { values: undefined, refused: [] };
  if (!isRecord(measurement)) return { values: undefined, refused: ['`measurement` is not an object'] };
  const values: Record<string, number> = {};
  const refused: string[] = [];
  for (const [key, value] of Object.entries(measurement)) {
    const name = key.replace(/_time$/, '_us').replace(/_size$/, '_bytes');
    if (!/_(us|bytes)$/.test(name)) refused.push(`'${key}' ends in neither _us nor _bytes`);
    else if (typeof value !== 'number' || !Number.isFinite(value)) refused.push(`'${key}' is not a number`);
    else if (value < 0) refused.push(`'${key}' is below 0`);
    else values[name] = value;
  }
  return { values: Object.keys(values).length === 0 ? undefined : values, refused };
}

function statusKind(exchange: Answered): 'throttle' | 'http' {
  return exchange.status === 429 ? 'throttle' : 'http';
}

function statusText(exchange: Answered): string {
  return `HTTP status ${exchange.status}`;
}

function excerpt(exchange: Answered): string {
  const start = Buffer.from(exchange.body.subarray(0, 300)).toString('utf8');
  return exchange.body.byteLength > 300 ? `${start}…` : start;
}

function errorText(error: Record<string, unknown>): string {
  const message = [text(error.type), text(error.message)].filter((part) => part !== undefined).join(': ');
  return message === '' ? JSON.stringify(error) : message;
}

function clip(error: string): string {
  return error.length > LONGEST_ERROR ? `${error.slice(0, LONGEST_ERROR - 1)}…` : error;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

type Loose<T> = { [K in keyof T]: T[K] | undefined };

/** The same without the members that are undefined. */
function compact<T extends object>(record: Loose<T>): T {
  // A loop: it is run twice for every record, and building lists of entries costs several times as much.
  const result: Partial<T> = {};
  for (const key in record) if (record[key] !== undefined) result[key] = record[key] as T[typeof key];
  return result as T;
}
