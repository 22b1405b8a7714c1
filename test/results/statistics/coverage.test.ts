// How often intervals of dependent and heavy-tailed data hold the truth (methodology D42). docs/methodology.md publishes
// what `node bench/coverage.mjs 1000` prints; a part of that simulation, with other draws, must agree with it.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Coverage, coverageOf, SCENARIOS, STATISTICS } from '../../../bench/coverage-scenarios.mjs';
import { randomFor } from '../../../src/random.js';
import { estimateMetrics } from '../../../src/results/statistics/metric.js';

const RUNS = 200;
const PUBLISHED_RUNS = 1000;

/** Cells of the row `| <name> | 94 % | 97 % | 92 % (of 99 %) | never given | … |` under a heading of the page. */
function published(heading: string, name: string): Coverage[] {
  const lines = readFileSync('docs/methodology.md', 'utf8').split('\n');
  const from = lines.findIndex((line) => line.trim() === heading);
  const row = lines.slice(from + 1).find((line) => line.split('|')[1]?.trim() === name);
  return (row ?? '')
    .split('|')
    .slice(2, 2 + STATISTICS.length)
    .map((cell) => {
      const [, held, given] = /(\d+) %(?: \(of ([\d.]+) %\))?/.exec(cell) ?? [];
      if (held === undefined) return { held: Number.NaN, given: 0 };
      return { held: Number(held) / 100, given: Number(given ?? 100) / 100 };
    });
}

const TABLES = [
  { heading: '**10 blocks of 20 rows, several rows per sandbox**', blocks: 10, rows: 20, rowsIndependent: false },
  { heading: '**10 blocks of 20 rows, a sandbox for each row**', blocks: 10, rows: 20, rowsIndependent: true },
];

describe.each(TABLES)('$heading', ({ heading, ...settings }) => {
  test.each(SCENARIOS)('$name: is covered as docs/methodology.md says', (scenario) => {
    const random = randomFor(43, 'coverage', scenario.name);
    const simulated = coverageOf(estimateMetrics, scenario, { ...settings, runs: RUNS, resamples: 400, random });
    const stated = published(heading, scenario.name);
    expect(stated).toHaveLength(STATISTICS.length);
    for (const [index, name] of STATISTICS.entries()) {
      const { held, given } = simulated[name];
      const claim = stated[index] ?? { held: 0, given: 0 };
      const figures = `${name}: ${held.toFixed(3)} of ${given.toFixed(3)}`;
      expect(Math.abs(given - claim.given), figures).toBeLessThan(error(claim.given, 1));
      // Of a handful of intervals the share says nothing.
      if (given * RUNS >= 10) expect(Math.abs(held - claim.held), figures).toBeLessThan(error(claim.held, claim.given));
    }
  });

  test('gives quantiles no interval that holds the truth less often than in nine of ten', () => {
    for (const { name } of SCENARIOS) {
      for (const [index, { held, given }] of published(heading, name).entries()) {
        if (STATISTICS[index] === 'mean' || given < 0.05) continue;
        expect(held, `${name}, ${STATISTICS[index]}`).toBeGreaterThanOrEqual(0.9);
      }
    }
  });
});

/** Four standard errors of the difference of both simulations, and half a per cent for the rounding of the figure. */
function error(share: number, given: number): number {
  const spread = Math.max(share * (1 - share), 0.01);
  return 4 * Math.sqrt(spread / (RUNS * given) + spread / (PUBLISHED_RUNS * given)) + 0.005;
}
