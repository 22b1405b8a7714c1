// How well the statistics keep their word, simulated with known truth: `node bench/coverage.mjs [runs]` prints the
// tables of docs/methodology.md. Seeded: the same number of runs prints the same figures. Needs the built package.
import { randomFor } from '../dist/random.js';
import { estimateMetrics } from '../dist/results/statistics/metric.js';
import { coverageOf, SCENARIOS, STATISTICS } from './coverage-scenarios.mjs';

const runs = Number(process.argv[2] ?? 2000);

for (const [blocks, rows, rowsIndependent] of [
  [10, 20, false],
  [10, 20, true],
  [30, 2, false],
]) {
  const kind = rowsIndependent ? 'a sandbox for each row' : 'several rows per sandbox';
  console.log(`\n${blocks} blocks of ${rows} rows, ${kind}, ${runs} runs\n`);
  console.log(`| data | ${STATISTICS.join(' | ')} |`);
  for (const scenario of SCENARIOS) {
    const random = randomFor(42, 'coverage', scenario.name, blocks, rows);
    const covered = coverageOf(estimateMetrics, scenario, {
      blocks,
      rows,
      runs,
      resamples: 400,
      random,
      rowsIndependent,
    });
    console.log(`| ${scenario.name} | ${STATISTICS.map((name) => figure(covered[name])).join(' | ')} |`);
  }
}

function figure({ held, given }) {
  if (given === 0) return 'never given';
  const share = `${Math.round(held * 100)} %`;
  return given > 0.995 ? share : `${share} (of ${(given * 100).toFixed(given < 0.02 ? 1 : 0)} %)`;
}
