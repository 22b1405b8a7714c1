import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lineCount, type Started, startSebs, until } from '../support/killed.js';
import {
  countedKeys,
  expectedKeys,
  makeWorkspace,
  manifestOf,
  planOfRun,
  processesOf,
  rowsOf,
  type Workspace,
} from '../support/workspace.js';

let user: Workspace;
beforeEach(() => {
  user = makeWorkspace();
});
afterEach(() => user.end());

/** Notes every request in a file of its own, outside everything that sebs writes. */
const RECORDER = `
import { appendFileSync } from 'node:fs';
export async function handler(event) {
  appendFileSync(event.log, process.env.SEBS_SANDBOX_ID + '\\n');
  await new Promise((resolve) => setTimeout(resolve, 5));
  return { result: 'noted' };
}`;

function recorderSuite(repetitions: number): void {
  const log = join(user.path, 'requests.log');
  writeFileSync(log, '');
  user.benchmark('recorder', RECORDER, {
    input: `export function generate() { return { event: { log: ${JSON.stringify(log)} } }; }
            export function validate({ output }) { return output === 'noted' ? null : 'not noted'; }`,
  });
  user.write(
    'suite.yaml',
    `
version: 1
name: cut-off
platforms: [process]
benchmarks: [{ path: ./recorder }]
factors: { language: nodejs, concurrency: [1, 3] }
experiments: { cold-warm: { type: perf-cost, starts: [cold, warm], repetitions: ${repetitions} } }
order: { blocks: 4 }
`,
  );
}

function start(args: readonly string[]): Started {
  return startSebs(user, args);
}

const rowCount = () => lineCount(user, 'invocations.jsonl');

describe('a run that is killed with kill -9', () => {
  it('is resumed as often as needed, and then has every repetition once and a row for every request', async () => {
    recorderSuite(12);
    let started = start(['run', 'suite.yaml']);
    // Seeded, so that a failure can be repeated: where in the run it is killed, in rows beyond those that are there.
    for (const rows of [0, 3, 1, 9, 4, 14]) {
      const before = rowCount();
      await until(
        () => user.runs().length > 0 && existsSync(join(user.runs()[0] ?? '', 'manifest.json')),
        'the run folder',
      );
      if (rows > 0) await until(() => rowCount() >= before + rows, `${rows} more rows`);
      started.kill('SIGKILL');
      expect((await started.ended).signal).toBe('SIGKILL');
      await until(() => processesOf(user.path).length === 0, 'the end of its processes');
      started = start(['resume', 'latest']);
    }
    const last = await started.ended;
    expect(last.code, last.stderr).toBe(0);

    const run = user.runs()[0] ?? '';
    const rows = rowsOf(run);
    expect(countedKeys(run)).toEqual(expectedKeys(planOfRun(run)));
    expect(new Set(rows.map((row) => row.attempt_id)).size).toBe(rows.length);
    const requests = readFileSync(join(user.path, 'requests.log'), 'utf8').split('\n').length - 1;
    expect(requests).toBeLessThanOrEqual(rows.length);
    expect(requests).toBeGreaterThanOrEqual(rows.filter((row) => row.outcome === 'ok').length);
    expect(Math.max(...rows.map((row) => row.part))).toBeGreaterThan(1);
    const manifest = manifestOf(run);
    expect(manifest.state).toBe('complete');
    expect(manifest.parts.length).toBeGreaterThan(2);
  }, 120_000);

  it('has a report of what there is, made by sebs process', async () => {
    recorderSuite(40);
    const started = start(['run', 'suite.yaml']);
    await until(() => rowCount() > 20, '20 rows');
    started.kill('SIGKILL');
    await started.ended;
    const { code, stdout, stderr } = await user.sebs(['process', 'latest']);
    expect(code, stdout + stderr).toBe(3);
    expect(existsSync(join(user.runs()[0] ?? '', 'report.html'))).toBe(true);
    await until(() => processesOf(user.path).length === 0, 'the end of its processes');
    expect((await user.sebs(['resources', 'clean', 'latest'])).code).toBe(0);
  }, 60_000);
});

