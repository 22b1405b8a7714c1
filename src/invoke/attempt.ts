// One attempt: place (where the platform leaves it to the client), sign, connect, send, read. Comes in: an InvokeRequest
// and the connections; goes out: an Exchange with every stage timed. Nothing that could wait is done inside the timed
// span: bodies are joined, headers arranged and sandboxes given back after the last byte.
import { setMaxListeners } from 'node:events';
import { messageOf } from '../errors.js';
import type { Endpoint, Placement, PlaceOptions, SandboxDeath } from '../platforms/driver.js';
import type { Connection, Connections } from './connections.js';
import type { Answered, Exchange, InvokeRequest, Unanswered } from './exchange.js';
import { type Failure, failureOf, placementFailure, stoppedFailure, timeoutFailure } from './failure.js';
import { type Stage, startTimeline, type Timeline } from './timeline.js';
import type { Dispatcher } from './undici.js';

/** How long the end of a sandbox is waited for before the run goes on without its cause of death. */
const ENDING_MS = 10_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Everything that can be done before the release is done. */
export interface PreparedAttempt {
  /** The clock starts. */
  release(): void;
  /** After `release`: sends, waits and answers. Rejects only for bugs. */
  run(connections: Connections, stop: AbortSignal): Promise<Exchange>;
}

/** A response as it came, with nothing done to it. */
interface Raw {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  chunks: Buffer[];
}

/** What is known of an attempt while it goes on. */
interface Progress {
  timeline: Timeline;
  placing?: Promise<Placement>;
  placement?: Placement;
  connection?: Connection;
  connected: boolean;
  sent: boolean;
}

export function prepareAttempt(request: InvokeRequest): PreparedAttempt {
  const headers = requestHeaders(request);
  const body = hasBody(request.endpoint.method) && request.body.byteLength > 0 ? request.body : null;
  let timeline: Timeline | undefined;
  let releasedAt = '';
  return {
    release() {
      timeline = startTimeline();
      releasedAt = new Date().toISOString();
    },
    async run(connections, stop) {
      if (timeline === undefined) throw new Error('an attempt was run before its release');
      const progress: Progress = { timeline, connected: false, sent: false };
      const outcome = await carryOut(request, headers, body, progress, connections, stop);
      const base = {
        attemptId: request.attemptId,
        releasedAt,
        releasedUs: timeline.releasedUs,
        times: timeline.finish(),
        requestBytes: body?.byteLength ?? 0,
        ...(progress.sent ? { connectionReused: !progress.connected } : {}),
        ...(progress.placement === undefined ? {} : { placement: progress.placement }),
      };
      return { ...base, ...outcome };
    },
  };
}

/** What every exchange says of itself, whatever came of it. */
type Common = Exclude<keyof Answered, 'state' | 'status' | 'headers' | 'body'>;
type Outcome = Omit<Answered, Common> | Omit<Unanswered, Common>;

async function carryOut(
  request: InvokeRequest,
  headers: Record<string, string>,
  body: Uint8Array | null,
  progress: Progress,
  connections: Connections,
  stop: AbortSignal,
): Promise<Outcome> {
  const { timeline } = progress;
  const limit = startLimit(request, stop);
  try {
    const origin = await place(request.endpoint, progress, limit.signal);
    const signed = sign(request.endpoint, headers, body ?? new Uint8Array());
    limit.signal.throwIfAborted();
    const connection = connections.take(origin, request.connection);
    progress.connection = connection;
    const { method, path } = request.endpoint;
    const raw = await transfer(connection, { method, path, headers: signed, body }, progress, limit.signal);
    connection.finish();
    progress.placement?.release();
    return { state: 'answered', status: raw.status, headers: flat(raw.headers), body: Buffer.concat(raw.chunks) };
  } catch (error) {
    const { stage } = timeline;
    timeline.finish();
    const failure = limit.failure(stage) ?? (inPlacement(progress) ? placementFailure(error) : failureOf(error, stage));
    progress.connection?.destroy(new Error(failure.text));
    const ending = await endSandbox(progress, connections);
    return {
      state: 'unanswered',
      errorKind: failure.kind,
      error: failure.text + ending.trouble,
      ...(ending.death === undefined ? {} : { death: ending.death }),
    };
  } finally {
    limit.end();
  }
}

/** The origin to send to. Marks are taken by our clock at the moment the driver calls. */
async function place(endpoint: Endpoint, progress: Progress, signal: AbortSignal): Promise<string> {
  const { timeline } = progress;
  timeline.enter('queue');
  if (endpoint.place === undefined) return endpoint.origin;
  timeline.enter('create');
  let marked = false;
  const moments = {
    created: ['create', 'start'],
    started: ['start', 'ready'],
    ready: ['ready', 'queue'],
  } as const satisfies Record<string, readonly [Stage, Stage]>;
  const { place: find } = endpoint;
  const options: PlaceOptions = {
    mark(moment) {
      const [ended, next] = moments[moment];
      timeline.relabel(ended);
      timeline.enter(next);
      marked = true;
    },
    signal,
  };
  // Async, so that a driver that throws at once is an outcome like one that rejects.
  progress.placing = (async () => find.call(endpoint, options))();
  const placement = await unlessAborted(progress.placing, signal);
  progress.placement = placement;
  // A sandbox that was there already has no stage of its own: finding it is the client's work.
  if (!marked && !placement.created) timeline.relabel('queue');
  timeline.enter('queue');
  return placement.origin;
}

