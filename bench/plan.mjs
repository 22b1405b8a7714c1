// How long it takes to validate and plan suites of 10,000 (goal: 1 s) and 100,000 cells (goal: 3 s, 600 MB resident).
// Prints medians over several runs in one process after one warm-up, of wall time and of processor time (which other
// work on the machine touches less), and the whole command `sebs plan --json` with its start. Bounded to about a minute.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { machine, median } from './machine.mjs';

const SIZES = [
  { cells: 10_000, goalMs: 1000 },
  { cells: 100_000, goalMs: 3000 },
];
const RUNS = 5;
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'sebs-bench-'));

try {
  const { planSuite } = await import('../dist/run-suite.js');
  console.log(machine());
  for (const { cells, goalMs } of SIZES) {
    const file = join(folder, `${cells}.yaml`);
    writeFileSync(file, suiteOf(cells));
    const source = { suiteFile: file, env: process.env, cacheDir: join(folder, 'cache') };
    const { plan } = await planSuite(source);
    const wallMs = [];
    const processorMs = [];
    for (let run = 0; run < RUNS; run += 1) {
      const started = performance.now();
      const before = process.cpuUsage();
      await planSuite(source);
      const { user, system } = process.cpuUsage(before);
      wallMs.push(performance.now() - started);
      processorMs.push((user + system) / 1000);
    }
    const command = [];
    for (let run = 0; run < 3; run += 1) {
      const started = performance.now();
      execFileSync(process.execPath, [`${root}dist/cli.js`, 'plan', file], { stdio: ['ignore', 'ignore', 'inherit'] });
      command.push(performance.now() - started);
    }
    const resident = (process.memoryUsage().rss / 2 ** 20).toFixed(0);
    console.log(
      `validate and plan ${plan.cells.length} cells, in one process: median ${median(wallMs).toFixed(0)} ms, least ${Math.min(...wallMs).toFixed(0)} ms, processor ${median(processorMs).toFixed(0)} ms (n = ${RUNS}; goal ${goalMs} ms), resident ${resident} MB`,
    );
    console.log(`the command 'sebs plan', start included: median ${median(command).toFixed(0)} ms (n = 3)`);
  }
} finally {
  rmSync(folder, { recursive: true });
}

/** Two starts, ten concurrencies, and as many memory sizes as it takes. */
function suiteOf(cells) {
  const sizes = Array.from({ length: Math.ceil(cells / 20) }, (_, size) => 128 + size);
  return [
    'version: 1',
    'name: many-cells',
    'platforms: [process]',
    'benchmarks: [010.sleep]',
    'factors:',
    '  language: nodejs',
    '  concurrency: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]',
    `  memory: [${sizes.join(', ')}]`,
    'experiments: { main: { type: perf-cost, starts: [cold, warm], repetitions: 10 } }',
  ].join('\n');
}
