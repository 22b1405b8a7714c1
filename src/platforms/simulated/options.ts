// The entry of a simulated platform in a suite -> the parameters of its model, in the units of the code. Comes in: the
// options, validated against schemas/platforms/simulated.schema.json or empty; goes out: numbers. Pure.
import { parseDurationS, parseShare } from '../../spec/values.js';
import { US_PER_S } from '../../units.js';
import type { Capabilities, Prices } from '../driver.js';

/** What holds where the suite says nothing; the schema says the same, and a test compares them. */
export const DEFAULTS = {
  latency: { model: 'lognormal', median: '50ms', spread: 0.2, share: '10%', ratio: 4, tail: 2.5, correlation: 0.6 },
  drift: 0,
  change: { after: 0, ratio: 1.3 },
  diurnal: { amplitude: '0%', period: '24h' },
  memory_scaling: { reference: 1024, exponent: 0.8, floor: 0.5 },
  network: { round_trip: '10ms', spread: 0.1 },
  cold_start: { init: '300ms', spread: 0.3, import: '80ms', force: '1s' },
  keep_alive: '10m',
  sandbox_concurrency: 1,
  throttle_above: 1000,
  logs: { delay: '5s', late: '1%', late_delay: '2m', lost: '0%' },
  clock: { offset: '0ms', drift_ppm: 0 },
  prices: {
    date: '2000-01-01',
    usd_per_million_requests: 0.2,
    usd_per_gb_second: 0.0000166667,
    granularity: '1ms',
  },
  faults: {
    failures: '0%',
    timeouts: '0%',
    wrong_outputs: '0%',
    crashes: '0%',
    throttled: '0%',
    deploy: '0%',
    deploy_pending: '0ms',
    stuck: '0%',
  },
  storage: 'directory',
} as const;

export interface Latency {
  model: 'constant' | 'lognormal' | 'bimodal' | 'pareto' | 'ar1';
  medianUs: number;
  spread: number;
  share: number;
  ratio: number;
  tail: number;
  correlation: number;
}

export interface Model {
  latency: Latency;
  /** Per counted request of a cell. */
  driftPerRequest: number;
  change: { after: number; ratio: number };
  diurnal: { amplitude: number; periodUs: number };
  memory: { referenceMb: number; exponent: number; floor: number };
  network: { roundTripUs: number; spread: number };
  cold: { initUs: number; spread: number; importUs: number; forceUs: number };
  keepAliveUs: number;
  sandboxConcurrency: number;
  throttleAbove: number;
  logs: { delayUs: number; late: number; lateDelayUs: number; lost: number };
  clock: { offsetUs: number; driftPpm: number };
  prices: Prices;
  faults: Record<Exclude<keyof typeof DEFAULTS.faults, 'deploy_pending'>, number> & { deployPendingUs: number };
}

/** A rehearsal stands in for another platform and has its capabilities. */
export interface Rehearsal {
  type: string;
  capabilities: Capabilities;
}

export function modelOf(options: Readonly<Record<string, unknown>>): Model {
  const all = merged(DEFAULTS, options) as Loose<typeof DEFAULTS>;
  const { latency, network, cold_start: cold, logs, clock, faults } = all;
  return {
    latency: {
      model: latency.model as Latency['model'],
      medianUs: us(latency.median),
      spread: latency.spread,
      share: share(latency.share),
      ratio: latency.ratio,
      tail: latency.tail,
      correlation: latency.correlation,
    },
    driftPerRequest: all.drift / 1000,
    change: all.change,
    diurnal: { amplitude: share(all.diurnal.amplitude), periodUs: us(all.diurnal.period) },
    memory: {
      referenceMb: all.memory_scaling.reference,
      exponent: all.memory_scaling.exponent,
      floor: all.memory_scaling.floor,
    },
    network: { roundTripUs: us(network.round_trip), spread: network.spread },
    cold: { initUs: us(cold.init), spread: cold.spread, importUs: us(cold.import), forceUs: us(cold.force) },
    keepAliveUs: us(all.keep_alive),
    sandboxConcurrency: all.sandbox_concurrency,
    throttleAbove: all.throttle_above,
    logs: {
      delayUs: us(logs.delay),
      late: share(logs.late),
      lateDelayUs: us(logs.late_delay),
      lost: share(logs.lost),
    },
    clock: { offsetUs: us(clock.offset), driftPpm: clock.drift_ppm },
    prices: pricesOf(all.prices),
    faults: {
      failures: share(faults.failures),
      timeouts: share(faults.timeouts),
      wrong_outputs: share(faults.wrong_outputs),
      crashes: share(faults.crashes),
      throttled: share(faults.throttled),
      deploy: share(faults.deploy),
      stuck: share(faults.stuck),
      deployPendingUs: us(faults.deploy_pending),
    },
  };
}

function pricesOf(table: Loose<(typeof DEFAULTS)['prices']>): Prices {
  const granularityUs = us(table.granularity);
  return {
    source: "the model's own price table, of no provider",
    date: table.date,
    usdPerRequest: table.usd_per_million_requests / 1e6,
    usdPerGbS: table.usd_per_gb_second,
    granularityUs,
    minimumUs: granularityUs,
    excluded: ['gateway', 'egress', 'storage', 'logs'],
  };
}

export function rehearsalIn({ rehearses }: Readonly<Record<string, unknown>>): Rehearsal | undefined {
  return rehearses as Rehearsal | undefined;
}

/** Literal types widened: what the suite may say instead of the defaults. */
type Loose<T> = T extends number ? number : T extends string ? string : { [K in keyof T]: Loose<T[K]> };

function merged(defaults: unknown, given: unknown): unknown {
  if (typeof defaults !== 'object' || defaults === null) return given ?? defaults;
  const members = (given ?? {}) as Record<string, unknown>;
  return Object.fromEntries(Object.entries(defaults).map(([key, value]) => [key, merged(value, members[key])]));
}

function us(duration: string): number {
  return Math.round((parseDurationS(duration) ?? 0) * US_PER_S);
}

function share(text: string): number {
  return parseShare(text) ?? 0;
}
