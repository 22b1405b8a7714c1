// The cache between real processes: built once, usable after a kill, never pruned under a process that uses it.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { loadBenchmark } from '../../src/benchmarks/catalogue.js';
import { buildCodePackage } from '../../src/benchmarks/package.js';
import { cacheDirectory, fromCache } from '../../src/cache/cache.js';
import { listCache, pruneCache } from '../../src/cache/maintain.js';
import { ownBenchmark, packageOptions, smallWrapper, temporaryFolder } from '../benchmarks/support.js';
import { type Compiled, compile } from '../host/compiled.js';

let compiled: Compiled;
beforeAll(() => {
  compiled = compile('benchmarks/package.ts');
});
afterAll(() => compiled.remove());

/** In the place of Python: counts its runs, and ends when the gate is opened, when its folder is gone, or after a minute. */
const COUNTING_PYTHON = `#!/bin/sh
echo run >> "$COUNT"
waited=0
while [ ! -e "$GATE" ] && [ -d "\${GATE%/*}" ] && [ $waited -lt 3000 ]; do sleep 0.02; waited=$((waited + 1)); done
`;

/** Builds one package, says so, and lives on until its input is closed. */
const BUILDER = `
const { buildCodePackage } = await import(process.argv[1] + '/benchmarks/package.js');
const options = JSON.parse(process.argv[2]);
const onWait = () => process.stdout.write('waiting\\n');
const code = await buildCodePackage({ ...options, env: process.env, signal: new AbortController().signal, onWait });
process.stdout.write(JSON.stringify(code) + '\\n');
process.stdin.resume().on('end', () => process.exit(0));
`;

interface Builder {
  child: ChildProcess;
  output(): string;
  ended: Promise<void>;
}

