// The model's draws against the distributions that docs/platforms/simulated.md promises. Seeds are fixed; the bounds are
// four standard errors of the estimate, so that a wrong formula fails and chance does not.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Draw } from '../../../src/platforms/driver.js';
import { drawsOf, handlerTimeOf } from '../../../src/platforms/simulated/latency.js';
import { createLogs } from '../../../src/platforms/simulated/logs.js';
import { DEFAULTS, modelOf } from '../../../src/platforms/simulated/options.js';
import { createSandboxes } from '../../../src/platforms/simulated/sandboxes.js';
import { keyedRandom } from '../../../src/random.js';
import { withDefaults } from '../../../src/spec/defaults.js';
import type { Schema } from '../../../src/spec/schemas.js';

const N = 20_000;

function draw(position: number, change: Partial<Draw> = {}): Draw {
  return { cell: 'c', block: 0, role: 'counted', position, tries: 0, ...change };
}

function handlerOf(options: Record<string, unknown>, seed = 42) {
  return handlerTimeOf(modelOf(options), seed, 'cloud', drawsOf(seed, 'cloud'));
}

function sample(options: Record<string, unknown>, memoryMb: number | null = null): number[] {
  const handler = handlerOf(options);
  return Array.from({ length: N }, (_, position) => handler(draw(position), memoryMb, 0));
}

const sorted = (values: readonly number[]) => [...values].sort((a, b) => a - b);
const at = (values: readonly number[], share: number) => sorted(values)[Math.floor(share * values.length)] ?? 0;
const shareOf = (values: readonly number[], test: (value: number) => boolean) =>
  values.filter(test).length / values.length;
/** Four standard errors of a share. */
const error = (share: number) => 4 * Math.sqrt((share * (1 - share)) / N);

