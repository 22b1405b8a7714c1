// `npm test`: runs Vitest with the given arguments and keeps its exit code. The last line of the output is
// `N passed, N failed`, alone on its line, whatever Vitest or a crash printed before.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'sebs-tally-'));
const tallyFile = join(folder, 'tally.json');
const { status } = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--reporter=default',
    `--reporter=${join(root, 'scripts', 'tally-reporter.mjs')}`,
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, SEBS_TALLY_FILE: tallyFile } },
);
const counted = existsSync(tallyFile) ? JSON.parse(readFileSync(tallyFile, 'utf8')) : { passed: 0, failed: 0 };
rmSync(folder, { recursive: true, force: true });
// Vitest may fail for a reason that is no test of ours (no test found, a crash): the line must say so.
const failed = status === 0 ? counted.failed : Math.max(1, counted.failed);
console.log(`\n${counted.passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : (status ?? 1) || 1;
