import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Benchmark, loadBenchmark, loadCatalogue } from '../../src/benchmarks/catalogue.js';
import { withoutSecrets } from '../../src/benchmarks/command.js';
import { type BuildPackageOptions, buildCodePackage, type CodePackage } from '../../src/benchmarks/package.js';
import { sourceFiles } from '../../src/benchmarks/source-tree.js';
import { PackageError, type SebsError } from '../../src/errors.js';
import { leftOut } from '../support/left-out.js';
import { callHandler, NODE, ownBenchmark, PYTHON, packageOptions, smallWrapper, temporaryFolder } from './support.js';

const withoutPython = PYTHON === undefined && leftOut('packages with Python code', 'python3 is missing');

async function own(files: Readonly<Record<string, string>> = {}): Promise<Benchmark> {
  return loadBenchmark('own', ownBenchmark(files));
}

async function failure(options: BuildPackageOptions): Promise<SebsError> {
  const error = await buildCodePackage(options).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(PackageError);
  return error as SebsError;
}

async function filesOf(code: CodePackage): Promise<string[]> {
  return (await sourceFiles(code.path)).map(({ path }) => path);
}

describe('a code package', () => {
  it('has the wrapper at the top, the function below, and says what it is', async () => {
    const benchmark = await own();
    const code = await buildCodePackage(packageOptions(benchmark, 'nodejs', { wrapperDir: smallWrapper() }));
    expect(await filesOf(code)).toEqual([
      'function/function.mjs',
      'function/lib/answer.mjs',
      'sebs-package.json',
      'worker.mjs',
      'worker.py',
    ]);
    expect(JSON.parse(readFileSync(join(code.path, 'sebs-package.json'), 'utf8'))).toEqual({
      handler: 'function',
      language: 'nodejs',
      runtime: `nodejs ${NODE.version}`,
      benchmark: 'own',
      kind: 'directory',
      architecture: process.arch,
      sha256: code.sha256,
      size_bytes: code.sizeBytes,
      dependencies: [],
      tree_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(code).toMatchObject({ kind: 'directory', sourceSha256: benchmark.sourceSha256, cached: false });
    expect(code.path.endsWith(join('packages', code.sha256))).toBe(true);
    expect(await callHandler('nodejs', code, [{ a: 1 }])).toEqual([{ a: 1 }]);
  });

  it.skipIf(withoutPython)('of Python is importable, compiled ahead, and stays as it is when it runs', async () => {
    const code = await buildCodePackage(packageOptions(await own(), 'python', { wrapperDir: smallWrapper() }));
    expect(await filesOf(code)).toContain('function/__init__.py');
    const compiled = readdirSync(join(code.path, 'function/lib/__pycache__'));
    expect(compiled).toEqual([expect.stringMatching(/^answer\.cpython-\d+\.pyc$/)]);
    const before = snapshot(code.path);
    expect(await callHandler('python', code, [{ a: 1 }])).toEqual([{ a: 1 }]);
    expect(snapshot(code.path)).toEqual(before);
  });

  it('carries the client of a declared module, and none of the others', async () => {
    const { benchmarks } = await loadCatalogue({ paths: [], ids: ['311.compression', '010.sleep'] });
    const build = async (id: string) =>
      filesOf(await buildCodePackage(packageOptions(benchmarks.get(id) as Benchmark, 'nodejs')));
    expect(await build('311.compression')).toContain('function/storage.mjs');
    expect((await build('010.sleep')).filter((path) => /storage|modules/.test(path))).toEqual([]);
  });

  it('is refused when a module has no client, a file has its name, or a language is not there', async () => {
    const yaml = 'version: 1\nlanguages: { nodejs: {} }\nmodules: [storage]\ninputs: { test: a }\n';
    const benchmark = await own({ 'benchmark.yaml': yaml });
    const noClient = await failure(packageOptions(benchmark, 'nodejs', { wrapperDir: smallWrapper() }));
    expect(noClient.message).toContain("benchmark 'own' needs the module 'storage'");
    const clash = await failure(
      packageOptions(await own({ 'benchmark.yaml': yaml, 'nodejs/storage.mjs': '' }), 'nodejs'),
    );
    expect(clash.message).toContain('storage.mjs has the name of a client that sebs packs');
    const noLanguage = await failure({ ...packageOptions(benchmark, 'nodejs'), language: 'ruby' });
    expect(noLanguage.message).toBe("benchmark 'own' has no code in ruby");
    const noWrapper = await failure(packageOptions(benchmark, 'nodejs', { wrapperDir: '/nowhere/at/all' }));
    expect(noWrapper.message).toContain('there is no wrapper for nodejs: /nowhere/at/all');
  });
});

describe('the hash of a package', () => {
  const hash = async (options: BuildPackageOptions): Promise<string> => (await buildCodePackage(options)).sha256;

  it('changes with any byte of the function, its sub-folders, its lock, the wrapper and its modules', async () => {
    const wrapper = { 'worker.mjs': 'one', 'sub/helper.mjs': 'one', 'modules/storage.mjs': 'one' };
    const files = {
      'benchmark.yaml': 'version: 1\nlanguages: { nodejs: {} }\nmodules: [storage]\ninputs: { test: a }\n',
      'nodejs/package-lock.json': '{}',
      'nodejs/deep/er/data.bin': '\u0000one',
    };
    const cacheDir = join(temporaryFolder(), 'cache');
    const build = async (code: Record<string, string>, worker: Record<string, string>) => {
      const benchmark = await own({ ...files, ...code });
      const wrapperDir = ownBenchmark({ ...wrapper, ...worker });
      return hash(packageOptions(benchmark, 'nodejs', { wrapperDir, cacheDir }));
    };
    const hashes = [
      await build({}, {}),
      await build({ 'nodejs/function.mjs': 'export const handler = 1;\n' }, {}),
      await build({ 'nodejs/lib/answer.mjs': 'export const answer = 1;\n' }, {}),
      await build({ 'nodejs/deep/er/data.bin': '\u0000two' }, {}),
      await build({ 'nodejs/package-lock.json': '{ }' }, {}),
      await build({ 'nodejs/new/file': '' }, {}),
      await build({}, { 'worker.mjs': 'two' }),
      await build({}, { 'sub/helper.mjs': 'two' }),
      await build({}, { 'modules/storage.mjs': 'two' }),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(await build({}, {})).toBe(hashes[0]);
    expect(await build({ 'README.md': 'new', 'python/function.py': 'x = 1' }, {})).toBe(hashes[0]);
    expect(await build({}, { 'modules/nosql.mjs': 'not used' })).toBe(hashes[0]);
  });

  it('changes with runtime version, architecture and handler', async () => {
    const benchmark = await own();
    const base = packageOptions(benchmark, 'nodejs', { wrapperDir: smallWrapper() });
    const other = await own({
      'benchmark.yaml': 'version: 1\nlanguages: { nodejs: { handler: lib/answer } }\ninputs: { test: a }\n',
    });
    const hashes = [
      await hash(base),
      await hash({ ...base, runtime: { ...base.runtime, version: '20.0.0' } }),
      await hash({ ...base, architecture: 'other' }),
      await hash({ ...base, benchmark: other }),
    ];
    expect(new Set(hashes).size).toBe(4);
  });
});

describe('a package in the cache', () => {
  it('is taken without starting any command', async () => {
    const language = PYTHON === undefined ? 'nodejs' : 'python';
    const options = packageOptions(await own(), language, { wrapperDir: smallWrapper() });
    const first = await buildCodePackage(options);
    // An executable that is not there proves that none was started.
    const second = await buildCodePackage({
      ...options,
      runtime: { ...options.runtime, executable: '/nowhere/python' },
      env: {},
    });
    expect(second).toEqual({ ...first, cached: true });
  });

  it('is built anew when it is damaged', async () => {
    const options = packageOptions(await own(), 'nodejs', { wrapperDir: smallWrapper() });
    const { path } = await buildCodePackage(options);
    writeFileSync(join(path, 'sebs-package.json'), '{ torn');
    expect(await buildCodePackage(options)).toMatchObject({ path, cached: false });
    rmSync(join(path, 'function', 'function.mjs'));
    expect(await buildCodePackage(options)).toMatchObject({ path, cached: false });
    expect(existsSync(join(path, 'function', 'function.mjs'))).toBe(true);
    rmSync(path, { recursive: true });
    expect(await buildCodePackage(options)).toMatchObject({ path, cached: false });
    expect(await buildCodePackage(options)).toMatchObject({ path, cached: true });
  });
});

describe('a build that fails', () => {
  it('names the dependency file without a lock', async () => {
    const benchmark = await own({ 'nodejs/package.json': '{ "dependencies": { "eta": "4.6.0" } }' });
    const error = await failure(packageOptions(benchmark, 'nodejs'));
    const file = join(benchmark.path, 'nodejs', 'package.json');
    expect(error.message).toBe(`${file} has dependencies, but no package-lock.json is beside it`);
    expect(error.hint).toContain('npm install --package-lock-only');
    const broken = await failure(packageOptions(await own({ 'nodejs/package.json': '{' }), 'nodejs'));
    expect(broken.message).toContain('package.json is no JSON');
  });

  it('shows the npm command, its exit code and what it said, and leaves nothing in the cache', async () => {
    const benchmark = await own({
      'nodejs/package.json': '{ "dependencies": { "eta": "4.6.0" } }',
      'nodejs/package-lock.json': '{ "lockfileVersion": 3, "packages": { "": {} } }',
    });
    const options = packageOptions(benchmark, 'nodejs');
    const error = await failure(options);
    expect(error.message).toMatch(/^`\S*npm ci --omit=dev --ignore-scripts .*` ended with 1:\n/);
    expect(error.message).toContain('package.json and package-lock.json');
    expect(error.hint).toContain(join(benchmark.path, 'nodejs'));
    expect(readdirSync(join(options.cacheDir, 'packages')).sort()).toEqual(['.building', '.leases', '.locks']);
    expect(readdirSync(join(options.cacheDir, 'packages', '.building'))).toEqual([]);
  });

  it.skipIf(withoutPython)('shows the pip command, its exit code and the way to a lock with hashes', async () => {
    const error = await failure(packageOptions(await own({ 'python/requirements.txt': 'jinja2==3.1.6\n' }), 'python'));
    expect(error.message).toMatch(/^`\S+ -m pip install --require-hashes --only-binary=:all: .*` ended with 1:\n/);
    expect(error.message).toContain('require-hashes');
    expect(error.hint).toContain('pip-compile --generate-hashes');
  });

  it.skipIf(withoutPython)("names the user's own file when Python code does not compile", async () => {
    const benchmark = await own({ 'python/lib/answer.py': 'def answer(event)\n    return event\n' });
    const error = await failure(packageOptions(benchmark, 'python'));
    expect(error.message).toContain(`${join(benchmark.path, 'python')}/lib/answer.py", line 1`);
    expect(error.message).toContain('SyntaxError');
  });

  it('says which program is not there', async () => {
    const options = packageOptions(await own(), 'nodejs', { wrapperDir: smallWrapper() });
    const benchmark = await own({ 'python/function.py': '' });
    const runtime = { version: '3.11.0', executable: '/nowhere/python3' };
    const error = await failure({ ...options, benchmark, language: 'python', runtime });
    expect(error.message).toContain('cannot be started: /nowhere/python3 is not there');
  });

  it('ends at once when it is aborted, and leaves nothing behind', async () => {
    // A program in the place of Python that never ends, and a helper of it.
    const bin = temporaryFolder();
    const executable = join(bin, 'python3');
    writeFileSync(executable, '#!/bin/sh\nsleep 600 &\necho $! > "$PIDS"; wait\n', { mode: 0o755 });
    const controller = new AbortController();
    const pids = join(bin, 'pids');
    const options = packageOptions(await own(), 'nodejs', {
      wrapperDir: smallWrapper(),
      language: 'python',
      runtime: { version: '3.11.0', executable },
      signal: controller.signal,
      env: { ...process.env, PIDS: pids },
    });
    const building = buildCodePackage(options).catch((error: unknown) => error);
    await until(() => existsSync(pids) && readFileSync(pids, 'utf8').endsWith('\n'));
    controller.abort(new Error('stop'));
    expect(await building).toEqual(new Error('stop'));
    await until(() => !isRunning(Number(readFileSync(pids, 'utf8'))));
    expect(readdirSync(join(options.cacheDir, 'packages', '.building'))).toEqual([]);
  });

  it('shows no secrets of the environment', () => {
    const env = { PIP_INDEX_URL: 'https://user:hunter22@index.test/simple', API_TOKEN: 'abcdef123', NODE_ENV: 'test' };
    const shown = withoutSecrets('GET https://user:hunter22@index.test/simple with abcdef123 in test', env);
    expect(shown).toBe('GET https://***@index.test/simple with *** in test');
  });
});

function snapshot(folder: string): string[] {
  return readdirSync(folder, { recursive: true }).map(String).sort();
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('waited for 10 s');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A zombie is not running: nobody may have waited for it yet. */
function isRunning(pid: number): boolean {
  try {
    const state = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1];
    return state !== undefined && !state.startsWith('Z');
  } catch {
    return false;
  }
}
