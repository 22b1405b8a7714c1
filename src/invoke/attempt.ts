// One attempt: place (where the platform leaves it to the client), sign, connect, send, read. Comes in: an InvokeRequest
// and the connections; goes out: an Exchange with every stage timed. Nothing that could wait is done inside the timed
// span: bodies are joined, headers arranged and sandboxes given back after the last byte.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../clock.js';
import { messageOf } from '../errors.js';
import type { Endpoint, Placement, PlaceOptions, SandboxDeath } from '../platforms/driver.js';
import { US_PER_S } from '../units.js';
import type { Connection, Connections } from './connections.js';
import type { Answered, Exchange, InvokeRequest, Unanswered } from './exchange.js';
import { type Failure, failureOf, placementFailure, stoppedFailure, timeoutFailure } from './failure.js';
import { type Limit, startLimit, unlessEnded, within } from './limit.js';
import { type Stage, startTimeline, type Timeline } from './timeline.js';
import { type RawResponse, type Sending, transfer } from './transfer.js';

/** How long a sandbox may take to be there, when nothing is said. */
const PLACEMENT_US = 120_000_000;

/** How long the end of a sandbox is waited for before the run goes on without its cause of death. */
const ENDING_MS = 10_000;

/** A function's time limit begins when its sandbox is there, as on the clouds; making the sandbox has a limit of its own. */
function firstTimeoutUs({ endpoint, timeoutUs, placementTimeoutUs = PLACEMENT_US }: InvokeRequest): number {
  return endpoint.place === undefined ? timeoutUs : placementTimeoutUs;
}

/** Everything that can be done before the release is done. */
export interface PreparedAttempt {
  /** The clock starts. */
  release(): void;
  /** After `release`: sends, waits and answers. Rejects only for bugs. */
  run(connections: Connections, stop: AbortSignal): Promise<Exchange>;
}

/** What is known of an attempt while it goes on. */
interface Progress extends Sending {
  request: InvokeRequest;
  headers: Record<string, string>;
  body: Uint8Array | null;
  timeline: Timeline;
  placing?: Promise<Placement>;
  placement?: Placement;
  connection?: Connection;
}

/** What every exchange says of itself, whatever came of it. */
type Common = Exclude<keyof Answered, 'state' | 'status' | 'headers' | 'body'>;
type Outcome = Omit<Answered, Common> | Omit<Unanswered, Common>;

export function prepareAttempt(request: InvokeRequest, clock: Clock): PreparedAttempt {
  const headers = requestHeaders(request);
  const body = hasBody(request.endpoint.method) && request.body.byteLength > 0 ? request.body : null;
  let timeline: Timeline | undefined;
  let releasedAt = '';
  return {
    release() {
      timeline = startTimeline(clock.nowMs);
      releasedAt = clock.at();
    },
    async run(connections, stop) {
      if (timeline === undefined) throw new Error('an attempt was run before its release');
      const progress: Progress = { request, headers, body, timeline, connected: false, sent: false };
      const limit = startLimit(firstTimeoutUs(request), [stop, request.signal]);
      const outcome = await carryOut(progress, connections, limit);
      return {
        attemptId: request.attemptId,
        releasedAt,
        releasedUs: timeline.releasedUs,
        times: timeline.finish(),
        requestBytes: body?.byteLength ?? 0,
        ...(progress.sent ? { connectionReused: !progress.connected } : {}),
        ...(progress.placement === undefined ? {} : { placement: progress.placement }),
        ...outcome,
      };
    },
  };
}

async function carryOut(progress: Progress, connections: Connections, limit: Limit): Promise<Outcome> {
  let response: RawResponse;
  try {
    response = await exchange(progress, connections, limit);
  } catch (error) {
    const { stage } = progress.timeline;
    progress.timeline.finish();
    const { ended } = limit;
    limit.clear();
    return await unanswered(failure(error, stage, ended, progress), progress, connections);
  }
  limit.clear();
  progress.connection?.finish();
  progress.placement?.release();
  return {
    state: 'answered',
    status: response.status,
    headers: flat(response.headers),
    body: Buffer.concat(response.chunks),
  };
}

