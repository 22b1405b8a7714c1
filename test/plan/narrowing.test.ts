// Which cells are left: exclude and filter, A/A copies, replicates, and what each cell is compared with.
import { describe, expect, it } from 'vitest';
import type { Cell, Plan } from '../../src/generated/plan.js';
import { makePlan } from '../../src/plan/plan.js';
import type { ResolvedExperiment, ResolvedSuite } from '../../src/spec/resolved.js';
import { benchmark, capabilities, catalogueOf, platformsOf, suite } from '../support/plan-fixtures.js';

const catalogue = catalogueOf(benchmark('one'), benchmark('two'));
const main = suite().experiments[0] as ResolvedExperiment;

function planned(change: Partial<ResolvedSuite> = {}, can: Parameters<typeof capabilities>[0] = {}) {
  const given = suite(change);
  return makePlan(given, catalogue, platformsOf(given, can));
}

const memories = { axes: { memory_mb: [128, 256, 512] } };
const short = ({ platform, memory_mb, start }: Cell): string => `${platform} ${memory_mb} ${start}`;

describe('exclude', () => {
  it('leaves out the cells that have one of the levels of every axis it names, and says so', () => {
    const { plan, problems } = planned({ ...memories, exclude: [{ memory_mb: [128, 512], start: ['cold'] }] });
    expect(problems).toEqual([]);
    expect(plan.cells.map(short)).toEqual(['here 128 warm', 'here 256 cold', 'here 256 warm', 'here 512 warm']);
    expect(plan.skipped).toEqual([]);
    expect(plan.excluded?.map(({ because, reason }) => `${because}: ${reason}`)).toEqual(
      Array(2).fill('excluded: exclude[0] of the suite'),
    );
  });

  it('takes a language without a version for every version', () => {
    const language = [{ language: 'python', version: null }];
    const axes = { language: [...language, { language: 'nodejs', version: null }] };
    const { plan } = planned({ axes, exclude: [{ language }] });
    expect(new Set(plan.cells.map((cell) => cell.language))).toEqual(new Set(['nodejs']));
    const exact = planned({ axes, exclude: [{ language: [{ language: 'python', version: '3.9' }] }] });
    expect(exact.problems.map(({ path }) => path)).toEqual([['exclude', 0]]);
  });

  it('is an error where it fits no cell, also no cell that cannot be measured', () => {
    const exclude = [{ memory_mb: [32] }, { memory_mb: [64] }, { language: [{ language: 'java', version: null }] }];
    const { problems } = planned({ axes: { memory_mb: [32, 128] }, exclude });
    expect(problems).toEqual([
      { path: ['exclude', 1], message: 'leaves out nothing: no cell has these levels', hint: 'sebs plan lists them' },
      { path: ['exclude', 2], message: 'leaves out nothing: no cell has these levels', hint: 'sebs plan lists them' },
    ]);
  });

  it('that leaves nothing is an error of its own', () => {
    const { problems } = planned({ exclude: [{ platform: ['here'] }], unsupported: 'skip' });
    expect(problems).toEqual([
      { path: ['exclude', 0], message: 'nothing is left to run: all 2 cells are left out (exclude[0] of the suite)' },
    ]);
  });
});

describe('a filter', () => {
  it('keeps the cells that fit and lists the others', () => {
    const { plan, problems } = planned({ ...memories, filter: { memory_mb: [256], start: ['warm'] } });
    expect(problems).toEqual([]);
    expect(plan.cells.map(short)).toEqual(['here 256 warm']);
    expect(plan.skipped).toHaveLength(5);
    expect(plan.suite.sha256).not.toBe(planned(memories).plan.suite.sha256);
  });

  it('that keeps nothing is an error, and does not make an exclude one', () => {
    const { problems } = planned({ ...memories, exclude: [{ memory_mb: [512] }], filter: { memory_mb: [99] } });
    expect(problems.map(({ message }) => message)).toEqual([
      'nothing is left to run: all 6 cells are left out (exclude[0] of the suite; it is not among what --filter asks for)',
    ]);
  });
});