async function workshop() {
  const folder = temporaryFolder();
  const [executable, count, gate] = ['python3', 'count', 'gate'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(executable, COUNTING_PYTHON, { mode: 0o755 });
  // Orphans of a killed builder wait for the gate too.
  onTestFinished(() => writeFileSync(gate, ''));
  const benchmark = await loadBenchmark('own', ownBenchmark());
  const env = { ...process.env, COUNT: count, GATE: gate };
  const runtime = { version: '3.11.7', executable };
  const options = packageOptions(benchmark, 'nodejs', { wrapperDir: smallWrapper(), language: 'python', runtime, env });
  const start = (): Builder => {
    const args = ['--input-type=module', '-e', BUILDER, compiled.folder, JSON.stringify({ ...options, env: {} })];
    const child = spawn(process.execPath, args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
    return { child, output: () => output, ended };
  };
  const runs = () => (existsSync(count) ? readFileSync(count, 'utf8').split('\n').length - 1 : 0);
  return { options, start, runs, open: () => writeFileSync(gate, '') };
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('waited for 20 s');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('the cache between processes', () => {
  it('builds once when two build at the same time', async () => {
    const { start, runs, open } = await workshop();
    const builders = [start(), start(), start()];
    await until(() => builders.filter((builder) => builder.output().includes('waiting')).length === 2);
    await until(() => runs() > 0);
    open();
    await until(() => builders.every((builder) => builder.output().includes('}')));
    const built = builders.map((builder) => JSON.parse(builder.output().replaceAll('waiting\n', '')));
    expect(built.map((code) => code.cached).sort()).toEqual([false, true, true]);
    expect(new Set(built.map((code) => code.path)).size).toBe(1);
    expect(runs()).toBe(1);
  });

  it('is usable after a build was killed, and keeps nothing of it', async () => {
    const { options, start, runs, open } = await workshop();
    const killed = start();
    await until(() => runs() === 1);
    killed.child.kill('SIGKILL');
    await killed.ended;
    const packages = join(options.cacheDir, 'packages');
    expect(readdirSync(join(packages, '.building'))).toHaveLength(1);
    expect(await listCache(options.cacheDir)).toEqual([]);
    open();
    expect(await buildCodePackage(options)).toMatchObject({ cached: false });
    expect(readdirSync(join(packages, '.building'))).toEqual([]);
    expect(await buildCodePackage(options)).toMatchObject({ cached: true });
  });

  it('prunes nothing that a living process uses, and everything once it has ended', async () => {
    const { options, start, open } = await workshop();
    open();
    const user = start();
    await until(() => user.output().includes('}'));
    const { path, sha256 } = JSON.parse(user.output()) as { path: string; sha256: string };
    const [item] = await listCache(options.cacheDir);
    expect(item).toMatchObject({ kind: 'packages', hash: sha256, path, inUse: true });
    expect(await pruneCache(options.cacheDir, { all: true })).toMatchObject({ removed: [], inUse: [item] });
    expect(existsSync(path)).toBe(true);
    user.child.kill('SIGKILL');
    await user.ended;
    const pruned = await pruneCache(options.cacheDir, { all: true });
    expect(pruned).toEqual({ removed: [{ ...item, inUse: false }], inUse: [], freedBytes: item?.sizeBytes });
    expect(existsSync(path)).toBe(false);
    expect(await listCache(options.cacheDir)).toEqual([]);
  });

  it('does not prune what is being built, and prunes what a killed build left', async () => {
    const { options, start, runs, open } = await workshop();
    const building = join(options.cacheDir, 'packages', '.building');
    const builder = start();
    await until(() => runs() === 1);
    await pruneCache(options.cacheDir, { all: true });
    expect(readdirSync(building)).toHaveLength(1);
    builder.child.kill('SIGKILL');
    await builder.ended;
    open();
    expect((await pruneCache(options.cacheDir)).freedBytes).toBeGreaterThan(0);
    expect(readdirSync(building)).toEqual([]);
  });
});

describe('the cache', () => {
  const hash = (digit: string) => digit.repeat(64);

  it('makes an entry once and gives it back with what it says of itself', async () => {
    const cacheDir = temporaryFolder();
    let made = 0;
    const take = () =>
      fromCache({
        cacheDir,
        kind: 'inputs',
        hash: hash('a'),
        signal: new AbortController().signal,
        read: async (folder) => (existsSync(join(folder, 'done')) ? 'facts' : undefined),
        make: async (folder) => {
          made += 1;
          writeFileSync(join(folder, 'done'), '');
        },
      });
    const taken = await Promise.all([take(), take(), take()]);
    expect(taken.map((entry) => entry.hit).sort()).toEqual([false, true, true]);
    expect(new Set(taken.map((entry) => `${entry.folder} ${entry.facts}`)).size).toBe(1);
    expect(made).toBe(1);
  });

  it('keeps nothing of an entry whose making fails', async () => {
    const cacheDir = temporaryFolder();
    const failing = fromCache({
      cacheDir,
      kind: 'inputs',
      hash: hash('b'),
      signal: new AbortController().signal,
      read: async () => 'facts',
      make: async (folder) => {
        writeFileSync(join(folder, 'half'), '');
        throw new Error('the disk is full');
      },
    });
    await expect(failing).rejects.toThrow('the disk is full');
    expect(readdirSync(join(cacheDir, 'inputs', '.building'))).toEqual([]);
    expect(await listCache(cacheDir)).toEqual([]);
  });

  it('lists by kind and last use, and prunes by age', async () => {
    const cacheDir = temporaryFolder();
    const entry = (kind: string, digit: string, daysAgo: number) => {
      const path = join(cacheDir, kind, hash(digit));
      mkdirSync(path, { recursive: true });
      writeFileSync(join(path, 'file'), 'x'.repeat(daysAgo));
      const used = new Date(Date.now() - daysAgo * 86_400_000);
      utimesSync(path, used, used);
    };
    entry('packages', '1', 40);
    entry('packages', '2', 5);
    entry('inputs', '3', 100);
    mkdirSync(join(cacheDir, 'packages', 'not-ours'));
    const listed = await listCache(cacheDir);
    const brief = listed.map(({ kind, hash: name, sizeBytes }) => [kind, name[0], sizeBytes]);
    expect(brief).toEqual([
      ['packages', '2', 5],
      ['packages', '1', 40],
      ['inputs', '3', 100],
    ]);
    expect((await pruneCache(cacheDir, { olderThanDays: 60 })).removed.map((item) => item.hash[0])).toEqual(['3']);
    expect((await pruneCache(cacheDir)).removed.map((item) => item.hash[0])).toEqual(['1']);
    const last = await pruneCache(cacheDir, { all: true });
    expect([last.removed.map((item) => item.hash[0]), last.freedBytes]).toEqual([['2'], 5]);
    expect(existsSync(join(cacheDir, 'packages', 'not-ours'))).toBe(true);
  });

  it('lies where the XDG base directory specification says', async () => {
    expect(cacheDirectory({ XDG_CACHE_HOME: '/xdg', HOME: '/home/me' })).toBe('/xdg/sebs');
    expect(cacheDirectory({ XDG_CACHE_HOME: 'relative', HOME: '/home/me' })).toBe('/home/me/.cache/sebs');
    expect(cacheDirectory({ HOME: '/home/me' })).toBe('/home/me/.cache/sebs');
    expect(await listCache(join(temporaryFolder(), 'nothing'))).toEqual([]);
    expect(await pruneCache(join(temporaryFolder(), 'nothing'))).toEqual({ removed: [], inUse: [], freedBytes: 0 });
  });
});
