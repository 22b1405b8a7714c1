// sebs as a user of the package has it: packed, installed into an empty folder from the tarball, and used there.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT, runCommand, type SebsOptions } from '../support/cli.js';

let folder: string;
let project: string;
let packed: { filename: string; files: { path: string }[] };

beforeAll(async () => {
  if (process.env.SEBS_BUILD_ERROR !== undefined) throw new Error(process.env.SEBS_BUILD_ERROR);
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'sebs-package-')));
  project = join(folder, 'project');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "name": "study", "private": true }\n');
  // dist/ is fresh (global-setup.ts): `prepare` would only build it again, below the feet of other tests.
  const pack = await npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], { cwd: ROOT });
  [packed] = JSON.parse(pack.stdout) as [typeof packed];
  await npm(['install', '--prefer-offline', '--no-audit', '--no-fund', join(folder, packed.filename)], {
    cwd: project,
  });
}, 180_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the tarball holds what a user needs, and nothing else', () => {
  const tops = new Set(packed.files.map(({ path }) => path.split('/')[0]));
  expect([...tops].sort()).toEqual([
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'benchmarks',
    'dist',
    'docker',
    'docs',
    'package.json',
    'schemas',
    'specs',
    'templates',
  ]);
  const strangers = packed.files.filter(({ path }) => /\.test\.|(^|\/)node_modules\/|__pycache__|\.build-/.test(path));
  expect(strangers).toEqual([]);
});

test('every file of these folders that git knows is in it', async () => {
  const { stdout } = await runCommand('git', ['ls-files', 'benchmarks', 'schemas', 'templates', 'specs', 'docs'], {
    cwd: ROOT,
  });
  const inside = new Set(packed.files.map(({ path }) => path));
  expect(stdout.split('\n').filter((path) => path !== '' && existsSync(join(ROOT, path)) && !inside.has(path))).toEqual(
    [],
  );
});

test('init, validate, plan and run work in a folder that has nothing but the package', async () => {
  expect(await sebs(['init'])).toMatchObject({ code: 0, stderr: '' });
  const [schema] = readFileSync(join(project, 'suite.yaml'), 'utf8').split('\n');
  expect(schema).toBe('# yaml-language-server: $schema=node_modules/sebs/schemas/suite.schema.json');
  const own = await sebs(['init', 'benchmark', 'own']);
  expect(own.stdout).toContain('\nnode_modules/sebs/docs/writing-a-benchmark.md explains each file.\n');
  expect(await sebs(['validate', 'suite.yaml'])).toEqual({ code: 0, stdout: 'suite.yaml: ok, 8 cells\n', stderr: '' });

  // The suite as written takes a minute; the same with a few repetitions shows as well that everything is found.
  const suite = readFileSync(join(project, 'suite.yaml'), 'utf8');
  const small = suite.replace('repetitions: 20', 'repetitions: 2').replace('blocks: 10', 'blocks: 2');
  expect(small).not.toBe(suite);
  writeFileSync(join(project, 'small.yaml'), small);
  const run = await sebs(['run', 'small.yaml', '--json']);
  expect(run, run.stderr).toMatchObject({ code: 0 });
  const finished = run.stdout.trimEnd().split('\n').at(-1) ?? '';
  const { folder: runFolder, report } = JSON.parse(finished) as { folder: string; report: string };
  expect(readFileSync(join(project, report), 'utf8')).toMatch(/^<!doctype html>/i);
  expect(readdirSync(join(project, runFolder)).sort()).toEqual(
    expect.arrayContaining(['derived', 'manifest.json', 'plan.json', 'raw', 'report.html', 'suite.yaml']),
  );
  expect(await sebs(['verify', 'latest'])).toMatchObject({ code: 0 });
  expect(await sebs(['resources', 'list', 'latest'])).toEqual({
    code: 0,
    stdout: 'nothing is left outside the run folders\n',
    stderr: '',
  });
}, 120_000);

async function npm(args: readonly string[], options: SebsOptions) {
  const result = await runCommand('npm', args, { timeout: 120_000, ...options });
  if (result.code !== 0) throw new Error(`npm ${args.join(' ')} ended with ${result.code}\n${result.stderr}`);
  return result;
}

function sebs(args: readonly string[]) {
  const bin = join(project, 'node_modules', '.bin', 'sebs');
  // A cache of its own: a package that an earlier run has cached must not hide one that cannot be built.
  return runCommand(bin, args, { cwd: project, timeout: 100_000, env: { XDG_CACHE_HOME: join(folder, 'cache') } });
}
