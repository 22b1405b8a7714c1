// Commands that look at run folders: list runs, process, report, verify. On a synthetic run, through the real command.
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { acquireLock } from '../../src/host/lock.js';
import type { RunFolder } from '../../src/results/run-folder.js';
import { sebs } from '../support/cli.js';
import { makeSampleRun } from '../support/sample-run.js';

const RUN = '20260203T093000Z-sample-abc123';
let cwd: string;
let run: RunFolder;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'sebs-folders-'));
  run = makeSampleRun(join(cwd, 'reports', RUN), {
    blocks: 6,
    perBlock: 2,
    memories: [256],
    languages: [['nodejs', '20']],
  });
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

test('list runs shows each run with its state, and a damaged one as such', async () => {
  const damaged = makeSampleRun(join(cwd, 'reports', '20260204T000000Z-broken-ffffff'));
  writeFileSync(damaged.manifest, '{');
  const { code, stdout } = await sebs(['list', 'runs', '--json'], { cwd });
  expect(code).toBe(0);
  const manifest = JSON.parse(readFileSync(run.manifest, 'utf8')) as {
    suite: { name: string };
    state: string;
    parts: { started_at: string }[];
    outcome: { cells: Record<string, number>; exit_code: number };
  };
  expect(JSON.parse(stdout)).toEqual([
    {
      id: RUN,
      folder: `reports/${RUN}`,
      suite: manifest.suite.name,
      state: manifest.state,
      started_at: manifest.parts[0]?.started_at,
      duration_us: 180_000_000,
      size_bytes: expect.any(Number),
      cells: manifest.outcome.cells,
      exit_code: manifest.outcome.exit_code,
      report: `reports/${RUN}/report.html`,
    },
    { id: damaged.id, folder: `reports/${damaged.id}`, unreadable: expect.stringContaining('JSON') },
  ]);
  const people = await sebs(['list', 'runs'], { cwd });
  expect(people.stdout.split('\n')[0]).toMatch(/^RUN +STATE +CELLS +DURATION +SIZE +STARTED$/);
});

test('list runs tells a run that is worked on from one that was cut off', async () => {
  const manifest = JSON.parse(readFileSync(run.manifest, 'utf8')) as object;
  writeFileSync(run.manifest, JSON.stringify({ ...manifest, state: 'measuring' }));
  const state = async () =>
    /\n\S+ +(running|cut off|measuring) /.exec((await sebs(['list', 'runs'], { cwd })).stdout)?.[1];
  expect(await state()).toBe('cut off');
  const lock = await acquireLock(run.lock, { wait: false });
  expect(await state()).toBe('running');
  lock.release();
});

test('without runs, list runs says how to make one', async () => {
  expect(await sebs(['list', 'runs', '--out', 'elsewhere'], { cwd })).toEqual({
    code: 0,
    stdout: 'no runs in elsewhere yet: sebs run <suite.yaml> makes one\n',
    stderr: '',
  });
});

test('process makes tables and report from the folder alone; report again from the tables', async () => {
  const early = await sebs(['report', RUN], { cwd });
  expect({ code: early.code, stderr: early.stderr }).toEqual({
    code: 2,
    stderr: `error: reports/${RUN} has no tables yet\nhint: make them: sebs process ${RUN}\n`,
  });
  const processed = await sebs(['process', 'latest', '--offline', '--json'], { cwd });
  // 3: not every cell of the sample run is complete.
  expect({ code: processed.code, stderr: processed.stderr }).toEqual({ code: 3, stderr: '' });
  const data = JSON.parse(processed.stdout) as { run: string; report: string; summary: unknown };
  expect({ run: data.run, report: data.report }).toEqual({ run: RUN, report: `reports/${RUN}/report.html` });
  expect(data.summary).toEqual(JSON.parse(readFileSync(join(run.derived, 'summary.json'), 'utf8')));
  const first = readFileSync(run.report, 'utf8');
  rmSync(run.report);
  const again = await sebs(['report', RUN], { cwd });
  expect({ code: again.code, stderr: again.stderr }).toEqual({ code: 0, stderr: '' });
  expect(readFileSync(run.report, 'utf8')).toBe(first);
});

test('verify is silent about a sealed run, and names a byte that was added', async () => {
  await sebs(['process', RUN, '--offline'], { cwd });
  const { sealRaw } = await import('../../src/results/checksums.js');
  sealRaw(run);
  expect(await sebs(['verify', RUN], { cwd })).toEqual({
    code: 0,
    stdout: `${RUN}: every file is as it was sealed\n`,
    stderr: '',
  });
  appendFileSync(run.invocations, ' ');
  const { code, stdout, stderr } = await sebs(['verify', RUN, '--json'], { cwd });
  expect({ code, stderr }).toEqual({ code: 4, stderr: '' });
  expect(JSON.parse(stdout)).toEqual({
    run: RUN,
    differences: [{ file: 'raw/invocations.jsonl', kind: 'changed', text: expect.any(String) }],
  });
});

test('a run that ended before it measured has nothing to process', async () => {
  rmSync(run.raw, { recursive: true });
  const { code, stderr } = await sebs(['process', RUN, '--offline'], { cwd });
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: `error: reports/${RUN} holds no records: the run ended before it measured\nhint: go on with it: sebs resume ${RUN}\n`,
  });
  expect(existsSync(run.derived)).toBe(true);
});
