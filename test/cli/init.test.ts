// `sebs init`: files that work as they are written. Real command, real folders.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadBenchmark } from '../../src/benchmarks/catalogue.js';
import type { InputModule } from '../../src/benchmarks/input-module.js';
import { ROOT, sebs } from '../support/cli.js';
import { leftOut } from '../support/left-out.js';

let cwd: string;
beforeEach(() => {
  cwd = realpathSync(mkdtempSync(join(tmpdir(), 'sebs-init-')));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

test('init writes a suite and a .gitignore, says so, and says what is next', async () => {
  expect(await sebs(['init'], { cwd })).toEqual({
    code: 0,
    stderr: '',
    stdout: [
      'wrote suite.yaml',
      'wrote .gitignore',
      '',
      'Next:',
      '  sebs plan suite.yaml    what it would do',
      '  sebs run suite.yaml     do it; ends with the path of the report',
      '',
    ].join('\n'),
  });
  expect(readdirSync(cwd).sort()).toEqual(['.gitignore', 'suite.yaml']);
  expect(readFileSync(join(cwd, '.gitignore'), 'utf8')).toBe('# run folders of sebs\nreports/\n');
});

test('the first line of the suite leads an editor to the schema of this installation', async () => {
  await sebs(['init', 'deep/er'], { cwd });
  const [line = ''] = readFileSync(join(cwd, 'deep/er/suite.yaml'), 'utf8').split('\n');
  const reference = /^# yaml-language-server: \$schema=(\S+)$/.exec(line)?.[1] ?? '';
  const file = reference.startsWith('file:') ? fileURLToPath(reference) : resolve(cwd, 'deep/er', reference);
  expect(realpathSync(file)).toBe(realpathSync(join(ROOT, 'schemas/suite.schema.json')));
});

test('init does not overwrite a suite', async () => {
  writeFileSync(join(cwd, 'suite.yaml'), 'mine');
  expect(await sebs(['init'], { cwd })).toEqual({
    code: 2,
    stdout: '',
    stderr:
      'error: suite.yaml is already there, and init does not overwrite it\nhint: name another folder: sebs init <dir>\n',
  });
  expect(readFileSync(join(cwd, 'suite.yaml'), 'utf8')).toBe('mine');
  expect(readdirSync(cwd)).toEqual(['suite.yaml']);
});

test.each([
  ['node_modules', 'node_modules\n# run folders of sebs\nreports/\n'],
  ['node_modules\n', 'node_modules\n# run folders of sebs\nreports/\n'],
  ['/reports/\n', '/reports/\n'],
  ['reports\n', 'reports\n'],
])('a .gitignore of %j becomes %j', async (before, after) => {
  writeFileSync(join(cwd, '.gitignore'), before);
  expect((await sebs(['init', '--json'], { cwd })).code).toBe(0);
  expect(readFileSync(join(cwd, '.gitignore'), 'utf8')).toBe(after);
});

test('--json of init benchmark is the list of files', async () => {
  const { code, stdout } = await sebs(['init', 'benchmark', 'resize', '--json'], { cwd });
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    files: ['benchmark.yaml', 'input.mjs', 'nodejs/function.mjs', 'python/function.py'].map((name) => `resize/${name}`),
  });
});

test.each(['../out', 'Upper', 'a b', '', '-x'.repeat(30)])('%j cannot name a benchmark', async (name) => {
  const { code, stderr } = await sebs(['init', 'benchmark', '--', name], { cwd });
  expect(code).toBe(2);
  expect(stderr).toMatch(/cannot name a benchmark\nhint: use lower-case letters/);
  expect(readdirSync(cwd)).toEqual([]);
});

test('a benchmark that is there is not overwritten', async () => {
  mkdirSync(join(cwd, 'mine'));
  const { code, stderr } = await sebs(['init', 'benchmark', 'mine'], { cwd });
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: 'error: mine is already there, and init does not overwrite it\nhint: choose another name\n',
  });
});

describe('the benchmark that init writes', () => {
  const sizes = ['test', 'small', 'large'];

  test('is accepted, with both languages and three inputs', async () => {
    const { file, path } = await written();
    expect(Object.keys(file.languages)).toEqual(['python', 'nodejs']);
    expect(Object.keys(file.inputs)).toEqual(sizes);
    const texts = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    for (const entry of texts)
      expect(readFileSync(join(entry.parentPath, entry.name), 'utf8'), entry.name).not.toContain('__NAME__');
  });

  test.each(sizes)('its Node.js function passes its own validator with input %s', async (size) => {
    const { path } = await written();
    const { handler } = (await import(pathToFileURL(join(path, 'nodejs/function.mjs')).href)) as {
      handler(event: unknown): Promise<unknown>;
    };
    const { event, validate } = await inputOf(path, size);
    expect(validate(await handler(event))).toBeNull();
  });

  const python = spawnSync('python3', ['--version']).status === 0;
  test.skipIf(!python && leftOut('the Python function that init writes', 'python3 is not installed'))(
    'its Python function gives what the validator expects',
    async () => {
      const { path } = await written();
      const { event, validate } = await inputOf(path, 'small');
      const code = 'import json, sys, function; print(json.dumps(function.handler(json.load(sys.stdin))))';
      const options = { cwd: join(path, 'python'), input: JSON.stringify(event), encoding: 'utf8' as const };
      const { stdout } = spawnSync('python3', ['-c', code], options);
      expect(validate(JSON.parse(stdout))).toBeNull();
    },
  );

  test('its validator refuses what is empty, off by one, or of another size', async () => {
    const { path } = await written();
    const { event, validate } = await inputOf(path, 'test');
    const right = sumOf((event as { numbers: number[] }).numbers);
    const other = sumOf(((await inputOf(path, 'small')).event as { numbers: number[] }).numbers);
    expect(validate(right)).toBeNull();
    const wrong = [null, undefined, 'text', {}, { ...right, sum: right.sum + 1 }, { sum: right.sum }, other];
    for (const output of wrong) expect(validate(output), JSON.stringify(output)).toEqual(expect.any(String));
  });

  async function written() {
    await sebs(['init', 'benchmark', 'mine'], { cwd });
    return loadBenchmark('mine', join(cwd, 'mine'));
  }

  async function inputOf(path: string, size: string) {
    const module = (await import(pathToFileURL(join(path, 'input.mjs')).href)) as InputModule;
    const { event } = await module.generate({ size, seed: 42 } as Parameters<InputModule['generate']>[0]);
    const { event: again } = await module.generate({ size, seed: 42 } as Parameters<InputModule['generate']>[0]);
    expect(again).toEqual(event);
    const validate = (output: unknown) =>
      module.validate({ size, seed: 42, event, output } as Parameters<InputModule['validate']>[0]);
    return { event, validate };
  }

  function sumOf(numbers: readonly number[]) {
    return { sum: numbers.reduce((total, number) => total + number, 0), largest: Math.max(...numbers) };
  }
});
