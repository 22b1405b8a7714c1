// Compiles src/ to dist/ and makes the command executable. Run by `prepare`, so that a fresh clone and a packed package
// both have a working `sebs`, and by the tests when dist/ is older than src/ (`--if-stale`).
// The compiler writes into a folder beside dist/ that then takes its place in one step: whoever starts `sebs` meanwhile
// finds the old code or the new, never half of it, and two builds at once do not tread on each other.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sourceHash } from './source-hash.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const stamp = 'source.sha256';
// Taken before compiling: a file that changes meanwhile makes the result stale, not fresh.
const hash = sourceHash(root);

if (process.argv.includes('--if-stale') && readStamp() === hash) process.exit(0);
// Beside dist/, not in the temp folder: source maps hold relative paths, and a rename must stay on one file system.
const next = mkdtempSync(join(root, '.build-'));
try {
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const arguments_ = [compiler, '-p', join(root, 'tsconfig.json'), '--outDir', next, '--noEmitOnError'];
  const { status } = spawnSync(process.execPath, arguments_, { stdio: 'inherit', cwd: root });
  if (status !== 0) process.exitCode = 1;
  else {
    chmodSync(join(next, 'cli.js'), 0o755);
    chmodSync(next, 0o755);
    writeFileSync(join(next, stamp), `${hash}\n`);
    replace(next, dist);
  }
} finally {
  rmSync(next, { recursive: true, force: true });
}

function readStamp() {
  const file = join(dist, stamp);
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}

/** Moves `from` to `to`; what was there goes away. Another build may do the same at this moment: then its turn is as good. */
function replace(from, to) {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const old = `${from}-old${attempt}`;
    try {
      if (existsSync(to)) renameSync(to, old);
      renameSync(from, to);
      return;
    } catch (error) {
      if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(error.code)) throw error;
    } finally {
      rmSync(old, { recursive: true, force: true });
    }
  }
  throw new Error(`${to} is being replaced by other builds again and again: end them and build once more`);
}
