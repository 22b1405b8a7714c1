import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DecisionLine } from '../../src/generated/journal.js';
import { lineCount, startSebs, until } from '../support/killed.js';
import {
  journalOf,
  makeWorkspace,
  manifestOf,
  planOfRun,
  rowsOf,
  summaryOf,
  type Workspace,
} from '../support/workspace.js';

let user: Workspace;
beforeEach(() => {
  user = makeWorkspace();
});
afterEach(() => user.end());

const suite = (more = '') => `
version: 1
name: adaptive
platforms:
  calm: { type: simulated, latency: { model: lognormal, median: 40ms, spread: 0.01 } }
  noisy: { type: simulated, latency: { model: lognormal, median: 400ms, spread: 0.8 } }
benchmarks: [010.sleep]
factors: { language: nodejs }
experiments:
  it:
    type: perf-cost
    starts: [warm, cold]
    repetitions: { min: 20, max: 40, until: { half_width: 5% } }
order: { blocks: 10 }
${more}`;

function decisionsOf(run: string): DecisionLine[] {
  return journalOf(run).filter((line) => line.type === 'decision');
}

/** What must be the same however often a run was cut off. */
function comparable(run: string): unknown[] {
  return decisionsOf(run)
    .map(({ part: _part, at: _at, ...decision }) => decision)
    .sort((a, b) => (`${a.round}`.padStart(3) + a.cell < `${b.round}`.padStart(3) + b.cell ? -1 : 1));
}

function keysOf(run: string): string[] {
  return rowsOf(run)
    .filter(({ role }) => role === 'counted')
    .map(({ cell, block, index }) => `${cell} ${block} ${index}`)
    .sort();
}

describe('a cell that is measured until it is precise', () => {
  it('is looked at after each round with the estimator of the report, and stops when that says so', async () => {
    user.write('suite.yaml', suite());
    const { code, stderr } = await user.sebs(['run', 'suite.yaml']);
    expect(code, stderr).toBe(0);
    const run = user.runs()[0] ?? '';
    const decisions = decisionsOf(run);
    const cells = new Map(summaryOf(run).cells.map((cell) => [cell.cell, cell]));
    const counted = rowsOf(run).filter(({ role }) => role === 'counted');
    const rounds: number[] = [];
    for (const cell of planOfRun(run).cells) {
      const own = decisions.filter((line) => line.cell === cell.id);
      const last = own.at(-1);
      const stopped = last?.round ?? -1;
      rounds.push(stopped);
      expect(own.map(({ round }) => round)).toEqual(own.map((_, position) => 9 + position));
      expect(own.map(({ decision }) => decision)).toEqual([...own.slice(1).map(() => 'continue'), 'stop']);
      // Two repetitions in each round: 20 in the first ten, then on to 40 at most.
      const blocks = counted.filter((row) => row.cell === cell.id).map(({ block }) => block);
      expect(blocks.sort((a, b) => a - b)).toEqual([...Array(stopped + 1).keys()].flatMap((block) => [block, block]));
      const summary = cells.get(cell.id);
      expect(summary?.status).toBe('complete');
      const { value, ci } = summary?.metrics.client_us?.p50 ?? { value: null, ci: null };
      expect(last).toMatchObject({ n: 2 * (stopped + 1), value });
      expect(last?.half_width).toBeCloseTo(((ci?.high ?? 0) - (ci?.low ?? 0)) / 2 / (value ?? 1), 10);
      if (stopped < 19) expect(last?.half_width).toBeLessThanOrEqual(0.05);
      else expect(summary?.reason).toMatch(/asked; no repetitions are left$|at most 5 % asked$/);
    }
    expect(Math.min(...rounds)).toBe(9);
    expect(Math.max(...rounds)).toBe(19);
  }, 60_000);

  it('takes its decisions once: a run that was killed and resumed takes the same ones', async () => {
    user.write('suite.yaml', suite());
    expect((await user.sebs(['run', 'suite.yaml', '--out', 'whole'])).code).toBe(0);
    const [name = ''] = readdirSync(join(user.path, 'whole')).filter((entry) => entry.includes('adaptive'));
    const whole = join(user.path, 'whole', name);
    let started = startSebs(user, ['run', 'suite.yaml']);
    for (const rows of [30, 25, 3, 14]) {
      const before = lineCount(user, 'invocations.jsonl');
      await until(() => lineCount(user, 'invocations.jsonl') >= before + rows, `${rows} more rows`);
      started.kill('SIGKILL');
      const { signal } = await started.ended;
      if (signal === null) break;
      started = startSebs(user, ['resume', 'latest']);
    }
    await started.ended;
    const run = user.runs()[0] ?? '';
    expect(comparable(run)).toEqual(comparable(whole));
    expect(keysOf(run)).toEqual(keysOf(whole));
    expect(journalOf(run).filter(({ type }) => type === 'part_started').length).toBeGreaterThan(1);
  }, 240_000);

  it.each([
    [70, /; \d+ of 20 counted$/],
    [110, /; 2\d counted, not precise yet \(20 at least\)$/],
  ])(
    'is incomplete when a limit of %d requests is hit before, and the manifest counts what is lacking',
    async (limit, made) => {
      user.write('suite.yaml', suite(`limits: { invocations: ${limit} }`));
      const { code } = await user.sebs(['run', 'suite.yaml', '--yes']);
      expect(code).toBe(3);
      const run = user.runs()[0] ?? '';
      const rows = rowsOf(run);
      expect(rows.length).toBeGreaterThan(limit - 2);
      expect(rows.length).toBeLessThanOrEqual(limit);
      const incomplete = summaryOf(run).cells.filter(({ status }) => status === 'incomplete');
      expect(incomplete.length).toBeGreaterThan(0);
      for (const { reason } of incomplete) expect(reason).toMatch(made);
      expect(manifestOf(run).outcome?.left_out).toEqual({
        cells: incomplete.length,
        attempts: incomplete.reduce((sum, { attempts }) => sum + Math.max(0, 20 - attempts.counted), 0),
      });
    },
    60_000,
  );
});
