// How often the intervals of dependent and heavy-tailed data hold the truth (methodology D42). docs/methodology.md
// publishes the figures; this simulation, with known truth, must agree with them.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Random, randomFor } from '../../../src/random.js';
import { normalCdf, normalQuantile } from '../../../src/results/statistics/distributions.js';
import { estimateMetrics, type Sample } from '../../../src/results/statistics/metric.js';

const BLOCKS = 10;
const ROWS = 20;
const RUNS = 1000;

interface Scenario {
  name: string;
  /** Share of the variance that the rows of a block have in common. */
  common: number;
  /** Correlation of a row with the one before it in its block. */
  follow: number;
  /** From a standard normal value to a duration. */
  shape(z: number): number;
  mean: number;
}

const lognormal = { shape: (z: number) => Math.exp(z / 2), mean: Math.exp(1 / 8) };
const pareto = { shape: (z: number) => (1 - normalCdf(z)) ** (-1 / 2.5), mean: 2.5 / 1.5 };

const SCENARIOS: readonly Scenario[] = [
  { name: 'independent, log-normal', common: 0, follow: 0, ...lognormal },
  { name: 'each row follows the last (AR(1), 0.5), log-normal', common: 0, follow: 0.5, ...lognormal },
  { name: 'blocks differ (a fifth of the variance), log-normal', common: 0.2, follow: 0, ...lognormal },
  { name: 'independent, heavy tail (Pareto, 2.5)', common: 0, follow: 0, ...pareto },
];

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.unit())) * Math.cos(2 * Math.PI * random.unit());
}

function draw({ common, follow, shape }: Scenario, random: Random): Sample {
  const values: number[] = [];
  for (let block = 0; block < BLOCKS; block += 1) {
    const shared = Math.sqrt(common) * normal(random);
    let own = normal(random);
    for (let row = 0; row < ROWS; row += 1) {
      if (row > 0) own = follow * own + Math.sqrt(1 - follow * follow) * normal(random);
      values.push(shape(shared + Math.sqrt(1 - common) * own));
    }
  }
  return {
    values: Float64Array.from(values),
    censored: new Uint8Array(values.length),
    blockOf: Uint32Array.from(values, (_value, row) => Math.floor(row / ROWS)),
    blocks: BLOCKS,
    rowsIndependent: false,
  };
}

interface Coverage {
  /** Share of the intervals given that hold the truth. */
  held: number;
  /** Share of the runs in which an interval was given. */
  given: number;
}

function simulate(scenario: Scenario): Record<'mean' | 'p50' | 'p90' | 'p95', Coverage> {
  const random = randomFor(42, 'coverage', scenario.name);
  const truth = {
    mean: scenario.mean,
    p50: scenario.shape(0),
    p90: scenario.shape(normalQuantile(0.9)),
    p95: scenario.shape(normalQuantile(0.95)),
  };
  const names = ['mean', 'p50', 'p90', 'p95'] as const;
  const tally = { mean: [0, 0], p50: [0, 0], p90: [0, 0], p95: [0, 0] };
  for (let run = 0; run < RUNS; run += 1) {
    const samples = new Map([['client_us', draw(scenario, random)]]);
    const { client_us } = estimateMetrics(samples, { level: 0.95, resamples: 400, random });
    for (const name of names) {
      const ci = client_us?.[name].ci ?? null;
      if (ci === null) continue;
      tally[name][1] = (tally[name][1] ?? 0) + 1;
      if ((ci.low ?? -Infinity) <= truth[name] && truth[name] <= (ci.high ?? Infinity))
        tally[name][0] = (tally[name][0] ?? 0) + 1;
    }
  }
  const coverage = ([held = 0, given = 0]: number[]): Coverage => ({ held: held / given, given: given / RUNS });
  return { mean: coverage(tally.mean), p50: coverage(tally.p50), p90: coverage(tally.p90), p95: coverage(tally.p95) };
}

/** `| <name> | 94 % | 97 % | 92 % (of 99 %) | … |` in docs/methodology.md. */
function published(name: string): Coverage[] {
  const row = readFileSync('docs/methodology.md', 'utf8')
    .split('\n')
    .find((line) => line.split('|')[1]?.trim() === name);
  return [...(row ?? '').matchAll(/(\d+) %(?: \(of (\d+) %\))?/g)].map(([, held, given]) => ({
    held: Number(held) / 100,
    given: Number(given ?? 100) / 100,
  }));
}

describe.each(SCENARIOS)('$name', (scenario) => {
  test('is covered as docs/methodology.md says', () => {
    const simulated = Object.values(simulate(scenario));
    const stated = published(scenario.name);
    expect(stated).toHaveLength(simulated.length);
    for (const [index, { held, given }] of simulated.entries()) {
      const claim = stated[index] ?? { held: 0, given: 0 };
      // Four standard errors of the simulation, and half a per cent for the rounding of the figure.
      const error = 4 * Math.sqrt((claim.held * (1 - claim.held)) / (RUNS * Math.max(claim.given, 0.1))) + 0.005;
      const figures = `${scenario.name}, column ${index + 1}: ${held.toFixed(3)} of ${given.toFixed(3)}`;
      expect(Math.abs(held - claim.held), figures).toBeLessThan(error);
      expect(Math.abs(given - claim.given), figures).toBeLessThan(0.07);
    }
  });
});
