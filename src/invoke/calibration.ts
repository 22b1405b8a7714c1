// The client's own floor, measured before the first block: what a request costs that no function serves. Comes in: the
// invoker that will measure; goes out: the Calibration of the manifest. Bounded in requests and in time, because the
// first invocation waits for it. Also the monitor of the event loop while measuring.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { PlatformError } from '../errors.js';
import type { Calibration } from '../generated/manifest.js';
import type { Connection } from '../platforms/driver.js';
import { startEchoServer } from './echo-server.js';
import type { Invoker } from './exchange.js';

export interface CalibrationOptions {
  /** For each of fresh and keep-alive, at most. */
  requests?: number;
  /** For each of the two, in ms; ends it early on a slow machine, but never before `LEAST_REQUESTS`. */
  limitMs?: number;
  /** How long the event loop is watched while nothing happens, in ms. */
  idleMs?: number;
}

export interface EventLoopDelay {
  p50Us: number;
  p99Us: number;
  maxUs: number;
}

export interface EventLoopMonitor {
  stop(): EventLoopDelay;
}

/** The first requests compile code; they are sent and not counted. */
const WARM_UP_REQUESTS = 5;
const LEAST_REQUESTS = 10;
const TIMEOUT_US = 5_000_000;
/** 100 bytes, about what a small event has. */
const BODY = Buffer.from(JSON.stringify({ calibration: 'x'.repeat(82) }));

/** Throws PlatformError when the echo server does not start or does not answer. */
export async function calibrate(
  invoker: Invoker,
  { requests = 100, limitMs = 50, idleMs = 20 }: CalibrationOptions = {},
): Promise<Calibration> {
  const server = await startEchoServer();
  try {
    const fresh = await roundTrips(invoker, server.origin, 'fresh', requests, limitMs);
    const kept = await roundTrips(invoker, server.origin, 'keep-alive', requests, limitMs);
    const idle = await idleDelay(idleMs);
    return {
      requests: fresh.length + kept.length,
      fresh_p50_us: quantile(fresh, 0.5),
      fresh_p99_us: quantile(fresh, 0.99),
      keep_alive_p50_us: quantile(kept, 0.5),
      keep_alive_p99_us: quantile(kept, 0.99),
      timer_resolution_ns: timerResolutionNs(),
      event_loop_delay_p50_us: idle.p50Us,
      event_loop_delay_p99_us: idle.p99Us,
      event_loop_delay_max_us: idle.maxUs,
    };
  } finally {
    invoker.forget(server.origin);
    await server.close();
  }
}

/**
 * Watches the event loop: how late a timer comes, in µs beyond its period. The histogram is kept by Node.js itself; a
 * period of 10 ms is cheap enough to run while measuring, shorter ones see more of a short span.
 */
export function startEventLoopMonitor(periodMs = 10): EventLoopMonitor {
  const periodUs = periodMs * 1000;
  const histogram = monitorEventLoopDelay({ resolution: periodMs });
  histogram.enable();
  return {
    stop() {
      histogram.disable();
      // Its values are the whole time between two ticks, in ns; NaN or 0 when there was none.
      const lateUs = (ns: number): number => (ns > 0 ? Math.max(0, Math.round(ns / 1000) - periodUs) : 0);
      return {
        p50Us: lateUs(histogram.percentile(50)),
        p99Us: lateUs(histogram.percentile(99)),
        maxUs: histogram.count === 0 ? 0 : lateUs(histogram.max),
      };
    },
  };
}

async function idleDelay(idleMs: number): Promise<EventLoopDelay> {
  const monitor = startEventLoopMonitor(1);
  await delay(idleMs);
  return monitor.stop();
}

/** Client times in µs, sorted. */
async function roundTrips(
  invoker: Invoker,
  origin: string,
  connection: Connection,
  requests: number,
  limitMs: number,
): Promise<number[]> {
  const endpoint = { origin, path: '/', method: 'POST', headers: {} };
  const timesUs: number[] = [];
  const endMs = performance.now() + limitMs;
  for (let sent = 0; sent < requests + WARM_UP_REQUESTS; sent += 1) {
    if (timesUs.length >= LEAST_REQUESTS && performance.now() > endMs) break;
    const exchange = await invoker.send({
      attemptId: `calibration-${connection}-${sent}`,
      endpoint,
      connection,
      body: BODY,
      timeoutUs: TIMEOUT_US,
    });
    if (exchange.state === 'unanswered')
      throw new PlatformError(`the echo server of the calibration failed: ${exchange.error}`, {
        hint: 'see whether something on this machine keeps programs from talking to 127.0.0.1',
      });
    if (sent >= WARM_UP_REQUESTS) timesUs.push(exchange.times.clientUs);
  }
  return timesUs.sort((a, b) => a - b);
}

/** The smallest value with at least this share of the values at or below it; no interpolation. */
function quantile(sorted: readonly number[], share: number): number {
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new Error('a quantile of nothing');
  return value;
}

/** The smallest step seen between two looks at the clock that differ. */
function timerResolutionNs(): number {
  let smallestMs = Number.POSITIVE_INFINITY;
  let beforeMs = performance.now();
  for (let looks = 0; looks < 20_000; looks += 1) {
    const nowMs = performance.now();
    if (nowMs > beforeMs) smallestMs = Math.min(smallestMs, nowMs - beforeMs);
    beforeMs = nowMs;
  }
  return Math.round(smallestMs * 1e6);
}