describe('the time of a handler', () => {
  it('is the same always with `constant`, and scales with memory down to its floor', () => {
    const latency = { model: 'constant', median: '100ms' };
    const memory_scaling = { reference: 1000, exponent: 1, floor: 0.5 };
    expect(new Set(sample({ latency, memory_scaling }, 1000))).toEqual(new Set([100_000]));
    expect(sample({ latency, memory_scaling }, 250)[0]).toBe(400_000);
    expect(sample({ latency, memory_scaling }, 4000)[0]).toBe(50_000);
  });

  it('is log-normal: its median, and 84 % below one standard deviation', () => {
    const values = sample({ latency: { model: 'lognormal', median: '50ms', spread: 0.3 } });
    expect(Math.abs(shareOf(values, (us) => us <= 50_000) - 0.5)).toBeLessThan(error(0.5));
    expect(Math.abs(shareOf(values, (us) => us <= 50_000 * Math.exp(0.3)) - 0.8413)).toBeLessThan(error(0.84));
  });

  it('is bimodal with the share and the ratio that were asked for', () => {
    const values = sample({ latency: { model: 'bimodal', median: '10ms', spread: 0.05, share: '30%', ratio: 5 } });
    expect(Math.abs(shareOf(values, (us) => us > 25_000) - 0.3)).toBeLessThan(error(0.3));
    expect(at(values, 0.85) / 50_000).toBeCloseTo(1, 1);
  });

  it('has a tail of Pareto: P(X > k medians) = k^-tail / 2', () => {
    const values = sample({ latency: { model: 'pareto', median: '10ms', tail: 2 } });
    for (const times of [1, 2, 4]) {
      const expected = 0.5 * times ** -2;
      expect(Math.abs(shareOf(values, (us) => us > 10_000 * times) - expected)).toBeLessThan(error(expected));
    }
  });

  it('is correlated from one request to the next as `ar1` says, and log-normal at each', () => {
    const values = sample({ latency: { model: 'ar1', median: '50ms', spread: 0.3, correlation: 0.7 } });
    const logs = values.map((us) => Math.log(us / 50_000) / 0.3);
    const lag = (k: number) => logs.slice(k).reduce((sum, y, i) => sum + y * (logs[i] ?? 0), 0) / (N - k);
    expect(lag(0)).toBeCloseTo(1, 1);
    expect(lag(1)).toBeCloseTo(0.7, 1);
    expect(lag(3)).toBeCloseTo(0.343, 1);
  });

  it('drifts, steps and follows the day', () => {
    const latency = { model: 'constant', median: '100ms' };
    const drifting = handlerOf({ latency, drift: 0.1, change: { after: 500, ratio: 2 } });
    expect([0, 100, 499, 500, 1000].map((i) => drifting(draw(i), null, 0))).toEqual([
      100_000, 101_000, 104_990, 210_000, 220_000,
    ]);
    expect(drifting(draw(700, { role: 'warmup' }), null, 0)).toBe(100_000);
    const daily = handlerOf({ latency, diurnal: { amplitude: '20%', period: '24h' } });
    const hour = 3_600_000_000;
    expect([0, 6, 12, 18].map((h) => daily(draw(0), null, h * hour))).toEqual([100_000, 120_000, 100_000, 80_000]);
  });

  it('depends on seed, cell and request alone, not on the order in which they are made', () => {
    const models = ['lognormal', 'bimodal', 'pareto', 'ar1'];
    fc.assert(
      fc.property(
        fc.constantFrom(...models),
        fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.nat(60)), { minLength: 1, maxLength: 40 }),
        fc.nat(1000),
        (model, requests, seed) => {
          const inOrder = handlerOf({ latency: { model } }, seed);
          const truth = new Map<string, number>();
          for (const cell of ['a', 'b'])
            for (let i = 0; i <= 60; i += 1) truth.set(`${cell}${i}`, inOrder(draw(i, { cell }), null, 0));
          const shuffled = handlerOf({ latency: { model } }, seed);
          for (const [cell, i] of requests) expect(shuffled(draw(i, { cell }), null, 0)).toBe(truth.get(`${cell}${i}`));
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('the logs', () => {
  const log = (options: object) => createLogs(modelOf({ logs: options }), keyedRandom(1, 'logs'));
  const ids = (logs: ReturnType<typeof log>) =>
    Array.from({ length: N }, (_, i) =>
      logs.requestId({ name: `c.0.${i}`, doneUs: i * 1000, initUs: i % 2, executionUs: 5300 }),
    );

  it('bill what was executed, rounded up, and say of a used sandbox nothing about init', () => {
    const logs = log({ late: '0%', delay: '2s' });
    const id = logs.requestId({ name: 'c.0.1', doneUs: 1_000_000, initUs: 300_001, executionUs: 5300 });
    expect(logs.lineOf(id)).toEqual({
      visibleUs: 3_000_000,
      metrics: { request_id: id, init_us: 300_001, execution_us: 5300, billed_us: 306_000 },
    });
    const warm = logs.requestId({ name: 'c.0.2', doneUs: 1_000_000, initUs: 0, executionUs: 5300 });
    expect(logs.lineOf(warm)?.metrics).toEqual({ request_id: warm, execution_us: 5300, billed_us: 6000 });
  });

  it('lose and delay the shares that were asked for, the same ones however often they are asked', () => {
    const logs = log({ lost: '20%', late: '10%', delay: '1s', late_delay: '1h' });
    const lines = ids(logs).map((id) => logs.lineOf(id));
    const found = lines.filter((line) => line !== undefined);
    expect(Math.abs(1 - found.length / N - 0.2)).toBeLessThan(error(0.2));
    const late = found.filter(({ visibleUs }) => visibleUs > 3_000_000_000).length / found.length;
    expect(Math.abs(late - 0.1)).toBeLessThan(error(0.1));
    expect(ids(logs).map((id) => logs.lineOf(id))).toEqual(lines);
    expect(logs.lineOf('an id of somebody else')).toBeUndefined();
  });
});

describe('sandboxes', () => {
  it('are taken again while they are kept alive, and by as many requests as they have room for', () => {
    const sandboxes = createSandboxes(1000, 2);
    const first = sandboxes.add('a', 0, '');
    sandboxes.occupy(first, 100);
    expect(sandboxes.take(50)).toBe(first);
    sandboxes.occupy(first, 150);
    expect(sandboxes.take(60)).toBeUndefined();
    expect(sandboxes.take(120)).toBe(first);
    expect(sandboxes.take(1150)).toBe(first);
    expect(sandboxes.take(1151)).toBeUndefined();
  });

  it('that were dropped or cleared serve nobody', () => {
    const sandboxes = createSandboxes(1000, 1);
    const [a, b] = [sandboxes.add('a', 0, ''), sandboxes.add('b', 0, '')];
    sandboxes.drop(b);
    expect(sandboxes.take(1)).toBe(a);
    sandboxes.clear();
    expect(sandboxes.take(1)).toBeUndefined();
  });
});

it('the defaults are those of the schema', () => {
  const file = new URL('../../../schemas/platforms/simulated.schema.json', import.meta.url);
  const schema = JSON.parse(readFileSync(file, 'utf8')) as Schema;
  expect(withDefaults(schema, {})).toEqual(DEFAULTS);
});
