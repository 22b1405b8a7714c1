// Runs for programs: events while it runs, JUnit XML, annotations. Real runs of the real command.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { FinishedEvent, RunEvent } from '../../src/generated/event.js';
import { ROOT } from '../support/cli.js';
import { makeWorkspace, type Workspace } from '../support/workspace.js';

const SUITE = `version: 1
name: told
platforms: [process]
benchmarks: [010.sleep, { path: ./broken }]
factors: { language: nodejs }
experiments: { e: { type: perf-cost, starts: [warm], repetitions: 3 } }
order: { blocks: 2 }
`;
const schema = JSON.parse(readFileSync(join(ROOT, 'schemas/event.schema.json'), 'utf8')) as object;
const isEvent = new Ajv({ allErrors: true, strict: false }).compile(schema);

let user: Workspace;
beforeEach(() => {
  user = makeWorkspace();
  user.benchmark('broken', 'export async function handler() { throw new Error("not today"); }');
  user.write('suite.yaml', SUITE);
});
afterEach(() => user.end());

it('prints one event a line, each as its schema says, from the plan to the exit code', async () => {
  const { code, stdout, stderr } = await user.sebs([
    'run',
    'suite.yaml',
    '--json',
    '--junit',
    'out/results.xml',
    '--github',
  ]);
  const events = eventsOf(stdout);
  for (const event of events) expect(isEvent(event), JSON.stringify([event, isEvent.errors])).toBe(true);
  const types = events.map(({ type }) => type);
  expect(types[0]).toBe('plan');
  expect(types.at(-1)).toBe('finished');
  expect([...new Set(types)].sort()).toEqual(['block', 'cell_ended', 'finished', 'plan', 'progress', 'task']);
  const last = events.at(-1) as FinishedEvent;
  expect({ code, last: last.exit_code }).toEqual({ code: 3, last: 3 });
  for (const path of [last.report, last.summary, last.junit]) readFileSync(join(user.path, path ?? 'no path'));
  const ended = events.filter((event) => event.type === 'cell_ended');
  expect(ended.map(({ status, counted, failed }) => [status, counted, failed]).sort()).toEqual([
    ['complete', 3, 0],
    ['failed', 3, 3],
  ]);
  const progress = events.filter((event) => event.type === 'progress').at(-1);
  expect(progress).toMatchObject({ counted: 6, failed: 3, planned: { min: 6, max: 6 }, cells_ended: 2 });
  expect(readFileSync(join(user.path, 'out/results.xml'), 'utf8')).toMatch(
    /<testsuites name="told" tests="2" failures="1" errors="0" skipped="0">/,
  );
  const annotations = stderr.split('\n').filter((line) => line.startsWith('::'));
  expect(annotations[0]).toMatch(/^::error file=suite\.yaml,title=sebs::failed: .*not today/);
  expect(annotations.at(-1)).toMatch(/^::notice file=suite\.yaml,title=sebs::1 of 2 cells complete/);
});

it('ends its events with the mistakes when the suite is wrong, and the JUnit report is no success', async () => {
  user.write('suite.yaml', SUITE.replace('factors:', 'factrs:'));
  const { code, stdout, stderr } = await user.sebs(['run', 'suite.yaml', '--json', '--junit', 'results.xml'], {
    env: { GITHUB_ACTIONS: 'true' },
  });
  const events = eventsOf(stdout);
  expect(code).toBe(2);
  expect(events).toEqual([
    {
      type: 'finished',
      schema_version: 1,
      at: expect.any(String),
      exit_code: 2,
      error: {
        message: expect.stringContaining('factrs'),
        problems: [expect.objectContaining({ file: 'suite.yaml', line: 5 })],
      },
    },
  ]);
  expect(isEvent(events[0])).toBe(true);
  expect(readFileSync(join(user.path, 'results.xml'), 'utf8')).toContain('errors="1"');
  expect(stderr).toContain('::error file=suite.yaml,line=5,col=1,title=sebs::');
});

it('refuses a JUnit file that cannot be written before anything is measured', async () => {
  user.write('a-file', '');
  const { code, stdout, stderr } = await user.sebs(['run', 'suite.yaml', '--junit', 'a-file/results.xml']);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/a-file/);
});

function eventsOf(stdout: string): RunEvent[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as RunEvent);
}
