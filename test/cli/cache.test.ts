// `sebs cache`: what is there, and making room, in a cache folder of the test's own.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sebs } from '../support/cli.js';

const OLD = 'a'.repeat(64);
const NEW = 'b'.repeat(64);
let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'sebs-cache-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const cache = (...args: string[]) => sebs(['cache', ...args], { env: { XDG_CACHE_HOME: home } });

test('a cache that is not there is empty', async () => {
  expect(await cache('list')).toEqual({ code: 0, stdout: `the cache is empty: ${join(home, 'sebs')}\n`, stderr: '' });
  expect(await cache('prune')).toEqual({ code: 0, stdout: 'removed 0 entries, 0 B\n', stderr: '' });
});

test('prune removes what was not used for 30 days, or the number asked for, or everything', async () => {
  const packages = join(home, 'sebs', 'packages');
  fill(OLD, 40);
  fill(NEW, 10);
  const { stdout } = await cache('list', '--json');
  const { items } = JSON.parse(stdout) as { items: { kind: string; hash: string; sizeBytes: number }[] };
  expect(items.map(({ kind, hash, sizeBytes }) => ({ kind, hash, sizeBytes }))).toEqual([
    { kind: 'packages', hash: NEW, sizeBytes: 1000 },
    { kind: 'packages', hash: OLD, sizeBytes: 1000 },
  ]);
  expect(await cache('prune')).toEqual({ code: 0, stdout: 'removed 1 entry, 1000 B\n', stderr: '' });
  expect(entries(packages)).toEqual([NEW]);
  fill(OLD, 8);
  expect((await cache('prune', '--older-than', '9')).stdout).toBe('removed 1 entry, 1000 B\n');
  expect(entries(packages)).toEqual([OLD]);
  expect((await cache('prune', '--all')).stdout).toBe('removed 1 entry, 1000 B\n');
  expect(entries(packages)).toEqual([]);
});

function fill(hash: string, daysAgo: number): void {
  const folder = join(home, 'sebs', 'packages', hash);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'code'), 'x'.repeat(1000));
  const then = new Date(Date.now() - daysAgo * 86_400_000);
  utimesSync(folder, then, then);
}

function entries(folder: string): string[] {
  return readdirSync(folder).filter((name) => !name.startsWith('.'));
}
