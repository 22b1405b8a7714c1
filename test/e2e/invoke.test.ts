// One function without a suite, and packages without a run. Real functions, the real command.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeWorkspace, type Workspace } from '../support/workspace.js';

let user: Workspace;
beforeEach(() => {
  user = makeWorkspace();
  user.benchmark(
    'greet',
    'let n = 0; export async function handler() { n += 1; return { greeting: "h\\u00ebllo \\u001b[31m", n }; }',
  );
  user.benchmark('moody', 'export async function handler() { throw new Error("not today"); }');
});
afterEach(() => user.end());

it('shows what the function answered, its timings, and an ordinary run folder', async () => {
  const { code, stdout, stderr } = await user.sebs(['invoke', './greet', '--quiet', '--repetitions', '2']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('"greeting": "hëllo \\u001b[31m"');
  expect(stdout).not.toContain('\u001b');
  expect(stdout).toMatch(/^1 +nodejs@\d+ +forced-cold +ok +[\d.]+ ms /m);
  expect(stdout).toMatch(/^2 +nodejs@\d+ +forced-cold +ok /m);
  const report = /^Report: (.*)$/m.exec(stdout)?.[1] ?? 'no report';
  expect(existsSync(join(user.path, report))).toBe(true);
  expect(await user.sebs(['statistics', 'latest'])).toMatchObject({ code: 0 });
  expect(await user.sebs(['verify', 'latest'])).toMatchObject({ code: 0 });
});

it('gives programs the output of every call', async () => {
  const { code, stdout } = await user.sebs([
    'invoke',
    './greet',
    '-q',
    '--start',
    'warm',
    '--repetitions',
    '2',
    '--json',
  ]);
  const { exitCode, invocations } = JSON.parse(stdout) as { exitCode: number; invocations: Record<string, unknown>[] };
  expect({ code, exitCode }).toEqual({ code: 0, exitCode: 0 });
  expect(invocations).toHaveLength(2);
  for (const one of invocations)
    expect(one).toMatchObject({
      outcome: 'ok',
      role: 'counted',
      client_us: expect.any(Number),
      output: { n: expect.any(Number) },
    });
});

it('ends in 3 with the reason when the function fails', async () => {
  const { code, stdout } = await user.sebs(['invoke', './moody', '-q']);
  expect(code).toBe(3);
  expect(stdout).toMatch(/^1 .* failed /m);
  expect(stdout).toMatch(/^1: .*not today/m);
});

it.each([
  [['invoke', '010.slep'], "there is no benchmark '010.slep'\nhint: did you mean '010.sleep'?"],
  [['invoke', './nothing'], 'there is no folder ./nothing\nhint: name a benchmark'],
  [
    ['invoke', './greet', '--trigger', 'http-async'],
    'process has no trigger http-async: it has http\nhint: no platform of this',
  ],
  [['package', 'nothing'], "there is no benchmark 'nothing'\nhint: benchmarks: 010.sleep"],
  [['package', './greet', '--language', 'cobol'], 'cobol'],
])('sebs %j is refused with the next step', async (args, message) => {
  const { code, stdout, stderr } = await user.sebs(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
  expect(stderr).toContain('hint: ');
  expect(user.runs()).toEqual([]);
});

it('packages are built once, by benchmark or by suite, and a broken one does not hide the others', async () => {
  user.write(
    'suite.yaml',
    'version: 1\nname: s\nplatforms: [process]\nbenchmarks: [{ path: ./greet }]\nfactors: { language: nodejs }\n' +
      'experiments: { e: { type: perf-cost, starts: [warm], repetitions: 1 } }\n',
  );
  const states = async (...args: string[]) => {
    const { code, stdout } = await user.sebs(['package', ...args, '--json', '--quiet']);
    return {
      code,
      packages: JSON.parse(stdout) as { benchmark: string; state: string; path: string; sha256: string }[],
    };
  };
  const first = await states('./greet');
  expect(first).toMatchObject({ code: 0, packages: [{ benchmark: 'greet', state: 'built' }] });
  expect(existsSync(first.packages[0]?.path ?? '')).toBe(true);
  const second = await states('suite.yaml');
  expect(second).toMatchObject({ code: 0, packages: [{ benchmark: 'greet', state: 'cached' }] });
  expect(second.packages[0]?.sha256).toBe(first.packages[0]?.sha256);
  user.benchmark('needy', 'export async function handler() {}');
  user.write('needy/nodejs/package.json', '{ "dependencies": { "left-pad": "file:./is-not-there.tgz" } }');
  user.write('needy/nodejs/package-lock.json', '{ not json');
  const broken = await states('./needy', './greet');
  expect(broken).toMatchObject({ code: 3, packages: [{ state: 'failed' }, { state: 'cached' }] });
  expect(user.runs()).toEqual([]);
});
