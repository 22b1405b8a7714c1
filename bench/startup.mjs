// How long `sebs --help` takes beside `node -e 0`, interleaved in one run so that both meet the same machine. Prints
// medians and the ratio, which is the median of the rounds' own ratios; `--check` fails above the limit. On a machine that
// is busy with other things a series can be off, so a check that fails is made again, twice at most: code that loads too
// much is above the limit each time. Build first (npm run build).
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';

const LIMIT = 1.8;
const ROUNDS = 15;
const SERIES = 3;
const BASE = 'node -e 0';
const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const commands = {
  [BASE]: ['-e', '0'],
  'sebs --help': [cli, '--help'],
  'sebs --version': [cli, '--version'],
  'sebs list runs': [cli, 'list', 'runs', '--out', '/nonexistent'],
};

const check = process.argv.includes('--check');
let ratio = measure();
for (let series = 1; check && ratio > LIMIT && series < SERIES; series += 1) ratio = measure();
if (check && ratio > LIMIT) {
  console.error(`sebs --help takes ${ratio.toFixed(2)} × node -e 0, above ${LIMIT}: what does cli.ts import?`);
  process.exitCode = 1;
}

/** Prints one series; the ratio of `sebs --help`. */
function measure() {
  const timesMs = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
  // The first round warms the disk cache and is not counted.
  for (let round = 0; round <= ROUNDS; round += 1)
    for (const [name, args] of Object.entries(commands)) {
      const begin = performance.now();
      const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
      if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
      if (round > 0) timesMs[name].push(performance.now() - begin);
    }
  console.log(
    `start-up, ${ROUNDS} rounds interleaved, Node.js ${process.version}, ${cpus().length} × ${cpus()[0]?.model}`,
  );
  const ratioOf = (times) => median(times.map((time, round) => time / timesMs[BASE][round]));
  for (const [name, times] of Object.entries(timesMs)) {
    const [low, high] = [Math.min(...times), Math.max(...times)];
    const range = `${median(times).toFixed(1)} ms (${low.toFixed(1)}–${high.toFixed(1)})`;
    console.log(`  ${name.padEnd(16)} ${range}  ${ratioOf(times).toFixed(2)} × ${BASE}`);
  }
  return ratioOf(timesMs['sebs --help']);
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
