// `sebs regression`: every benchmark that is named, called a few times, and one verdict for each cell.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SaxesParser } from 'saxes';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeWorkspace, planOfRun, type Workspace } from '../support/workspace.js';

let user: Workspace;
beforeEach(() => {
  user = makeWorkspace();
});
afterEach(() => user.end());

const GOOD = 'export const handler = async () => 1;\n';
/** Wrong from its second call on: a failure rate of one in three would not end a measurement. */
const WRONG = 'let calls = 0;\nexport const handler = async () => (calls += 1) === 2 ? 2 : 1;\n';
const ONE = `export const generate = () => ({ event: {} });
export const validate = ({ output }) => (output === 1 ? null : \`\${output}, not 1\`);
`;

it('gives each cell a verdict; a single wrong answer and a package that cannot be built fail theirs alone', {
  timeout: 120_000,
}, async () => {
  user.benchmark('good', GOOD, { input: ONE });
  user.benchmark('wrong', WRONG, { input: ONE });
  user.benchmark('unbuilt', GOOD, { input: ONE });
  user.write('unbuilt/nodejs/package.json', '{ "dependencies": { "eta": "4.6.0" } }\n');
  const asked = ['--benchmark', './good,./wrong', '--benchmark', './unbuilt', '--junit', 'verdicts.xml', '--quiet'];
  const { code, stdout } = await user.sebs(['regression', ...asked], { timeout: 110_000 });
  expect(code, stdout).toBe(3);
  const verdicts = stdout.split('\n').filter((line) => /^(passed|failed|skipped)\b/.test(line));
  expect(verdicts.map((line) => line.split(/ {2,}/).slice(0, 2))).toEqual([
    ['passed', 'good'],
    ['failed', 'wrong'],
    ['failed', 'unbuilt'],
  ]);
  expect(stdout).toMatch(/1 wrong answer of 2: .*2, not 1/);
  expect(stdout).toMatch(/no package-lock\.json is beside it/);
  expect(stdout).toMatch(/1 passed, 2 failed, 0 skipped/);
  const [run = ''] = user.runs();
  expect(planOfRun(run).suite.name).toBe('regression-test');
  expect(casesOf(readFileSync(join(user.path, 'verdicts.xml'), 'utf8'))).toEqual({ cases: 3, failures: 2 });
});

it('ends in 0 when all is right, and in 2 for what it cannot call', { timeout: 60_000 }, async () => {
  user.benchmark('good', GOOD, { input: ONE });
  expect((await user.sebs(['regression', '--benchmark', './good', '--quiet'])).code).toBe(0);
  for (const [args, reason] of [
    [['--benchmark', '999.nothing'], /999\.nothing/],
    [['--platform', 'http'], /runs what is deployed already/],
    [['--platform', 'nowhere'], /no platform 'nowhere'/],
    [['--benchmark', './good', '--size', 'enormous'], /enormous/],
  ] as const) {
    const { code, stderr } = await user.sebs(['regression', ...args, '--quiet']);
    expect({ args, code }).toEqual({ args, code: 2 });
    expect(stderr).toMatch(reason);
  }
});

function casesOf(xml: string): { cases: number; failures: number } {
  const counts = { cases: 0, failures: 0 };
  const parser = new SaxesParser();
  parser.on('opentag', ({ name }) => {
    if (name === 'testcase') counts.cases += 1;
    if (name === 'failure') counts.failures += 1;
  });
  parser.write(xml).close();
  return counts;
}