/** Sends the request and reads the response. The handler only looks at the clock and keeps what came. */
function transfer(
  connection: Connection,
  options: Dispatcher.DispatchOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<Raw> {
  const { timeline } = progress;
  return new Promise((resolve, reject) => {
    const raw: Raw = { status: 0, headers: {}, chunks: [] };
    const giveUp = (): void => reject(signal.reason as Error);
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(controller) {
        // A second time would be a retry that nobody sees.
        if (progress.sent) controller.abort(new Error('the request would be sent twice'));
        progress.sent = true;
        timeline.enter('firstByte');
      },
      onResponseStart(_controller, status, headers) {
        if (status < 200) return;
        timeline.enter('download');
        raw.status = status;
        raw.headers = headers;
      },
      onResponseData(_controller, chunk) {
        raw.chunks.push(chunk);
      },
      onResponseEnd() {
        timeline.finish();
        signal.removeEventListener('abort', giveUp);
        resolve(raw);
      },
      onResponseError(_controller, error) {
        signal.removeEventListener('abort', giveUp);
        reject(error);
      },
    };
    signal.addEventListener('abort', giveUp);
    connection.dispatch(options, handler, () => {
      progress.connected = true;
      timeline.enter('connect');
    });
  });
}

/** The request failed: whatever serves it must not serve another one. */
async function endSandbox(
  progress: Progress,
  connections: Connections,
): Promise<{ death?: SandboxDeath; trouble: string }> {
  if (progress.placing === undefined) return { trouble: '' };
  try {
    // One that is still being placed was told by its signal to end; it may come into being nevertheless.
    const placing = progress.placing.catch(() => undefined);
    const placement = await within(ENDING_MS, placing);
    if (placement === undefined) return { trouble: '' };
    connections.forget(placement.origin);
    const death = await within(ENDING_MS, placement.discard());
    return { ...(death === undefined ? {} : { death }), trouble: '' };
  } catch (error) {
    return { trouble: `; then its sandbox could not be ended: ${messageOf(error)}` };
  }
}

function inPlacement(progress: Progress): boolean {
  return progress.placing !== undefined && progress.placement === undefined;
}

/** The one deadline of an attempt, and the wish of others that it ends. */
function startLimit(request: InvokeRequest, stop: AbortSignal) {
  const controller = new AbortController();
  const signals = request.signal === undefined ? [stop] : [stop, request.signal];
  // As many listeners as requests under way are meant; Node.js would warn of a leak at the eleventh.
  setMaxListeners(0, ...signals);
  let ended: 'timeout' | 'stopped' | undefined;
  const endAs = (why: 'timeout' | 'stopped'): void => {
    ended ??= why;
    controller.abort(new Error(why));
  };
  const onStop = (): void => endAs('stopped');
  const timer = setTimeout(endAs, Math.min(Math.ceil(request.timeoutUs / 1000), LONGEST_TIMER_MS), 'timeout');
  for (const signal of signals) {
    if (signal.aborted) onStop();
    else signal.addEventListener('abort', onStop);
  }
  return {
    signal: controller.signal,
    failure(stage: Stage): Failure | undefined {
      if (ended === undefined) return undefined;
      return ended === 'timeout' ? timeoutFailure(request.timeoutUs, stage) : stoppedFailure(stage);
    },
    end(): void {
      clearTimeout(timer);
      for (const signal of signals) signal.removeEventListener('abort', onStop);
    },
  };
}

function requestHeaders(request: InvokeRequest): Record<string, string> {
  const headers: Record<string, string> = {};
  if (hasBody(request.endpoint.method)) headers['content-type'] = 'application/json';
  for (const [name, value] of Object.entries(request.endpoint.headers)) headers[name.toLowerCase()] = value;
  headers['x-sebs-attempt'] = request.attemptId;
  return headers;
}

/** Signing takes time that a caller of the platform spends too: it is inside the client time, as the client's own. */
function sign(endpoint: Endpoint, headers: Record<string, string>, body: Uint8Array): Record<string, string> {
  if (endpoint.sign === undefined) return headers;
  const { method, path } = endpoint;
  return { ...headers, ...endpoint.sign({ method, path, headers: { ...headers }, body }) };
}

function hasBody(method: string): boolean {
  return method !== 'GET' && method !== 'HEAD';
}

function flat(headers: Raw['headers']): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) result[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return result;
}

async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let giveUp: () => void = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    giveUp = () => reject(signal.reason as Error);
    signal.addEventListener('abort', giveUp);
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

async function within<T>(limitMs: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`it took longer than ${limitMs / 1000} s`)), limitMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
