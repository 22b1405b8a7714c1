// How long it takes to validate and plan a suite of 10,000 cells (goal: 1 s). Prints medians over several runs in one
// process after one warm-up, and the whole command `sebs plan --json` with its start. Bounded to about 20 s.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { machine, median } from './machine.mjs';

const CELLS = Number(process.argv[2] ?? 10_000);
const RUNS = 5;
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'sebs-bench-'));

try {
  const { planSuite } = await import('../dist/run-suite.js');
  const file = join(folder, 'suite.yaml');
  writeFileSync(file, suiteOf(CELLS));
  const source = { suiteFile: file, env: process.env, cacheDir: join(folder, 'cache') };
  const { plan } = await planSuite(source);
  const ms = [];
  for (let run = 0; run < RUNS; run += 1) {
    const started = performance.now();
    await planSuite(source);
    ms.push(performance.now() - started);
  }
  const wall = [];
  for (let run = 0; run < RUNS; run += 1) {
    const started = performance.now();
    execFileSync(process.execPath, [`${root}dist/cli.js`, 'plan', file, '--json'], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    wall.push(performance.now() - started);
  }
  console.log(machine());
  console.log(
    `validate and plan ${plan.cells.length} cells, in one process: median ${median(ms).toFixed(0)} ms (n = ${RUNS}; goal 1000 ms)`,
  );
  console.log(`the command 'sebs plan --json', start included: median ${median(wall).toFixed(0)} ms (n = ${RUNS})`);
  console.log(`resident after planning: ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MB`);
} finally {
  rmSync(folder, { recursive: true });
}

/** Two starts times as many memory sizes as it takes. */
function suiteOf(cells) {
  const sizes = Array.from({ length: Math.ceil(cells / 2) }, (_, size) => 128 + size);
  return [
    'version: 1',
    'name: many-cells',
    'platforms: [process]',
    'benchmarks: [010.sleep]',
    `factors: { language: nodejs, memory: [${sizes.join(', ')}] }`,
    'experiments: { main: { type: perf-cost, starts: [cold, warm], repetitions: 10 } }',
  ].join('\n');
}
