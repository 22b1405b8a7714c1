// Runs once around all tests. Before: brings dist/ up to date, because the tests of the command run the real
// `node dist/cli.js`. After: prints what was left out and why. A build that fails does not stop the tests that need no
// dist/; those that do fail with the compiler's words (see cli.ts).
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LeftOut } from './left-out.js';

const BUILD = fileURLToPath(new URL('../../scripts/build.mjs', import.meta.url));

export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'sebs-tests-'));
  const notes = join(folder, 'left-out.jsonl');
  writeFileSync(notes, '');
  process.env.SEBS_LEFT_OUT_FILE = notes;
  const built = spawnSync(process.execPath, [BUILD, '--if-stale'], { encoding: 'utf8' });
  if (built.status !== 0) process.env.SEBS_BUILD_ERROR = `${built.stdout}${built.stderr}`.trim() || 'the build failed';
  return () => {
    printLeftOut(readFileSync(notes, 'utf8'));
    rmSync(folder, { recursive: true, force: true });
  };
}

function printLeftOut(text: string): void {
  const notes = [...new Set(text.split('\n').filter((line) => line !== ''))].map((line) => JSON.parse(line) as LeftOut);
  if (notes.length === 0) return;
  console.log(`\nLeft out (${notes.length}):`);
  for (const { what, why } of notes) console.log(`  ${what}: ${why}`);
}
