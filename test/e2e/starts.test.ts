import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Invocation } from '../../src/generated/invocation.js';
import {
  countedKeys,
  expectedKeys,
  makeWorkspace,
  manifestOf,
  planOfRun,
  rowsOf,
  type Workspace,
} from '../support/workspace.js';

let user: Workspace;
beforeEach(() => {
  user = makeWorkspace();
  user.benchmark('quick', 'export async function handler() { return 1; }');
});
afterEach(() => user.end());

async function run(experiments: string, more = ''): Promise<string> {
  user.write(
    'suite.yaml',
    `
version: 1
name: starts
platforms: [process]
benchmarks: [{ path: ./quick }]
experiments: { ${experiments} }
order: { blocks: 4 }
${more}`,
  );
  const { code, stderr } = await user.sebs(['run', 'suite.yaml']);
  expect(code, stderr).toBe(0);
  const folder = user.runs()[0] ?? '';
  expect(countedKeys(folder)).toEqual(expectedKeys(planOfRun(folder)));
  return folder;
}

/** Rows by cell and block, in the order in which they were sent. */
function blocksOf(rows: readonly Invocation[]): Map<string, Invocation[]> {
  const blocks = new Map<string, Invocation[]>();
  for (const row of rows)
    blocks.set(`${row.cell} ${row.block}`, [...(blocks.get(`${row.cell} ${row.block}`) ?? []), row]);
  return blocks;
}

describe('starts', () => {
  it('are prepared as the warm-up rule of the manifest says, which was set before the run', async () => {
    const folder = await run(
      `many: { type: perf-cost, starts: [cold, warm, burst], repetitions: 8, factors: { concurrency: 3 } },
       one: { type: perf-cost, starts: [sequential], repetitions: 8 }`,
    );
    expect(manifestOf(folder).preregistration.warmup_rule).toBe(
      'warm and sequential cells: in each block one batch, sent again until all of it was answered; cold and burst cells: none',
    );
    const cells = new Map(planOfRun(folder).cells.map((cell) => [cell.id, cell]));
    for (const [key, rows] of blocksOf(rowsOf(folder))) {
      const cell = cells.get(key.split(' ')[0] ?? '');
      const c = cell?.concurrency ?? 0;
      const warm = cell?.start === 'warm' || cell?.start === 'sequential';
      const warmups = rows.filter(({ role }) => role === 'warmup');
      expect(rows.slice(0, warmups.length).every(({ role }) => role === 'warmup')).toBe(true);
      expect(warmups).toHaveLength(warm ? c : 0);
      const counted = rows.filter(({ role }) => role === 'counted');
      expect(counted).toHaveLength(2 * c);
      const sandboxes = new Set(warmups.map((row) => row.sandbox_id));
      for (const row of counted) {
        expect(row.start_observed).toBe(warm ? 'warm-reused' : 'forced-cold');
        expect(sandboxes.has(row.sandbox_id)).toBe(warm);
      }
      // Released in one turn: how far apart is in the records (D10).
      for (const batch of new Set(counted.map((row) => row.batch))) {
        const together = counted.filter((row) => row.batch === batch).map((row) => row.released_us ?? Number.NaN);
        expect(Math.max(...together) - Math.min(...together)).toBeLessThan(50_000);
        expect(new Set(counted.filter((row) => row.batch === batch).map((row) => row.sandbox_id)).size).toBe(c);
      }
    }
  }, 60_000);

  it('of replicates and of an A/A control are measured on deployments of their own, block by block', async () => {
    const folder = await run(
      'it: { type: perf-cost, starts: [warm], repetitions: 8, control: true }',
      'replicates: { deployments: 2 }',
    );
    const { cells } = planOfRun(folder);
    expect(cells.map((cell) => cell.control_of)).toEqual([undefined, cells[0]?.id]);
    expect(new Set(cells.flatMap(({ deployments }) => deployments)).size).toBe(4);
    const rows = rowsOf(folder);
    for (const cell of cells)
      for (const row of rows.filter((row) => row.cell === cell.id))
        expect(row.deployment).toBe(cell.deployments[row.block % 2]);
    // Interleaved: the copy is measured within each round.
    expect([...blocksOf(rows).keys()].map((key) => Number(key.split(' ')[1]))).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
  }, 60_000);

  it('one at a time have a concurrency of 1', async () => {
    user.write(
      'suite.yaml',
      'version: 1\nname: no\nplatforms: [process]\nbenchmarks: [{ path: ./quick }]\nfactors: { concurrency: 2 }\n' +
        'experiments: { it: { type: perf-cost, starts: [sequential], repetitions: 8 } }\n',
    );
    const { code, stderr } = await user.sebs(['run', 'suite.yaml']);
    expect(code).toBe(2);
    expect(stderr).toContain('sequential sends one request at a time, so its concurrency is 1');
  });
});
