// Timed-out attempts are right-censored (methodology D26). The measure of every interval here is what it would have
// been, had the attempts been waited for: whatever they would have taken, that interval lies within the one given.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Estimate, MetricSummary } from '../../../src/generated/summary.js';
import { randomFor } from '../../../src/random.js';
import { medianPenalty } from '../../../src/results/statistics/contrast.js';
import { estimateMetrics } from '../../../src/results/statistics/metric.js';
import type { Sample } from '../../../src/results/statistics/sample.js';

const LIMIT = 1_000_000;
const QUANTILES = ['p50', 'p90', 'p95', 'p99'] as const;

interface Case {
  sample: Sample;
  /** What each censored row would have taken beyond its bound. */
  beyond: number[];
}

const anyCase = fc
  .record({
    rows: fc.array(
      fc.record({
        value: fc.integer({ min: 1, max: 2000 }),
        // Bounds differ a little, because each contains the time its sandbox took.
        bound: fc.integer({ min: LIMIT, max: LIMIT + 500 }),
        censored: fc.integer({ min: 0, max: 9 }),
        beyond: fc.oneof(fc.integer({ min: 0, max: 2000 }), fc.constant(10 ** 9)),
      }),
      { minLength: 1, maxLength: 160, size: 'max' },
    ),
    timeouts: fc.integer({ min: 0, max: 9 }),
    blocks: fc.integer({ min: 1, max: 14 }),
    rowsIndependent: fc.boolean(),
  })
  .map(({ rows, timeouts, blocks, rowsIndependent }): Case => {
    const units = Math.min(blocks, rows.length);
    const censored = Uint8Array.from(rows, (row) => (row.censored < timeouts ? 1 : 0));
    return {
      sample: {
        values: Float64Array.from(rows, (row, index) => (censored[index] === 1 ? row.bound : row.value)),
        censored,
        blockOf: Uint32Array.from(rows, (_row, index) => Math.floor((index * units) / rows.length)),
        blocks: units,
        rowsIndependent,
      },
      beyond: rows.map((row) => row.beyond),
    };
  });

/** The sample as it would have been without a time limit. */
function waitedFor({ sample, beyond }: Case): Sample {
  return {
    ...sample,
    values: sample.values.map((value, row) => value + (sample.censored[row] === 1 ? (beyond[row] ?? 0) : 0)),
    censored: new Uint8Array(sample.values.length),
  };
}

function estimate(sample: Sample): MetricSummary {
  const options = { level: 0.95, resamples: 300, random: randomFor(7, 'censoring') };
  const { client_us } = estimateMetrics(new Map([['client_us', sample]]), options);
  if (client_us === undefined) throw new Error('no summary');
  return client_us;
}

function expectWithin(inner: Estimate, outer: Estimate): void {
  if (inner.ci === null || outer.ci === null) return;
  expect(outer.ci.low ?? -Infinity).toBeLessThanOrEqual(inner.ci.low ?? -Infinity);
  expect(outer.ci.high ?? Infinity).toBeGreaterThanOrEqual(inner.ci.high ?? Infinity);
}

/** D15 looks at the ranks, which timed-out attempts blur: only cases that rest on the same units can be compared. */
function sameUnits(a: Estimate, b: Estimate): boolean {
  const method = ({ ci }: Estimate) => ci?.method.replace(', widened to the estimate', '');
  return a.units === b.units && (a.ci === null || b.ci === null || method(a) === method(b));
}

describe('an interval of censored rows', () => {
  test('holds the interval there would have been, whatever the timed-out attempts would have taken', () => {
    let open = 0;
    const property = fc.property(anyCase, (one) => {
      const known = estimate(one.sample);
      const whole = estimate(waitedFor(one));
      for (const name of QUANTILES) {
        if (!sameUnits(known[name], whole[name])) continue;
        if (known[name].ci?.high === null) open += 1;
        // A tail interval may be withheld from either, because the design effect is taken of the ranks.
        expectWithin(whole[name], known[name]);
      }
    });
    fc.assert(property, { numRuns: 300, seed: 1 });
    expect(open).toBeGreaterThan(100);
  });

  test('ends at what a request took or between two such, at a bound from below, or nowhere', () => {
    const property = fc.property(anyCase, ({ sample }) => {
      const took = sample.values.filter((_value, row) => sample.censored[row] === 0);
      const slowest = took.length === 0 ? -Infinity : Math.max(...took);
      const bounds = new Set(sample.values.filter((_value, row) => sample.censored[row] === 1));
      for (const name of QUANTILES) {
        const { ci } = estimate(sample)[name];
        if (ci === null) continue;
        expect(ci.high ?? -Infinity, name).toBeLessThanOrEqual(slowest);
        const low = ci.low ?? Number.NaN;
        expect(low <= slowest || bounds.has(low), `${name} from ${low}, slowest ${slowest}`).toBe(true);
      }
    });
    fc.assert(property, { numRuns: 300, seed: 2 });
  });

  test('of a median is what sorting the block medians by hand gives', () => {
    const property = fc.property(anyCase, ({ sample }) => {
      const blocked = { ...sample, rowsIndependent: false };
      const { ci, value } = estimate(blocked).p50;
      if (blocked.blocks < 6 || blocked.blocks > 8) return;
      // Of 6 to 8 units the interval at 95 % runs from the smallest to the largest.
      const medians = Array.from({ length: blocked.blocks }, (_, block) => {
        const rows = [...blocked.values.keys()].filter((row) => blocked.blockOf[row] === block);
        const places = [Math.floor((rows.length - 1) / 2), Math.ceil((rows.length - 1) / 2)];
        const of = (endless: boolean) => {
          const ordered = rows
            .map((row) => (endless && blocked.censored[row] === 1 ? Infinity : (blocked.values[row] ?? 0)))
            .sort((a, b) => a - b);
          return places.map((place) => ordered[place] ?? 0);
        };
        const [most = [], least = []] = [of(true), of(false)];
        const [below = 0, above = 0] = least;
        return {
          high: ((most[0] ?? 0) + (most[1] ?? 0)) / 2,
          low: above >= LIMIT ? below : (below + above) / 2,
        };
      });
      const low = Math.min(...medians.map((median) => median.low), value ?? 0);
      const high = Math.max(...medians.map((median) => median.high));
      expect(ci?.low ?? -Infinity).toBe(low);
      expect(ci?.high ?? Infinity).toBe(high === Infinity ? Infinity : Math.max(high, value ?? 0));
    });
    fc.assert(property, { numRuns: 300, seed: 3 });
  });
});

describe('the penalty of censored rows', () => {
  test('holds the one there would have been', () => {
    let open = 0;
    const property = fc.property(anyCase, anyCase, (cold, warm) => {
      const options = () => ({ level: 0.95, resamples: 200, random: randomFor(8, 'penalty') });
      const known = medianPenalty(cold.sample, warm.sample, options());
      const whole = medianPenalty(waitedFor(cold), waitedFor(warm), options());
      if (!sameUnits(known.difference, whole.difference)) return;
      if (known.difference.ci?.high === null || known.difference.ci?.low === null) open += 1;
      expectWithin(whole.difference, known.difference);
      expectWithin(whole.ratio, known.ratio);
    });
    fc.assert(property, { numRuns: 200, seed: 4 });
    expect(open).toBeGreaterThan(20);
  });
});