describe('a run that is stopped by a signal', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    'finishes what runs, tears down, reports and ends with its code: %s',
    async (signal, code) => {
      recorderSuite(200);
      const started = start(['run', 'suite.yaml']);
      await until(() => rowCount() > 10, '10 rows');
      started.kill(signal);
      const ended = await started.ended;
      expect(ended.code, ended.stderr).toBe(code);
      const run = user.runs()[0] ?? '';
      expect(manifestOf(run).state).toBe('interrupted');
      expect(rowsOf(run).filter(({ role }) => role === 'interrupted')).toEqual([]);
      expect(existsSync(join(run, 'report.html'))).toBe(true);
      expect((await user.sebs(['verify', run])).code).toBe(0);
    },
    60_000,
  );

  it('ends at once at the second signal, and names the ledger', async () => {
    user.benchmark(
      'slow',
      'export async function handler() { await new Promise((resolve) => setTimeout(resolve, 20_000)); }',
      {
        yaml: 'timeout_s: 30\n',
      },
    );
    user.write(
      'suite.yaml',
      `
version: 1
name: slow
platforms: [process]
benchmarks: [{ path: ./slow }]
experiments: { cold: { type: perf-cost, starts: [cold], repetitions: 10 } }
`,
    );
    const started = start(['run', 'suite.yaml']);
    await until(() => processesOf(user.path).some((command) => command.includes('worker.mjs')), 'the function');
    const begin = performance.now();
    started.kill('SIGINT');
    await delay(200);
    started.kill('SIGINT');
    const { code, stderr } = await started.ended;
    expect(code).toBe(130);
    expect(performance.now() - begin).toBeLessThan(10_000);
    expect(stderr).toContain('ledger.jsonl');
    await until(() => processesOf(user.path).length === 0, 'the end of its processes');
  }, 60_000);

  it('goes on after it with resume, within the seals of a whole run', async () => {
    recorderSuite(30);
    const started = start(['run', 'suite.yaml']);
    await until(() => rowCount() > 10, '10 rows');
    started.kill('SIGINT');
    await started.ended;
    const resumed = await user.sebs(['resume', 'latest']);
    expect(resumed.code, resumed.stderr).toBe(0);
    const run = user.runs()[0] ?? '';
    expect(countedKeys(run)).toEqual(expectedKeys(planOfRun(run)));
    expect((await user.sebs(['verify', run])).code).toBe(0);
  }, 60_000);
});

describe('sebs resume', () => {
  it('is refused while the run goes on', async () => {
    recorderSuite(100);
    const started = start(['run', 'suite.yaml']);
    await until(() => rowCount() > 3, '3 rows');
    const second = await user.sebs(['resume', 'latest']);
    expect(second.code).toBe(2);
    expect(second.stderr).toMatch(/lock|held/);
    started.kill('SIGINT');
    await started.ended;
  }, 60_000);

  it.each([
    ['the suite', 'suite.yaml', 'name: cut-off', 'name: cut-of', /suite\.yaml was changed since it began/],
    [
      'the code',
      'recorder/nodejs/function.mjs',
      "'noted'",
      "'NOTED'",
      /the code of recorder was changed since it began/,
    ],
  ])(
    'is refused when %s has changed',
    async (_what, file, from, to, message) => {
      recorderSuite(40);
      const started = start(['run', 'suite.yaml']);
      await until(() => rowCount() > 3, '3 rows');
      started.kill('SIGINT');
      await started.ended;
      user.write(file, readFileSync(join(user.path, file), 'utf8').replaceAll(from, to));
      const { code, stderr } = await user.sebs(['resume', 'latest']);
      expect(code).toBe(2);
      expect(stderr).toMatch(message);
    },
    60_000,
  );
});