describe('replicates and copies', () => {
  it('give each cell so many deployments, shared by cells of the same settings', () => {
    const { plan } = planned({ ...memories, replicates: { deployments: 3 } });
    expect(plan.packages).toHaveLength(1);
    expect(plan.deployments).toHaveLength(9);
    const [cold, warm] = plan.cells;
    expect(cold?.deployments).toEqual(warm?.deployments);
    const numbers = new Map(plan.deployments.map(({ id, replicate }) => [id, replicate]));
    for (const { deployments } of plan.cells) expect(deployments.map((id) => numbers.get(id))).toEqual([0, 1, 2]);
  });

  it('put an A/A copy after each cell, equal to it in all but its deployments', () => {
    const { plan } = planned({ experiments: [{ ...main, control: true }], replicates: { deployments: 2 } });
    const pairs = [plan.cells.slice(0, 2), plan.cells.slice(2)];
    expect(plan.cells).toHaveLength(4);
    for (const [cell, copy] of pairs) {
      const { id, control_of, deployments, ...settings } = copy as Cell;
      expect(control_of).toBe(cell?.id);
      expect(cell).toMatchObject(settings);
      expect(id).not.toBe(cell?.id);
      expect(new Set([...(cell?.deployments ?? []), ...deployments]).size).toBe(4);
    }
    expect(plan.estimate.invocations).toEqual({ min: 100, max: 100 });
  });
});

function baselinesOf({ cells, baselines = {} }: Plan): string[] {
  const byId = new Map(cells.map((cell) => [cell.id, cell]));
  return cells.flatMap((cell) => {
    if (!Object.hasOwn(baselines, cell.id)) return [];
    const base = byId.get(baselines[cell.id] ?? '');
    return `${short(cell)} -> ${base === undefined ? 'none' : short(base)}`;
  });
}

const two = {
  platforms: ['here', 'there'].map((id) => ({ id, type: 'fake', options: {}, axes: {} })),
  axes: { memory_mb: [128, 256] },
};
const report = suite().report;

describe('the baseline', () => {
  it('is the same cell in everything that it does not name', () => {
    const { plan, problems } = planned({ ...two, report: { ...report, baseline: { platform: ['there'] } } });
    expect(problems).toEqual([]);
    expect(baselinesOf(plan)).toEqual([
      'here 128 cold -> there 128 cold',
      'here 128 warm -> there 128 warm',
      'here 256 cold -> there 256 cold',
      'here 256 warm -> there 256 warm',
      'there 128 cold -> there 128 cold',
      'there 128 warm -> there 128 warm',
      'there 256 cold -> there 256 cold',
      'there 256 warm -> there 256 warm',
    ]);
  });

  it('is none where no cell is the same, and where that is all that fits is left out', () => {
    const baseline = { platform: ['there'], memory_mb: [128], start: ['cold'] };
    const given = { ...two, exclude: [{ platform: ['there'], memory_mb: [128] }], report: { ...report, baseline } };
    const { plan, problems } = planned(given);
    expect(problems).toEqual([]);
    expect(new Set(Object.values(plan.baselines ?? {}))).toEqual(new Set([null]));
  });

  it('leaves A/A copies out', () => {
    const experiments = [{ ...main, control: true }];
    const { plan } = planned({ ...memories, experiments, report: { ...report, baseline: { memory_mb: [128] } } });
    expect(Object.keys(plan.baselines ?? {})).toHaveLength(6);
    expect(plan.cells).toHaveLength(12);
  });

  it('that fits several cells for one is an error that names what they differ in', () => {
    const { problems } = planned({
      ...two,
      report: { ...report, baseline: { memory_mb: [128, 256], platform: ['there'] } },
    });
    expect(problems).toMatchInlineSnapshot(`
      [
        {
          "hint": "name also memory",
          "message": "main · here · one · nodejs@20 · 128 MB · test · cold has 2 baselines, as have 3 others: main · there · one · nodejs@20 · 128 MB · test · cold; main · there · one · nodejs@20 · 256 MB · test · cold",
          "path": [
            "report",
            "baseline",
          ],
        },
      ]
    `);
  });

  it('that fits no cell of the suite is an error', () => {
    const { problems } = planned({ ...two, report: { ...report, baseline: { memory_mb: [99] } } });
    expect(problems).toEqual([
      { path: ['report', 'baseline'], message: 'no cell has these levels', hint: 'sebs plan lists them' },
    ]);
  });

  it('passes over factors that one of the platforms does not have', () => {
    const given = suite({ ...two, report: { ...report, baseline: { platform: ['there'], start: ['warm'] } } });
    const facts = [{ memory: null, packageKinds: ['container'] }, {}].map((can, index) => ({
      entry: given.platforms[index] as ResolvedSuite['platforms'][number],
      capabilities: capabilities(can as Parameters<typeof capabilities>[0]),
    }));
    const { problems } = makePlan({ ...given, axes: { memory_mb: [128] } }, catalogue, facts);
    expect(problems).toEqual([]);
    const { plan } = makePlan({ ...given, axes: { memory_mb: [128] } }, catalogue, facts);
    expect(baselinesOf(plan)).toEqual([
      'here null cold -> there 128 warm',
      'here null warm -> there 128 warm',
      'there 128 cold -> there 128 warm',
      'there 128 warm -> there 128 warm',
    ]);
  });
});
