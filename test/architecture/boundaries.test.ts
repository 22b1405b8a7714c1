// The import rules are lint errors (biome.json, made from the table in scripts/boundaries.mjs). Here: the file holds the
// table, and Biome really refuses what the table forbids and lets pass what it allows.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT, runCommand } from '../support/cli.js';

const FORBIDDEN: [file: string, imported: string, message: string][] = [
  ['src/plan/a.ts', '../run/execute.js', 'plan/ is pure'],
  ['src/plan/b.ts', 'node:fs', 'plan/ is pure'],
  ['src/plan/c.ts', '../platforms/registry.js', 'plan/ is pure'],
  ['src/plan/d.ts', '../spec/load.js', 'plan/ is pure'],
  ['src/experiments/some/expand.ts', './measure.js', 'plan/ is pure'],
  ['src/results/a.ts', '../run/ledger.js', 'results/ works from the run folder alone'],
  ['src/results/b.ts', '../platforms/driver.js', 'results/ works from the run folder alone'],
  ['src/results/statistics/a.ts', 'node:fs', 'statistics are pure functions'],
  ['src/report/a.ts', '../plan/plan.js', 'report/ works from the run folder alone'],
  ['src/run/a.ts', '../report/html.js', 'run/ is given its drivers'],
  ['src/run/b.ts', '../platforms/registry.js', 'run/ is given its drivers'],
  ['src/run/tasks/c.ts', '../../run-suite.js', 'nothing imports upward'],
  ['src/run-suite.ts', './commands/run.js', 'nothing imports upward'],
  ['src/commands/a.ts', '../cli/program.js', 'nothing imports upward'],
  ['src/platforms/process/a.ts', '../../run/ledger.js', 'a platform knows the driver contract'],
  ['src/units.ts', './spec/load.js', 'what everything uses knows nothing of the stages'],
  ['src/invoke/a.ts', '../plan/plan.js', 'invoke/ sends and times'],
  ['src/report/b.ts', 'yaml', 'a library is imported by its owner alone'],
  ['src/report/c.ts', '@duckdb/node-api', 'a library is imported by its owner alone'],
  ['src/results/c.ts', '@duckdb/node-api', 'a library is imported by its owner alone'],
  ['src/run/d.ts', 'undici', 'a library is imported by its owner alone'],
  ['src/plan/e.ts', 'pure-rand/distribution/uniformInt', 'a library is imported by its owner alone'],
  ['src/commands/b.ts', 'commander', 'a library is imported by its owner alone'],
  ['src/cli.ts', 'listr2', 'a library is imported by its owner alone'],
];

const ALLOWED: [file: string, imported: string][] = [
  ['src/plan/ok.ts', '../platforms/driver.js'],
  ['src/plan/ok2.ts', '../spec/resolved.js'],
  ['src/plan/ok3.ts', '../benchmarks/catalogue.js'],
  ['src/experiments/some/measure.ts', '../experiment.js'],
  ['src/run/ok.ts', 'listr2'],
  ['src/run/ok2.ts', '../platforms/driver.js'],
  ['src/run/ok3.ts', '../invoke/exchange.js'],
  ['src/spec/ok.ts', 'yaml'],
  ['src/results/dataframe.ts', '@duckdb/node-api'],
  ['src/report/ok.ts', '../results/run-folder.js'],
  ['src/invoke/ok.ts', 'undici'],
  ['src/platforms/process/ok.ts', '../driver.js'],
  ['src/platforms/process/ok2.ts', '../../benchmarks/package.js'],
  ['src/cli/ok.ts', 'commander'],
  ['src/commands/ok.ts', '../run-suite.js'],
  ['src/random.ts', 'pure-rand/generator/xoroshiro128plus'],
];

interface Diagnostic {
  category: string;
  location: { path: string | { file: string } };
  message: string | { content: string }[];
}

let folder: string;
let found: { rule: string; file: string; text: string }[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sebs-boundaries-'));
  const settings = JSON.parse(readFileSync(join(ROOT, 'biome.json'), 'utf8')) as Record<string, unknown>;
  settings.$schema = undefined;
  settings.vcs = undefined; // The folder is no git checkout.
  write('biome.json', JSON.stringify(settings));
  for (const [file, imported] of [...FORBIDDEN, ...ALLOWED]) write(file, `export { x } from '${imported}';\n`);
  write('src/storage/here.ts', "export { there } from './there.js';\nexport const here = 1;\n");
  write('src/storage/there.ts', "export { here } from './here.js';\nexport const there = 2;\n");
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  found = await lint();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('biome.json holds the table of scripts/boundaries.mjs', async () => {
  const { code, stderr } = await runCommand(process.execPath, [join(ROOT, 'scripts', 'boundaries.mjs'), '--check']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test.each(FORBIDDEN)('%s may not import %s', (file, _imported, message) => {
  const texts = found.filter((hit) => hit.file === file && hit.rule === 'lint/style/noRestrictedImports');
  expect(texts.map(({ text }) => text)).toEqual([expect.stringContaining(message)]);
});

test.each(ALLOWED)('%s may import %s', (file) => {
  expect(found.filter((hit) => hit.file === file && hit.rule === 'lint/style/noRestrictedImports')).toEqual([]);
});

test('a cycle is an error in each of its files', () => {
  const cycles = found.filter(({ rule }) => rule.endsWith('/noImportCycles')).map(({ file }) => file);
  expect(cycles.sort()).toEqual(['src/storage/here.ts', 'src/storage/there.ts']);
});

function write(path: string, text: string): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

async function lint(): Promise<{ rule: string; file: string; text: string }[]> {
  const biome = join(ROOT, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
  const { stdout } = await runCommand(
    process.execPath,
    [biome, 'lint', '--reporter=json', '--max-diagnostics=none', 'src'],
    { cwd: folder },
  );
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: Diagnostic[] };
  return diagnostics.map(({ category, location: { path }, message }) => ({
    rule: category,
    file: typeof path === 'string' ? path : path.file,
    text: typeof message === 'string' ? message : message.map(({ content }) => content).join(''),
  }));
}
