// The support of the tests is tested too: what is left out is never silent, and the last line counts.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ROOT, runCommand } from './cli.js';
import { leftOut } from './left-out.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sebs-support-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

test('what is left out is noted with its reason', () => {
  const file = join(folder, 'notes');
  vi.stubEnv('SEBS_LEFT_OUT_FILE', file);
  vi.stubEnv('SEBS_REQUIRE_ALL', undefined);
  expect(leftOut('the browser', 'chromium is not installed')).toBe(true);
  expect(readFileSync(file, 'utf8')).toBe('{"what":"the browser","why":"chromium is not installed"}\n');
});

test('where everything must run, leaving something out is an error', () => {
  vi.stubEnv('SEBS_REQUIRE_ALL', '1');
  expect(() => leftOut('the browser', 'chromium is not installed')).toThrow(
    'left out: the browser (chromium is not installed). SEBS_REQUIRE_ALL=1 asks for every test: install what is missing',
  );
});

test.each([
  ['test/cli/stop-signal.test.ts', '3 passed, 0 failed', 0],
  ['test/no-such-file', '0 passed, 1 failed', 1],
])('npm test with %s ends in the line %j and with %i', async (file, last, code) => {
  const result = await runCommand(process.execPath, [join(ROOT, 'scripts', 'test.mjs'), file], { timeout: 25_000 });
  expect({ last: result.stdout.trimEnd().split('\n').at(-1), code: result.code }).toEqual({ last, code });
});

test('a program that takes too long fails the call, which shows what it printed', async () => {
  const slow = runCommand('sh', ['-c', 'echo begun; exec sleep 60'], { timeout: 300 });
  await expect(slow).rejects.toThrow(/took longer than 300 ms\nbegun/);
});
