// How long a second run of the quickstart takes from the start of the `sebs` process to its first invocation (goal: 1 s),
// when packages are cached. The quickstart with one repetition per cell, so that the figure is all that is waited for.
// Two wall clocks of one machine are compared, to the millisecond. Bounded to about 60 s.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { machine, median } from './machine.mjs';

const RUNS = 7;
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'sebs-bench-'));

try {
  const suite = readFileSync(join(root, 'specs/quickstart.yaml'), 'utf8').replace(/repetitions: \d+/, 'repetitions: 1');
  writeFileSync(join(folder, 'suite.yaml'), suite);
  run();
  const ms = Array.from({ length: RUNS }, run);
  console.log(machine());
  console.log(`second run, start of the process to first invocation: median ${median(ms).toFixed(0)} ms`);
  console.log(`  all: ${ms.map((value) => value.toFixed(0)).join(', ')} ms (n = ${RUNS}; goal 1000 ms)`);
} finally {
  rmSync(folder, { recursive: true });
}

/** Milliseconds from spawning the command to the earliest release of a request. */
function run() {
  const spawnedAt = performance.timeOrigin + performance.now();
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'dist/cli.js'), 'run', 'suite.yaml'], {
    cwd: folder,
    env: { ...process.env, XDG_CACHE_HOME: join(folder, 'cache') },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  const reports = join(folder, 'reports');
  const latest = readdirSync(reports, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
    .at(-1);
  const lines = readFileSync(join(reports, latest, 'raw/invocations.jsonl'), 'utf8')
    .trim()
    .split('\n');
  const first = Math.min(...lines.map((line) => Date.parse(JSON.parse(line).released_at)));
  return first - spawnedAt;
}
