// Which libraries a command has loaded when it is done, those of import() included, those of require() not; test/architecture/lazy-imports looks
// at what is there from the start. Real commands.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT } from '../support/cli.js';
import { makeWorkspace, type Workspace } from '../support/workspace.js';

const HOOK = pathToFileURL(join(ROOT, 'test/support/loaded-libraries.mjs')).href;
const SUITE = ['ajv', 'fastest-levenshtein', 'yaml'];
const REPORT = ['handlebars', 'vega', 'vega-lite'];

let user: Workspace;
beforeAll(async () => {
  user = makeWorkspace();
  user.benchmark('mine', 'export async function handler() { return 1; }');
  user.write(
    'suite.yaml',
    'version: 1\nname: loads\nplatforms: [process]\nbenchmarks: [{ path: ./mine }]\n' +
      'experiments: { it: { type: perf-cost, starts: [cold], repetitions: 2 } }\n',
  );
  const { code, stderr } = await user.sebs(['run', 'suite.yaml', '--quiet']);
  expect(code, stderr).toBe(0);
}, 60_000);
afterAll(() => user.end());

test.each([
  [['--help'], []],
  [['init', 'new'], []],
  [['list', 'runs'], []],
  [['statistics', 'latest'], []],
  [['verify', 'latest'], []],
  [['cache', 'list'], []],
  [['list', 'benchmarks'], SUITE],
  [
    ['validate', 'suite.yaml'],
    [...SUITE, 'pure-rand'],
  ],
  [
    ['plan', 'suite.yaml'],
    [...SUITE, 'pure-rand'],
  ],
  [
    ['report', 'latest'],
    [...REPORT, '@duckdb/node-api', 'pure-rand'],
  ],
  [
    ['process', 'latest'],
    [...REPORT, '@duckdb/node-api', 'csv-stringify', 'pure-rand'],
  ],
])('%j loads what it needs alone', async (args, needed) => {
  const { code, stderr, libraries } = await loadedBy(args);
  expect(code, stderr).toBe(0);
  expect(libraries).toEqual([...needed, 'commander'].sort());
});

test('a run that measures loads what shows it and all of the other steps', async () => {
  const { code, stderr, libraries } = await loadedBy(['run', 'suite.yaml', '--quiet']);
  expect(code, stderr).toBe(0);
  expect(libraries).toEqual(expect.arrayContaining([...SUITE, ...REPORT, 'listr2']));
}, 60_000);

async function loadedBy(args: readonly string[]) {
  const file = join(user.path, 'loaded.txt');
  rmSync(file, { force: true });
  const env = { NODE_OPTIONS: `--import=${HOOK}`, LOADED_LIBRARIES: file };
  const result = await user.sebs(args, { env });
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  const packages = lines
    .filter((line) => line !== '')
    .map((name) =>
      name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/'),
    );
  return { ...result, libraries: [...new Set(packages)].sort() };
}
