// Suites in layers: what `extends`, --set and --filter come to, and where their mistakes are shown.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.js';
import { sha256 } from '../../src/hash.js';
import { loadSuite } from '../../src/spec/load.js';
import type { LoadedSuite } from '../../src/spec/resolved.js';
import { BASE, messagesOf, ROOT } from './support.js';

const folder = mkdtempSync(join(tmpdir(), 'sebs-layers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes files into a folder of their own and loads the first. */
function loadFiles(
  files: Readonly<Record<string, string>>,
  change: { set?: string[]; filter?: string[] } = {},
): Promise<LoadedSuite> {
  const home = mkdtempSync(join(folder, 'a-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, name)), { recursive: true });
    writeFileSync(join(home, name), text);
  }
  const file = join(home, Object.keys(files)[0] ?? '');
  return loadSuite({ file, env: {}, benchmarkIds: ['010.sleep', '311.compression'], ...change });
}

/** The messages, with names of files from the folder on. */
async function told(loading: Promise<unknown>): Promise<string> {
  return (await messagesOf(loading)).replaceAll(/[^\s']*\/a-[^/]*\//g, '');
}

const LATER = 'version: 1\nname: later\nextends: base.yaml\n';

describe('extends', () => {
  it('merges maps, replaces lists and single values, and removes what is empty', async () => {
    const { suite } = await loadFiles({
      'suite.yaml': `${LATER}factors: { memory: [512], language: ~ }\nexperiments: { cold-warm: { repetitions: 7 }, more: { type: perf-cost } }\n`,
      'base.yaml': `${BASE}factors: { memory: [128, 256], language: nodejs, input: small }\nseed: 7\n`,
    });
    expect(suite.name).toBe('later');
    expect(suite.seed).toBe(7);
    expect(suite.axes).toEqual({
      ...{ trigger: ['http'], connection: ['fresh'], concurrency: [1] },
      ...{ memory_mb: [512], input: ['small'] },
    });
    expect(suite.experiments.map(({ id, repetitions }) => [id, repetitions.min])).toEqual([
      ['cold-warm', 7],
      ['more', 50],
    ]);
  });

  it('goes on through several files, which need not be complete, and tells them all with their hashes', async () => {
    const files = {
      'suite.yaml': LATER,
      'base.yaml': `extends: parts/rest.yaml\nseed: 1\n`,
      'parts/rest.yaml': `${BASE}seed: 2\n`,
    };
    const { suite, files: read } = await loadFiles(files);
    expect(suite.seed).toBe(1);
    expect(read.map(({ text, sha256: hash }) => [text, hash])).toEqual(
      Object.values(files).map((text) => [text, sha256(text)]),
    );
  });

  it('reads paths from the folder of the file that names them', async () => {
    const benchmark = 'test/spec/fixtures/no-test-input';
    const home = mkdtempSync(join(folder, 'b-'));
    mkdirSync(join(home, 'parts'));
    symlinkSync(join(ROOT, benchmark), join(home, 'parts/mine'));
    writeFileSync(join(home, 'suite.yaml'), 'version: 1\nname: later\nextends: parts/base.yaml\n');
    writeFileSync(join(home, 'parts/base.yaml'), BASE.replace('[010.sleep]', '[{ path: mine }]'));
    const { suite } = await loadSuite({ file: join(home, 'suite.yaml'), env: {}, benchmarkIds: [] });
    expect(suite.benchmarks).toEqual([{ id: 'mine', path: join(home, 'parts/mine'), axes: {} }]);
  });

  it('shows a mistake in the file that holds it, the suite first', async () => {
    const said = told(
      loadFiles({
        'suite.yaml': `${LATER}factors: { memry: 1 }\n`,
        'base.yaml': `${BASE}factors: { timeout: 60 }\nseed: x\n`,
      }),
    );
    expect(await said).toBe(
      [
        "suite.yaml:4:12 factors.memry: unknown key (did you mean 'memory'?)",
        "base.yaml:6:21 factors.timeout: must be a duration of 1ms or more with its unit (ms, s, m or h), such as '60s', or a list of such, not the number 60 (write '60s' for seconds, or '60ms', '60m', '60h')",
        "base.yaml:7:7 seed: must be a whole number, not the text 'x'",
      ].join('\n'),
    );
  });

  it.each([
    [
      { 'suite.yaml': LATER },
      "suite.yaml:3:10 extends: 'base.yaml': cannot be read: there is no such file (paths start at the file that names them)",
    ],
    [
      { 'suite.yaml': `${BASE}extends: suite.yaml\n` },
      'suite.yaml:6:10 extends: that never ends: suite.yaml -> suite.yaml (a suite cannot extend itself)',
    ],
    [
      { 'suite.yaml': LATER, 'base.yaml': 'extends: sub/../other.yaml\n', 'other.yaml': 'extends: ./base.yaml\n' },
      'other.yaml:1:10 extends: that never ends: base.yaml -> other.yaml -> base.yaml (a suite cannot extend itself)',
    ],
    [{ 'suite.yaml': LATER, 'base.yaml': 'a: [\n' }, /^base\.yaml:2:1 /],
    [
      { 'suite.yaml': LATER, 'base.yaml': `${BASE}seed: 1\nseed: 2\n` },
      'base.yaml:7:1 seed: this key stands here a second time (remove one of the two)',
    ],
    [
      { 'suite.yaml': `${BASE}extends: 7\n` },
      /^suite\.yaml:6:10 extends: must be the file of another suite, not the number 7/,
    ],
    [
      { 'suite.yaml': LATER.replace('base.yaml', '.') },
      /^suite\.yaml:3:10 extends: '.*': cannot be read: it is a folder/,
    ],
  ])('%j is refused', async (files, message) => {
    const said = await told(loadFiles(files));
    if (typeof message === 'string') expect(said).toBe(message);
    else expect(said).toMatch(message);
  });

  it('ends after sixteen files', async () => {
    const chain = Array.from({ length: 18 }, (_, index) => [`${index}.yaml`, `extends: ${index + 1}.yaml\n`]);
    const said = await told(loadFiles(Object.fromEntries(chain)));
    expect(said).toBe('16.yaml:1:10 extends: more than 16 suites extend one another');
  });
});

describe('--set', () => {
  it('puts values of YAML over the files, in their order, and is told', async () => {
    const set = ['factors.memory=[128, 256]', 'factors.memory=512', 'benchmarks[0]=311.compression', 'seed=9', 'seed='];
    const { suite, set: recorded } = await loadFiles({ 'suite.yaml': BASE }, { set });
    expect(suite.axes.memory_mb).toEqual([512]);
    expect(suite.benchmarks).toEqual([{ id: '311.compression', axes: {} }]);
    expect(suite.seed).toBe(42);
    expect(recorded).toEqual(set);
  });

  it('reaches keys with a dot', async () => {
    const dotted = BASE.replace('cold-warm', 'a.b');
    const { suite } = await loadFiles({ 'suite.yaml': dotted }, { set: ['experiments."a.b".repetitions=3'] });
    expect(suite.experiments[0]?.repetitions.min).toBe(3);
  });

  it.each([
    ['factors.memry=1', "--set factors.memry=1:1:1 factors.memry: unknown key (did you mean 'memory'?)"],
    [
      'factors.memory=[128, x]',
      "--set factors.memory=[128, x]:1:22 factors.memory[1]: must be a whole number of MB without a unit, such as 256, not the text 'x'",
    ],
    ['factors', "--set factors:1:1 this is no PATH=VALUE (such as 'factors.memory=[128, 256]')"],
    ['=1', "--set =1:1:1 this is no PATH=VALUE (such as 'factors.memory=[128, 256]')"],
    ['seed=[', /^--set seed=\[:1:7 /],
    [
      'platforms.process.memory=1',
      '--set platforms.process.memory=1:1:1 platforms.process.memory: platforms has no key of that name: it is a list of 1 (write the whole of it as a value)',
    ],
    [
      'benchmarks[4]=x',
      '--set benchmarks[4]=x:1:1 benchmarks[4]: benchmarks has no entry of that name: it is a list of 1 (write the whole of it as a value)',
    ],
    ['__proto__.x=1', /^--set __proto__\.x=1:1:1 __proto__: unknown key/],
  ])('%s is refused', async (setting, message) => {
    const said = await told(loadFiles({ 'suite.yaml': BASE }, { set: [setting] }));
    if (typeof message === 'string') expect(said).toBe(message);
    else expect(said).toMatch(message);
  });
});

describe('--filter', () => {
  it('says which cells are meant, as the suite would', async () => {
    const filter = [
      'memory=128,256',
      'platform=process',
      'memory=512',
      'language=python@3.11',
      'timeout=1m',
      'starts=cold',
    ];
    const { suite, filter: recorded } = await loadFiles({ 'suite.yaml': BASE }, { filter });
    expect(suite.filter).toEqual({
      memory_mb: [128, 256, 512],
      platform: ['process'],
      language: [{ language: 'python', version: '3.11' }],
      timeout_s: [60],
      start: ['cold'],
    });
    expect(recorded).toEqual(filter);
  });

  it.each([
    ['memory', "--filter 'memory' is no AXIS=LEVEL"],
    ['memry=1', "--filter: no cell has an axis 'memry'"],
  ])('%s is refused', async (filter, message) => {
    const loading = loadFiles({ 'suite.yaml': BASE }, { filter: [filter] });
    await expect(loading).rejects.toBeInstanceOf(UsageError);
    await expect(loading).rejects.toThrow(message);
  });
});
