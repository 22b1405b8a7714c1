import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { benchmarkIds, loadBenchmark, loadCatalogue, ownBenchmarksRoot } from '../../src/benchmarks/catalogue.js';
import { hashFiles, sourceFiles, staysInside } from '../../src/benchmarks/source-tree.js';
import { SpecError, UsageError } from '../../src/errors.js';
import { ownBenchmark, temporaryFolder, writeTree } from './support.js';

describe('the catalogue', () => {
  it('holds the benchmarks that come with sebs, each with a description, a README and three inputs', async () => {
    const { benchmarks } = await loadCatalogue({ paths: [] });
    expect([...benchmarks.keys()].sort()).toEqual(await benchmarkIds());
    expect([...benchmarks.keys()]).toEqual(
      expect.arrayContaining(['010.sleep', '110.dynamic-html', '311.compression']),
    );
    for (const { file, path, sourceSha256 } of benchmarks.values()) {
      expect(sourceSha256).toMatch(/^[0-9a-f]{64}$/);
      const names = (await sourceFiles(path)).map((source) => source.path);
      expect(names).toContain('README.md');
      if (file.internal === true) continue;
      expect(file.description).toMatch(/\w.*\./);
      expect(Object.keys(file.inputs)).toEqual(['test', 'small', 'large']);
    }
  });

  it('reads only the benchmarks that are asked for', async () => {
    const root = temporaryFolder();
    writeTree(root, { '1.good/a/benchmark.yaml': 'version: 1\nlanguages: {python: {}}\ninputs: {test: x}\n' });
    writeTree(root, { '1.good/a/input.mjs': '', '1.good/a/python/function.py': '', '1.good/b/benchmark.yaml': ':::' });
    expect(await benchmarkIds([root])).toEqual(['a', 'b']);
    const { benchmarks } = await loadCatalogue({ roots: [root], paths: [], ids: ['a'] });
    expect([...benchmarks.keys()]).toEqual(['a']);
    await expect(loadCatalogue({ roots: [root], paths: [] })).rejects.toThrow(SpecError);
  });

  it("takes a user's own benchmark by its path", async () => {
    const path = ownBenchmark();
    const { benchmarks } = await loadCatalogue({ paths: [{ id: 'mine', path }], ids: [] });
    expect([...benchmarks.keys()]).toEqual(['mine']);
    expect(benchmarks.get('mine')).toMatchObject({ id: 'mine', path, file: { version: 1, timeout_s: 60 } });
  });

  it('names the known benchmarks when one is unknown', async () => {
    const error = await loadCatalogue({ paths: [], ids: ['999.nothing'] }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).message).toBe("there is no benchmark '999.nothing'");
    expect((error as UsageError).hint).toContain('110.dynamic-html');
  });

  it('says what a folder lacks to be a benchmark', async () => {
    const empty = temporaryFolder();
    await expect(loadBenchmark('x', empty)).rejects.toThrow(`benchmark 'x': ${empty} has no benchmark.yaml`);
    const path = ownBenchmark();
    rmSync(join(path, 'input.mjs'));
    await expect(loadBenchmark('x', path)).rejects.toThrow(`benchmark 'x': ${path} has no input.mjs`);
    await expect(loadCatalogue({ roots: [join(empty, 'no')], paths: [] })).rejects.toThrow('no folder of benchmarks');
  });

  it.each([
    ['languages: { ruby: {} }', 'languages.ruby', 'there is no folder'],
    ['languages: { ../python: {} }', 'languages.../python', 'is no name of a sub-folder'],
    ['languages: { python: { handler: ../../x } }', 'languages.python.handler', 'leaves the folder'],
    [
      'languages: { python: { handler: main } }',
      'languages.python.handler',
      'there is none of main.py, main/__init__.py',
    ],
  ])('refuses code that is not there or outside: %s', async (line, where, message) => {
    const path = ownBenchmark({ 'benchmark.yaml': `version: 1\n${line}\ninputs: { test: a test }\n` });
    const error = await loadBenchmark('x', path).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SpecError);
    expect((error as SpecError).message).toContain(`${join(path, 'benchmark.yaml')}:2:`);
    expect((error as SpecError).message).toContain(`${where}: `);
    expect((error as SpecError).message).toContain(message);
  });

  it('refuses the same id in two groups', async () => {
    const root = temporaryFolder();
    mkdirSync(join(root, 'a', 'same'), { recursive: true });
    mkdirSync(join(root, 'b', 'same'), { recursive: true });
    await expect(benchmarkIds([root])).rejects.toThrow("benchmark 'same' is there twice");
  });

  it('finds the benchmarks of the package itself', () => {
    expect(ownBenchmarksRoot()).toMatch(/benchmarks$/);
  });
});

describe('the hash of a source tree', () => {
  const hashOfFolder = async (path: string): Promise<string> => hashFiles(await sourceFiles(path));

  it('changes with any file, in sub-folders too, and with nothing else', async () => {
    const path = ownBenchmark();
    const before = await hashOfFolder(path);
    for (const file of await sourceFiles(path)) {
      const folder = ownBenchmark({ [file.path]: 'changed' });
      expect(await hashOfFolder(folder), file.path).not.toBe(before);
    }
    expect(await hashOfFolder(ownBenchmark())).toBe(before);
    writeTree(path, {
      'python/__pycache__/function.pyc': 'x',
      'nodejs/node_modules/a/index.js': 'x',
      '.DS_Store': 'x',
    });
    expect(await hashOfFolder(path)).toBe(before);
  });

  it('tells a moved byte, a moved file and a moved border apart', async () => {
    const name = fc.constantFrom('a', 'b', 'c/a', 'c/b', 'd');
    const tree = fc.dictionary(name, fc.string({ maxLength: 3 }), { minKeys: 1, noNullPrototype: true });
    await fc.assert(
      fc.asyncProperty(tree, tree, async (one, other) => {
        const [first, second] = [one, other].map((files) => writeTree(temporaryFolder(), files));
        const same = JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());
        expect((await hashOfFolder(first as string)) === (await hashOfFolder(second as string))).toBe(same);
      }),
      { numRuns: 60 },
    );
  });

  it('follows a link inside the folder and refuses one that leaves it', async () => {
    const path = ownBenchmark();
    symlinkSync('function.py', join(path, 'python/alias.py'));
    expect((await sourceFiles(path)).map((file) => file.path)).toContain('python/alias.py');
    const outside = join(temporaryFolder(), 'secret');
    writeFileSync(outside, 'secret');
    symlinkSync(outside, join(path, 'python/leak.py'));
    await expect(sourceFiles(path)).rejects.toThrow(/leak\.py is a link that leaves the folder/);
    rmSync(join(path, 'python/leak.py'));
    symlinkSync('lib', join(path, 'python/again'));
    await expect(sourceFiles(path)).rejects.toThrow(/again is a link to something that is no file/);
    rmSync(join(path, 'python/again'));
    symlinkSync('nowhere', join(path, 'python/dead'));
    await expect(sourceFiles(path)).rejects.toThrow(/dead is a link to nothing/);
  });

  it('knows which paths stay inside a folder', () => {
    for (const path of ['a', 'a/b', '..a', 'a..', 'a/...']) expect(staysInside(path), path).toBe(true);
    for (const path of ['', '.', '..', '/a', 'a/../b', 'a//b', '../a', 'a/', 'C:/a', 'a\\..\\b', 'a\0'])
      expect(staysInside(path), path).toBe(false);
  });
});
