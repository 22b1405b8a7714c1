// How well the statistics keep their word, simulated with known truth: `node bench/coverage.mjs [runs]` prints the
// tables of docs/methodology.md. Seeded: the same number of runs prints the same figures. Needs the built package.
import { randomFor } from '../dist/random.js';
import { comparePairs } from '../dist/results/statistics/compare.js';
import { estimateMetrics, estimateQuantile } from '../dist/results/statistics/metric.js';
import { CONTRASTS, contrastsOf, coverageOf, SCENARIOS, STATISTICS, stoppingOf } from './coverage-scenarios.mjs';

const runs = Number(process.argv[2] ?? 1000);

for (const settings of [
  { blocks: 10, rows: 20, rowsIndependent: false },
  { blocks: 10, rows: 20, rowsIndependent: true },
  { blocks: 30, rows: 2, rowsIndependent: false },
]) {
  table(`**${nameOf(settings)}**`, STATISTICS, (scenario, random) => {
    const covered = coverageOf(estimateMetrics, scenario, { ...settings, runs, resamples: 400, random });
    return STATISTICS.map((name) => figure(covered[name]));
  });
}

for (const settings of [
  { blocks: 10, rows: 20, rowsIndependent: false },
  { blocks: 10, rows: 20, rowsIndependent: true },
]) {
  table(`**Two equal cells: ${nameOf(settings)}**`, [...CONTRASTS, 'wrong verdict'], (scenario, random) => {
    const found = contrastsOf(comparePairs, scenario, { ...settings, runs, resamples: 400, random });
    return [...CONTRASTS.map((name) => figure(found[name])), percent(found.alarms, 1)];
  });
}

const columns = ['p50 at ten blocks', 'p50 when stopped', 'stopped before the last', 'blocks, mean'];
table('**Stopped at a half width of 5 %, 10 to 40 blocks of 5 rows**', columns, (scenario, random) => {
  const { first, stopped, early, blocks } = stoppingOf(estimateQuantile, scenario, { runs, random });
  return [percent(first), percent(stopped), percent(early), blocks.toFixed(0)];
});

function table(title, names, rowOf) {
  console.log(`\n${title}\n\n| data | ${names.join(' | ')} |\n|---|${names.map(() => '---|').join('')}`);
  for (const scenario of SCENARIOS) {
    const cells = rowOf(scenario, randomFor(42, 'coverage', title, scenario.name));
    console.log(`| ${scenario.name} | ${cells.join(' | ')} |`);
  }
}

function nameOf({ blocks, rows, rowsIndependent }) {
  return `${blocks} blocks of ${rows} rows, ${rowsIndependent ? 'a sandbox for each row' : 'several rows per sandbox'}`;
}

function figure({ held, given }) {
  if (given === 0) return 'never given';
  return given > 0.995 ? percent(held) : `${percent(held)} (of ${percent(given, given < 0.02 ? 1 : 0)})`;
}

function percent(share, decimals = 0) {
  return `${(share * 100).toFixed(decimals)} %`;
}