/** The timed span. */
async function exchange(progress: Progress, connections: Connections, limit: Limit): Promise<RawResponse> {
  const { request, timeline } = progress;
  const { endpoint } = request;
  timeline.enter('queue');
  const origin = endpoint.place === undefined ? endpoint.origin : await place(endpoint, progress, limit);
  limit.restart(request.timeoutUs);
  const headers = sign(endpoint, progress);
  // A server may have closed a kept connection while the client was busy: one turn of the event loop lets it be seen.
  if (request.connection === 'keep-alive') await nextTurn();
  const connection = connections.take(origin, request.connection);
  progress.connection = connection;
  const { method, path } = endpoint;
  const sent = { method, path, headers, body: progress.body };
  return transfer({ connection, request: sent, timeline, limit }, progress);
}

/** The origin to send to. The driver calls at the moments as they pass; the clock is read here. */
async function place(endpoint: Endpoint, progress: Progress, limit: Limit): Promise<string> {
  const { timeline } = progress;
  const moments = {
    created: ['create', 'start'],
    started: ['start', 'ready'],
    ready: ['ready', 'queue'],
  } as const satisfies Record<string, readonly [Stage, Stage]>;
  let marked = false;
  const options: PlaceOptions = {
    mark(moment) {
      const [ended, next] = moments[moment];
      timeline.relabel(ended);
      timeline.enter(next);
      marked = true;
    },
    signal: limit.signal,
  };
  timeline.enter('create');
  // Async, so that a driver that throws at once is an outcome like one that rejects.
  progress.placing = (async () => {
    if (endpoint.place === undefined) throw new Error('the endpoint cannot place');
    return endpoint.place(options);
  })();
  const placement = await unlessEnded(limit, progress.placing);
  progress.placement = placement;
  // A sandbox that was there already has no stage of its own: finding it is the client's work.
  if (!marked && !placement.created) timeline.relabel('queue');
  timeline.enter('queue');
  return placement.origin;
}

/** Signing takes time that a caller of the platform spends too: it is inside the client time, as the client's own. */
function sign(endpoint: Endpoint, { headers, body }: Progress): Record<string, string> {
  if (endpoint.sign === undefined) return headers;
  const { method, path } = endpoint;
  return { ...headers, ...endpoint.sign({ method, path, headers: { ...headers }, body: body ?? new Uint8Array() }) };
}

function failure(error: unknown, stage: Stage, ended: Limit['ended'], progress: Progress): Failure {
  const inPlacement = progress.placing !== undefined && progress.placement === undefined;
  if (ended === 'timeout' && inPlacement)
    return { kind: 'create', text: `no sandbox within ${firstTimeoutUs(progress.request) / US_PER_S} s` };
  if (ended === 'timeout') return timeoutFailure(progress.request.timeoutUs, stage);
  if (ended === 'stopped') return stoppedFailure(stage);
  return inPlacement ? placementFailure(error) : failureOf(error, stage);
}

async function unanswered({ kind, text }: Failure, progress: Progress, connections: Connections): Promise<Outcome> {
  progress.connection?.destroy(new Error(text));
  const { death, trouble } = await endSandbox(progress, connections);
  return {
    state: 'unanswered',
    errorKind: kind,
    error: text + trouble,
    ...(death === undefined ? {} : { death }),
  };
}

/** The request failed: whatever serves it must not serve another one. */
async function endSandbox(
  { placing }: Progress,
  connections: Connections,
): Promise<{ death?: SandboxDeath; trouble: string }> {
  if (placing === undefined) return { trouble: '' };
  // One that is still being placed was told by its signal to end; it may come into being nevertheless, even after we
  // have stopped waiting for it.
  const ending = placing.then(
    (placement) => {
      connections.forget(placement.origin);
      return placement.discard();
    },
    () => undefined,
  );
  try {
    const death = await within(ENDING_MS, ending);
    return { ...(death === undefined ? {} : { death }), trouble: '' };
  } catch (error) {
    return { trouble: `; then its sandbox could not be ended: ${messageOf(error)}` };
  }
}

function requestHeaders(request: InvokeRequest): Record<string, string> {
  const headers: Record<string, string> = {};
  if (hasBody(request.endpoint.method)) headers['content-type'] = 'application/json';
  for (const [name, value] of Object.entries(request.endpoint.headers)) headers[name.toLowerCase()] = value;
  headers['x-sebs-attempt'] = request.attemptId;
  return headers;
}

function hasBody(method: string): boolean {
  return method !== 'GET' && method !== 'HEAD';
}

function flat(headers: RawResponse['headers']): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) result[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return result;
}
