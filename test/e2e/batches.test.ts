import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Invocation } from '../../src/generated/invocation.js';
import {
  countedKeys,
  expectedKeys,
  makeWorkspace,
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

/** Its sandbox ends itself after it has answered this many requests. */
const MORTAL = (answers: number) => `
let answered = 0;
export async function handler() {
  answered += 1;
  if (answered === ${answers}) setTimeout(() => process.exit(), 1);
  return { result: 'here' };
}`;

function suite(benchmark: string, experiment: string): void {
  user.write(
    'suite.yaml',
    `
version: 1
name: batches
platforms: [process]
benchmarks: [{ path: ./${benchmark} }]
factors: { concurrency: 3 }
experiments: { it: { type: perf-cost, ${experiment} } }
order: { blocks: 2 }
limits: { failures: 100% }
`,
  );
}

/** The rows of each batch, in the order in which they were sent. */
function batchesOf(rows: readonly Invocation[]): Invocation[][] {
  const batches = new Map<string, Invocation[]>();
  for (const row of rows) {
    const key = `${row.block}/${row.batch}`;
    batches.set(key, [...(batches.get(key) ?? []), row]);
  }
  return [...batches.values()];
}

const cellsOf = () => summaryOf(user.runs()[0] ?? '').cells;

describe('a batch', () => {
  it('is made again as a whole when one of its requests missed the asked start', async () => {
    // The third answer of a sandbox is its last; a request that still reaches it fails, which is an outcome and counts.
    user.benchmark('mortal', MORTAL(3));
    suite('mortal', 'starts: [warm], repetitions: 8');
    const { code, stderr } = await user.sebs(['run', 'suite.yaml']);
    expect(code, stderr).toBe(0);
    const run = user.runs()[0] ?? '';
    const rows = rowsOf(run);
    expect(countedKeys(run)).toEqual(expectedKeys(planOfRun(run)));
    const batches = batchesOf(rows);
    for (const batch of batches) expect(new Set(batch.map(({ role }) => role)).size).toBe(1);
    expect(batches.filter((batch) => batch[0]?.role === 'discarded').length).toBeGreaterThanOrEqual(2);
    for (const row of rows.filter(({ role }) => role === 'discarded')) {
      const missed = row.start_observed !== 'warm-reused';
      expect(row.reason).toMatch(
        missed ? /^asked for warm, got cold$/ : /^its batch does not count: [12] of 3 met warm$/,
      );
      expect(row.index).toBeUndefined();
    }
  }, 60_000);

  it('is tried a bounded number of times; then the cell is incomplete and says how many count', async () => {
    user.benchmark('mortal', MORTAL(1));
    suite('mortal', 'starts: [warm], repetitions: 8');
    const { code } = await user.sebs(['run', 'suite.yaml']);
    expect(code).toBe(3);
    const [cell] = cellsOf();
    expect(cell?.status).toBe('incomplete');
    expect(cell?.reason).toMatch(/^asked for warm, got at most [012] of 3 in a batch, in 5 batches; 0 of 24 counted$/);
    expect(rowsOf(user.runs()[0] ?? '').filter(({ role }) => role === 'counted')).toEqual([]);
  }, 60_000);

  it('of a warm-up that nobody answers is tried a bounded number of times; then the cell says why', async () => {
    user.benchmark('broken', 'export async function handler() { process.exit(7); }');
    suite('broken', 'starts: [warm], repetitions: 4');
    const { code } = await user.sebs(['run', 'suite.yaml']);
    expect(code).toBe(3);
    expect(cellsOf()[0]?.reason).toMatch(
      /^the warm-up got no answer from 3 sandboxes in 5 batches; the last: .*exited with code 7; 0 of 12 counted$/,
    );
    expect(rowsOf(user.runs()[0] ?? '').filter(({ role }) => role === 'warmup')).toHaveLength(15);
  }, 60_000);

  it('counts when its requests failed: a failure is an outcome, not a missed start', async () => {
    user.benchmark('failing', "export async function handler() { throw new Error('no'); }");
    suite('failing', 'starts: [cold], repetitions: 4');
    const { code } = await user.sebs(['run', 'suite.yaml']);
    expect(code).toBe(3);
    const run = user.runs()[0] ?? '';
    expect(countedKeys(run)).toEqual(expectedKeys(planOfRun(run)));
    expect(rowsOf(run).every(({ role, outcome }) => role === 'counted' && outcome === 'failed')).toBe(true);
  }, 60_000);

  it('is not begun when it would not fit into limits.invocations', async () => {
    user.benchmark('quick', 'export async function handler() { return 1; }');
    suite('quick', 'starts: [cold], repetitions: 8');
    user.write(
      'suite.yaml',
      'version: 1\nname: few\nplatforms: [process]\nbenchmarks: [{ path: ./quick }]\nfactors: { concurrency: 3 }\n' +
        'experiments: { it: { type: perf-cost, starts: [cold], repetitions: 8 } }\nlimits: { invocations: 10 }\n',
    );
    const { code } = await user.sebs(['run', 'suite.yaml', '--yes']);
    expect(code).toBe(3);
    expect(rowsOf(user.runs()[0] ?? '')).toHaveLength(9);
    expect(cellsOf()[0]?.reason).toBe('limits.invocations of 10 is used up; 9 of 24 counted');
  }, 60_000);
});
