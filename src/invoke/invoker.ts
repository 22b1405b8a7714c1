// The HTTP client that measures. Comes in: requests; goes out: exchanges, one for each, whatever happened. It holds the
// only clock, never retries, and sends through undici's `dispatch`, whose callbacks are the moments that are timed.
import { type Clock, createClock } from '../clock.js';
import { prepareAttempt } from './attempt.js';
import { type ConnectionSettings, createConnections } from './connections.js';
import type { Exchange, InvokeRequest, Invoker } from './exchange.js';
import { simulateTogether } from './simulate.js';
import { loadUndici } from './undici.js';
import { warmUp } from './warm-up.js';

const MAX_BODY_BYTES = 64 * 1024 * 1024;

export interface InvokerSettings extends ConnectionSettings {
  /** What every moment is read from; else the monotonic clock of this host. */
  clock: Clock;
}

/** Loads undici and its parser, so that neither is part of the first request. */
export async function createInvoker({
  clock = createClock(),
  ...settings
}: Partial<InvokerSettings> = {}): Promise<Invoker> {
  await warmUp(loadUndici());
  const connections = createConnections({ maxBodyBytes: MAX_BODY_BYTES, ...settings });
  const stop = new AbortController();
  const underWay = new Set<Promise<unknown>>();

  /** All are released before the first is worked on: how far apart they were sent is in their queue stage. */
  function sendTogether(requests: readonly InvokeRequest[]): Promise<Exchange[]> {
    if (requests[0]?.endpoint.simulate !== undefined) return Promise.resolve(simulateTogether(requests, clock));
    const attempts = requests.map((request) => prepareAttempt(request, clock));
    for (const attempt of attempts) attempt.release();
    return Promise.all(attempts.map((attempt) => watched(attempt.run(connections, stop.signal))));
  }

  async function send(request: InvokeRequest): Promise<Exchange> {
    if (request.endpoint.simulate !== undefined) return (await sendTogether([request]))[0] as Exchange;
    const attempt = prepareAttempt(request, clock);
    attempt.release();
    return watched(attempt.run(connections, stop.signal));
  }

  function watched<T>(promise: Promise<T>): Promise<T> {
    underWay.add(promise);
    const forget = (): void => void underWay.delete(promise);
    promise.then(forget, forget);
    return promise;
  }

  async function close(): Promise<void> {
    stop.abort();
    await Promise.allSettled(underWay);
    connections.close();
  }

  return { send, sendTogether, forget: connections.forget, close };
}
