// How long `sebs --help` takes beside `node -e 0`, interleaved in one run so that both meet the same machine. Prints
// medians and the ratio; `--check` fails above the limit. Build first (npm run build).
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';

const LIMIT = 1.8;
const ROUNDS = 15;
const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const commands = {
  'node -e 0': ['-e', '0'],
  'sebs --help': [cli, '--help'],
  'sebs --version': [cli, '--version'],
  'sebs list runs': [cli, 'list', 'runs', '--out', '/nonexistent'],
};

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
const base = median(timesMs['node -e 0']);
for (const [name, times] of Object.entries(timesMs)) {
  const [low, high] = [Math.min(...times), Math.max(...times)];
  const ratio = (median(times) / base).toFixed(2);
  console.log(
    `  ${name.padEnd(16)} ${median(times).toFixed(1)} ms (${low.toFixed(1)}–${high.toFixed(1)})  ${ratio} × node -e 0`,
  );
}
const ratio = median(timesMs['sebs --help']) / base;
if (process.argv.includes('--check') && ratio > LIMIT) {
  console.error(`sebs --help takes ${ratio.toFixed(2)} × node -e 0, above ${LIMIT}: what does cli.ts import?`);
  process.exitCode = 1;
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
