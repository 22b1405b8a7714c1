import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  countedKeys,
  expectedKeys,
  journalOf,
  makeWorkspace,
  manifestOf,
  planOfRun,
  rowsOf,
  type Workspace,
} from '../support/workspace.js';

let user: Workspace;
beforeEach(() => {
  user = makeWorkspace();
});
afterEach(() => user.end());

const suite = (benchmarks: string, more = '') => `
version: 1
name: e2e
platforms: [process]
benchmarks: ${benchmarks}
factors: { language: nodejs, timeout: 5s }
experiments: { cold-warm: { type: perf-cost, starts: [cold, warm], repetitions: 6 } }
order: { blocks: 3 }
${more}`;

/** How each task of the plan ended, by the journal. */
function endedTasks(run: string): Map<string, string> {
  const tasks = journalOf(run).flatMap((line) => (line.type === 'task' && line.state !== 'started' ? [line] : []));
  return new Map(tasks.map(({ task, state }) => [task, state]));
}

describe('sebs run', () => {
  it('measures every repetition once, in the state that was asked for, and leaves a whole run folder', async () => {
    user.write('suite.yaml', suite('[010.sleep, 311.compression]', 'seed: 7'));
    const { code, stdout, stderr } = await user.sebs(['run', 'suite.yaml']);
    expect(stderr).not.toContain('bug');
    expect(code, stdout + stderr).toBe(0);
    const run = user.runs()[0] ?? '';
    const plan = planOfRun(run);
    const rows = rowsOf(run);
    expect(countedKeys(run)).toEqual(expectedKeys(plan));
    const counted = rows.filter(({ role }) => role === 'counted');
    expect(counted.map(({ outcome, error }) => [outcome, error])).toEqual(counted.map(() => ['ok', undefined]));
    const starts = new Map(plan.cells.map((cell) => [cell.id, cell.start]));
    for (const row of counted) {
      expect(row.start_observed).toBe(starts.get(row.cell) === 'cold' ? 'forced-cold' : 'warm-reused');
      expect(row.start_agrees).toBe(true);
      const stages = [
        row.queue_us,
        row.create_us,
        row.start_us,
        row.ready_us,
        row.connect_us,
        row.first_byte_us,
        row.download_us,
      ];
      expect(stages.reduce((sum: number, stage) => sum + (stage ?? 0), 0)).toBe(row.client_us);
    }
    const manifest = manifestOf(run);
    expect(manifest.state).toBe('complete');
    // The function shares the client's cores, which the report must say.
    expect(readFileSync(join(run, 'report.html'), 'utf8')).toContain('Client and function share the');
    expect(manifest.outcome?.cells).toEqual({ complete: 4 });
    expect(manifest.outcome?.planned).toEqual({ cells: 4, repetitions: 24, attempts: 24 });
    expect(manifest.preregistration).toMatchObject({ margin: 0.05, quantiles: [0.5, 0.9, 0.95, 0.99, 0.999] });
    expect(endedTasks(run)).toEqual(
      new Map(
        plan.tasks
          .filter(({ kind }) => kind !== 'summarise' && kind !== 'report')
          .map(({ id, kind }) => [id, kind === 'collect' ? 'skipped' : 'done']),
      ),
    );
    expect(Object.keys(manifest.derivation ?? {})).toEqual(['summarise', 'report']);
    expect(manifest.outcome?.left_behind).toEqual([]);
    for (const file of [
      'suite.yaml',
      'suite.resolved.yaml',
      'raw/journal.jsonl',
      'raw/ledger.jsonl',
      'raw/CHECKSUMS',
      'derived/invocations.csv',
      'derived/invocations.parquet',
      'derived/summary.csv',
      'derived/summary.json',
      'derived/schema.json',
      'derived/result.csv',
      'derived/CHECKSUMS',
      'report.html',
      '../index.html',
    ])
      expect(existsSync(join(run, file)), file).toBe(true);
    expect((await user.sebs(['verify', run])).code).toBe(0);
  });

  it('records every kind of failure as an outcome, goes on with the other cells, and ends with 3', async () => {
    user.benchmark('throws', `export async function handler() { throw new TypeError('no luck'); }`);
    user.benchmark(
      'dies',
      `export async function handler() { console.error('last words'); process.kill(process.pid, 'SIGKILL'); await new Promise(() => {}); }`,
    );
    user.benchmark('hangs', `export async function handler() { while (true); }`);
    user.benchmark('lies', `export async function handler() { return 41; }`, {
      input: `export function generate() { return { event: {} }; }
              export function validate({ output }) { return output === 42 ? null : 'expected 42, got ' + output; }`,
    });
    user.benchmark('works', `export async function handler() { return { result: 1 }; }`);
    const list = ['throws', 'dies', 'hangs', 'lies', 'works'].map((id) => `{ path: ./${id} }`).join(', ');
    user.write(
      'suite.yaml',
      suite(`[${list}]`)
        .replace('timeout: 5s', 'timeout: 1s')
        .replace('repetitions: 6', 'repetitions: 2')
        .replace('[cold, warm]', '[cold]'),
    );
    const { code, stdout } = await user.sebs(['run', 'suite.yaml']);
    expect(code, stdout).toBe(3);
    const run = user.runs()[0] ?? '';
    const names = new Map(planOfRun(run).cells.map((cell) => [cell.id, cell.benchmark]));
    const seen = new Set(
      rowsOf(run).map(
        (row) =>
          `${names.get(row.cell)} ${row.role} ${row.outcome} ${row.error_kind} ${row.error?.split(';')[0]?.slice(0, 40)}`,
      ),
    );
    expect([...seen].sort()).toMatchInlineSnapshot(`
      [
        "dies counted failed crash the other side closed the connection (UN",
        "hangs counted timed_out timeout no complete response within 1 s: given u",
        "lies counted invalid_output validation expected 42, got 41",
        "throws counted failed function TypeError: no luck",
        "works counted ok undefined undefined",
      ]
    `);
    expect(manifestOf(run).state).toBe('partial');
    expect(readFileSync(join(run, 'report.html'), 'utf8')).toContain('no luck');
  });

  it('fails only the cells whose package cannot be built, and says which command failed', async () => {
    user.benchmark('broken', `export async function handler() {}`);
    user.write(
      'broken/nodejs/package.json',
      '{ "name": "broken", "dependencies": { "sebs-no-such-package": "1.0.0" } }',
    );
    user.write('broken/nodejs/package-lock.json', '{ "name": "broken", "lockfileVersion": 3, "packages": {} }');
    user.write('suite.yaml', suite('[{ path: ./broken }, 010.sleep]'));
    const { code, stdout } = await user.sebs(['run', 'suite.yaml']);
    expect(code).toBe(3);
    expect(stdout).toContain('npm ci');
    const manifest = manifestOf(user.runs()[0] ?? '');
    expect(manifest.outcome?.cells).toEqual({ complete: 2, failed: 2 });
  });

  it('writes nothing when the suite is wrong', async () => {
    user.write('suite.yaml', suite('[010.slep]'));
    const { code, stderr } = await user.sebs(['run', 'suite.yaml']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/suite\.yaml:5:\d+ .*010\.slep.*010\.sleep/);
    expect(user.runs()).toEqual([]);
  });

  it('refuses a suite whose least estimate is above a limit, and runs what fits with --yes', async () => {
    user.write('suite.yaml', suite('[010.sleep]', 'limits: { invocations: 8 }'));
    const refused = await user.sebs(['run', 'suite.yaml']);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(
      'at least 15 against limits.invocations of 8; the axis with the most levels is start (2)',
    );
    expect(user.runs()).toEqual([]);
    const checked = await user.sebs(['validate', 'suite.yaml']);
    expect(checked.code).toBe(0);
    expect(checked.stdout).toMatch(
      /ok, 2 cells\n.*: warning: sebs run refuses it without --yes: it takes at least 15 against limits\.invocations of 8; .*start/,
    );
    const cut = await user.sebs(['run', 'suite.yaml', '--yes']);
    expect(cut.code).toBe(3);
    const run = user.runs()[0] ?? '';
    expect(rowsOf(run).length).toBeLessThanOrEqual(8);
    expect(manifestOf(run).outcome?.cells).toEqual({ incomplete: 2 });
    expect(cut.stdout).toContain('limits.invocations of 8 is used up');
  });

  it('sends c requests to c sandboxes', async () => {
    user.write('suite.yaml', suite('[010.sleep]').replace('factors: {', 'factors: { concurrency: 3,'));
    expect((await user.sebs(['run', 'suite.yaml'])).code).toBe(0);
    const run = user.runs()[0] ?? '';
    expect(countedKeys(run)).toEqual(expectedKeys(planOfRun(run)));
    const batches = new Map<string, Set<string | undefined>>();
    for (const row of rowsOf(run)) {
      const key = `${row.cell} ${row.block} ${row.batch}`;
      batches.set(key, (batches.get(key) ?? new Set()).add(row.sandbox_id));
    }
    expect([...batches.values()].map(({ size }) => size)).toEqual([...batches].map(() => 3));
  });

  it('builds nothing the second time', async () => {
    user.write('suite.yaml', suite('[311.compression]'));
    await user.sebs(['run', 'suite.yaml']);
    expect((await user.sebs(['run', 'suite.yaml'])).code).toBe(0);
    const cached = user.runs().map((run) => Object.values(manifestOf(run).packages ?? {}).map((entry) => entry.cached));
    expect(cached).toEqual([[false], [true]]);
  });

  const inputs: [string, string, number, RegExp][] = [
    [
      'ends the process',
      'export function validate() { process.exit(0); }',
      1,
      /sebs was ended before its work was done/,
    ],
    [
      'leaves a rejection behind',
      `export function validate() { Promise.reject(new Error('left behind')); return null; }`,
      1,
      /failed where nobody waited for it.*left behind/,
    ],
    [
      'throws later',
      `export function validate() { setTimeout(() => { throw new Error('too late'); }); return new Promise((resolve) => setTimeout(resolve, 50, null)); }`,
      1,
      /failed where nobody waited for it.*too late/,
    ],
    ['throws', `export function validate() { throw new Error('no judge'); }`, 3, /^$/],
  ];
  it.each(inputs)('does not pass for success when an input.mjs %s', async (_what, validate, expected, said) => {
    user.benchmark('odd', 'export async function handler() { return 1; }', {
      input: `console.log('NOISE'); export function generate() { return { event: {} }; }\n${validate}`,
    });
    user.write('suite.yaml', suite('[{ path: ./odd }]'));
    const { code, stdout, stderr } = await user.sebs(['run', 'suite.yaml', '--quiet', '--json']);
    for (const line of stdout.trimEnd().split('\n')) expect(JSON.parse(line)).toHaveProperty('type');
    expect(stderr.replace('NOISE\n', '')).toMatch(said);
    expect([1, 3, 143]).toContain(code);
    expect(code === 3 ? 3 : 1).toBe(expected);
    if (expected === 3) expect(stdout).toContain('the validator of odd failed: Error: no judge');
    const cleaned = await user.sebs(['resources', 'clean', 'latest']);
    expect(cleaned.code, cleaned.stderr).toBe(0);
  });

  it.each([
    ['is a file', 'a-file', /a-file is a file/],
    ['cannot be made', '/proc/sebs-reports', /the folder \/proc\/sebs-reports\/.* cannot be made/],
  ])('says so when the folder for reports %s', async (_what, out, message) => {
    user.write('a-file', '');
    user.write('suite.yaml', suite('[010.sleep]'));
    const { code, stderr } = await user.sebs(['run', 'suite.yaml', '--out', out]);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  it('names the line of the level that a platform cannot have', async () => {
    user.write('suite.yaml', suite('[010.sleep]').replace('factors: {', 'factors: { memory: 1,'));
    const { code, stderr } = await user.sebs(['plan', 'suite.yaml']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/suite\.yaml:6:20 factors\.memory: .*memory 1 MB is outside/);
  });
});
