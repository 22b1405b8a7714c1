import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { benchmarkIds, loadCatalogue } from '../../src/benchmarks/catalogue.js';
import { labelOf } from '../../src/plan/cells.js';
import { makePlan } from '../../src/plan/plan.js';
import { planText } from '../../src/plan/text.js';
import { loadPlatform } from '../../src/platforms/registry.js';
import { loadSuite } from '../../src/spec/load.js';
import type { ResolvedSuite } from '../../src/spec/resolved.js';
import { ROOT } from '../support/cli.js';
import { withoutDocker } from '../support/docker.js';
import { platformsOf } from '../support/plan-fixtures.js';
import { countedKeys, expectedKeys, makeWorkspace, planOfRun, rowsOf, type Workspace } from '../support/workspace.js';

const SPECS = join(ROOT, 'specs');
const examples = readdirSync(SPECS).filter((name) => name.endsWith('.yaml'));

/** Plays what the suites for functions at a URL refer to. */
const server = createServer((_request, response) => void response.setHeader('x-instance-id', 'one').end('{}'));
const env = { MY_FUNCTION_URL: '' };
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  env.MY_FUNCTION_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => server.close());

let user: Workspace;
beforeEach(() => {
  user = makeWorkspace();
});
afterEach(() => user.end());

describe('the example suites', () => {
  it('are there', () => expect(examples.length).toBeGreaterThanOrEqual(5));

  it.each(examples)('%s has the plan that is written down for it', async (name) => {
    const file = join(SPECS, name);
    const { suite } = await loadSuite({ file, env, benchmarkIds: await benchmarkIds() });
    const catalogue = await loadCatalogue({ paths: [], ids: suite.benchmarks.map(({ id }) => id) });
    // What this host has is no part of it.
    const { plan, problems } = makePlan(suite, catalogue, await knownPlatforms(suite));
    expect(problems).toEqual([]);
    const tasks = plan.tasks.map(({ kind, title }) => `${kind}: ${title}`);
    const text = [planText(plan), '', 'Cells', ...plan.cells.map(labelOf), '', 'Tasks', ...tasks, ''].join('\n');
    await expect(text).toMatchFileSnapshot(`../golden/plan/${name}.txt`);
  });

  it.each(examples.filter((name) => !needsDocker(name) || !withoutDocker(`the run of specs/${name}`)))(
    '%s runs from its first line to its report, with fewer repetitions',
    async (name) => {
      const file = join(SPECS, name);
      const { suite } = await loadSuite({ file, env, benchmarkIds: await benchmarkIds() });
      const fewer = suite.experiments.map(({ id }) => `experiments."${id}".repetitions=2`);
      const settings = ['order={ blocks: 2 }', ...fewer].flatMap((setting) => ['--set', setting]);
      const { code, stdout, stderr } = await user.sebs(['run', file, ...settings], { timeout: 120_000, env });
      expect(code, stdout + stderr).toBe(0);
      const run = user.runs()[0] ?? '';
      expect(countedKeys(run)).toEqual(expectedKeys(planOfRun(run)));
      expect(rowsOf(run).filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
      expect(existsSync(join(run, 'report.html'))).toBe(true);
    },
    150_000,
  );
});

describe('the quickstart', () => {
  it('leaves its Python cells out, with the reason, where python3 is missing', async () => {
    // A PATH with no python3 on it.
    const text = readFileSync(join(SPECS, 'quickstart.yaml'), 'utf8').replace(/repetitions: \d+/, 'repetitions: 1');
    user.write('suite.yaml', text);
    const { code, stdout, stderr } = await user.sebs(['run', 'suite.yaml'], { env: { PATH: pathWithout('python3') } });
    expect(code, stdout + stderr).toBe(0);
    const plan = planOfRun(user.runs()[0] ?? '');
    expect([...new Set(plan.cells.map((cell) => cell.language))]).toEqual(['nodejs']);
    expect(plan.skipped.map((cell) => [cell.because, cell.settings?.benchmark, cell.settings?.start])).toEqual([
      ['host', '010.sleep', 'cold'],
      ['host', '010.sleep', 'warm'],
      ['host', '311.compression', 'cold'],
      ['host', '311.compression', 'warm'],
    ]);
    expect(plan.skipped[0]?.reason).toMatch(/python3/);
  }, 60_000);
});

/** Those that depend on no host are as they are; of the others a fixture says what they can do. */
async function knownPlatforms(suite: ResolvedSuite): Promise<ReturnType<typeof platformsOf>> {
  return Promise.all(
    platformsOf(suite).map(async (facts) => {
      const { nominalCapabilities } = await loadPlatform(facts.entry.type);
      const known = nominalCapabilities?.(facts.entry.options);
      return known?.isModel === true || known?.bringsOwnFunction === true ? { ...facts, capabilities: known } : facts;
    }),
  );
}

function needsDocker(name: string): boolean {
  return readFileSync(join(SPECS, name), 'utf8').includes('type: local');
}

/** Folders of links to every program on the PATH but one. */
function pathWithout(program: string): string {
  const bin = join(user.path, 'bin');
  user.write('bin/.keep', '');
  for (const folder of (process.env.PATH ?? '').split(':')) {
    if (folder === '' || !existsSync(folder)) continue;
    for (const name of readdirSync(folder)) {
      if (name.startsWith(program) || existsSync(join(bin, name))) continue;
      try {
        symlinkSync(join(folder, name), join(bin, name));
      } catch {
        // A name that is there already, or one that cannot be linked, is found under its first folder or not needed.
      }
    }
  }
  return bin;
}
