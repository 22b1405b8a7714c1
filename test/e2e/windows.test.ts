import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WindowLine } from '../../src/generated/journal.js';
import { lineCount, startSebs, until } from '../support/killed.js';
import {
  countedKeys,
  expectedKeys,
  journalOf,
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

function windowsOf(run: string): WindowLine[] {
  return journalOf(run).filter((line) => line.type === 'window');
}

function suite(platforms: string, gap: string, more = ''): string {
  return `
version: 1
name: windows
platforms: ${platforms}
benchmarks: [{ path: ./quick }]
experiments: { it: { type: perf-cost, starts: [cold, warm], repetitions: 6 } }
order: { blocks: 6, windows: { count: 3, gap: ${gap} } }
${more}`;
}

describe('windows of time', () => {
  it('have an equal share of the blocks each, and the gap lies between them', async () => {
    user.benchmark('quick', 'export async function handler() { return 1; }');
    user.write('suite.yaml', suite('[simulated]', '12h', 'limits: { duration: 48h }'));
    const { code, stderr } = await user.sebs(['run', 'suite.yaml']);
    expect(code, stderr).toBe(0);
    const run = user.runs()[0] ?? '';
    expect(countedKeys(run)).toEqual(expectedKeys(planOfRun(run)));
    expect(windowsOf(run).map(({ window, state }) => [window, state])).toEqual([
      [1, 'waiting'],
      [1, 'begun'],
      [2, 'waiting'],
      [2, 'begun'],
    ]);
    const times = rowsOf(run).map((row) => ({
      window: Math.floor(row.block / 2),
      hours: (row.released_us ?? 0) / 3.6e9,
    }));
    for (const { window, hours } of times) {
      expect(hours).toBeGreaterThanOrEqual(12 * window);
      expect(hours).toBeLessThan(12 * window + 1);
    }
  }, 60_000);

  it('are not waited for when the run may not take that long', async () => {
    user.benchmark('quick', 'export async function handler() { return 1; }');
    user.write('suite.yaml', suite('[simulated]', '12h', 'limits: { duration: 13h }'));
    const { code } = await user.sebs(['run', 'suite.yaml', '--yes']);
    expect(code).toBe(3);
    const run = user.runs()[0] ?? '';
    expect(windowsOf(run).map(({ window }) => window)).toEqual([1, 1]);
    expect(rowsOf(run).every((row) => row.block < 4)).toBe(true);
    expect(manifestOf(run).outcome?.left_out).toEqual({ cells: 2, attempts: 4 });
  }, 60_000);

  it('begin when they were to begin, also when the run was killed while it waited; others may measure meanwhile', async () => {
    user.benchmark('quick', 'export async function handler() { return 1; }');
    const gapMs = 8000;
    user.write('suite.yaml', suite('[process]', `${gapMs}ms`).replace('count: 3', 'count: 2'));
    const started = startSebs(user, ['run', 'suite.yaml']);
    const waiting = () => lineCount(user, 'journal.jsonl') > 0 && windowsOf(user.runs()[0] ?? '').length > 0;
    await until(waiting, 'the gap');
    started.kill('SIGKILL');
    expect((await started.ended).signal).toBe('SIGKILL');
    await until(() => processesOf(user.path).length === 0, 'the end of its processes');
    const resumed = startSebs(user, ['resume', 'latest']);
    const other = await user.sebs(['invoke', './quick', '--platform', 'process', '--out', 'other']);
    expect(other.code, other.stderr).toBe(0);
    const { code, stderr } = await resumed.ended;
    expect(code, stderr).toBe(0);
    const run = user.runs()[0] ?? '';
    expect(countedKeys(run)).toEqual(expectedKeys(planOfRun(run)));
    const [wait, begun, ...more] = windowsOf(run);
    expect(more).toEqual([]);
    expect([wait?.part, begun?.part, begun?.state]).toEqual([1, 2, 'begun']);
    expect(Date.parse(wait?.until ?? '') - Date.parse(wait?.at ?? '')).toBe(gapMs);
    expect(begun?.at.localeCompare(wait?.until ?? '')).toBeGreaterThanOrEqual(0);
  }, 180_000);
});
