// What cells of a run are compared with (methodology D21 to D24), from a run folder to the summary.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Plan } from '../../src/generated/plan.js';
import { readPlan } from '../../src/results/run-folder.js';
import { derive } from '../../src/results/summarise.js';
import { makeSampleRun } from '../support/sample-run.js';

const dir = mkdtempSync(join(tmpdir(), 'sebs-comparisons-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** The sample run whose plan has been told what is compared with what. */
async function derived(name: string, change: (plan: Plan) => Plan) {
  const folder = makeSampleRun(join(dir, name), { memories: [128, 512], trouble: false });
  const plan = readPlan(folder);
  writeFileSync(join(folder.path, 'plan.json'), JSON.stringify(change(plan)));
  const summary = await derive(folder);
  return { plan, summary, csv: readFileSync(join(folder.derived, 'summary.csv'), 'utf8') };
}

describe('comparisons', () => {
  test('are there for each cell with a baseline, adjusted for their number, and none where the plan names none', async () => {
    const { plan, summary } = await derived('baselines', (one) => {
      const [base] = one.cells;
      return { ...one, baselines: Object.fromEntries(one.cells.map(({ id }) => [id, base?.id ?? null])) };
    });
    const [base, ...others] = plan.cells;
    expect(summary.comparisons.map(({ cell }) => cell)).toEqual(others.map(({ id }) => id));
    expect(summary.noise_floor).toBeNull();
    for (const one of summary.comparisons) {
      expect(one).toMatchObject({ kind: 'baseline', base: base?.id, compared: others.length, metric: 'client_us' });
      expect(one.ratio.value).toBeCloseTo((one.cell_median.value ?? 0) / (one.base_median.value ?? 1), 12);
      expect(one.p_adjusted).toBeGreaterThanOrEqual(one.p ?? 2);
      expect(one.group_p).toBeLessThan(0.05);
    }
    // A warm start takes a fraction of a cold one, here as everywhere.
    const warm = plan.cells.find((cell) => cell.start === 'warm' && cell.benchmark === base?.benchmark);
    expect(summary.comparisons.find(({ cell }) => cell === warm?.id)?.verdict).toBe('faster');
  });

  test('with a copy give the noise floor, below which penalties claim nothing', async () => {
    const { plan, summary } = await derived('controls', (one) => {
      const [cold, warm] = one.cells;
      return {
        ...one,
        cells: one.cells.map((cell) => (cell === warm ? { ...cell, control_of: cold?.id ?? '' } : cell)),
      };
    });
    // Told that a warm cell is a copy of a cold one, the run is a noisy one: nothing can be claimed.
    const [control] = summary.comparisons;
    expect(control).toMatchObject({ kind: 'control', cell: plan.cells[1]?.id, base: plan.cells[0]?.id, compared: 1 });
    const ratio = control?.ratio.value ?? Number.NaN;
    expect(summary.noise_floor).toEqual({ share: Math.max(ratio, 1 / ratio) - 1, controls: 1 });
    expect(summary.penalties.length).toBeGreaterThan(0);
    for (const { ratio: penalty, below_noise } of summary.penalties) {
      expect(below_noise).toBe((penalty.value ?? 1) - 1 <= (summary.noise_floor?.share ?? 0));
    }
  });
});
