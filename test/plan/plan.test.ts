import { describe, expect, it } from 'vitest';
import { makePlan } from '../../src/plan/plan.js';
import { planText } from '../../src/plan/text.js';
import type { AxisLevels, ResolvedExperiment } from '../../src/spec/resolved.js';
import { benchmark, capabilities, catalogueOf, platformsOf, suite } from '../support/plan-fixtures.js';

const catalogue = catalogueOf(benchmark('one'), benchmark('two', { modules: ['storage'] }));

function planned(change: Parameters<typeof suite>[0] = {}, can: Parameters<typeof capabilities>[0] = {}) {
  const given = suite(change);
  return makePlan(given, catalogue, platformsOf(given, can));
}

describe('a plan', () => {
  it('has the same bytes for the same suite and seed', () => {
    expect(JSON.stringify(planned())).toBe(JSON.stringify(planned()));
  });

  it('has a cell for each combination of the axes and the starts', () => {
    const { plan, problems } = planned({
      benchmarks: [
        { id: 'one', axes: {} },
        { id: 'two', axes: {} },
      ],
      axes: {
        memory_mb: [128, 256],
        language: [
          { language: 'python', version: '3.11' },
          { language: 'nodejs', version: null },
        ],
      },
    });
    expect(problems).toEqual([]);
    expect(plan.cells).toHaveLength(2 * 2 * 2 * 2);
    expect(new Set(plan.cells.map(({ id }) => id)).size).toBe(16);
  });

  it('plans equal work once: cold and warm share a deployment, memories share a package', () => {
    const { plan } = planned({ axes: { memory_mb: [128, 256] } });
    expect(plan.packages).toHaveLength(1);
    expect(plan.deployments.map(({ memory_mb }) => memory_mb)).toEqual([128, 256]);
    expect(plan.tasks.map(({ kind }) => kind)).toEqual([
      'provision',
      'package',
      'upload',
      'deploy',
      'deploy',
      'measure',
      'collect',
      'teardown',
      'summarise',
      'report',
    ]);
  });

  it('lists every task after the tasks it needs', () => {
    const { plan } = planned({ axes: { memory_mb: [128, 256, 512] } });
    const seen = new Set<string>();
    for (const task of plan.tasks) {
      for (const need of task.needs) expect(seen.has(need)).toBe(true);
      seen.add(task.id);
    }
  });

  it('renames the package, and all that needs it, when the source changes', () => {
    const before = planned().plan;
    const given = suite();
    const changed = { ...benchmark('one'), sourceSha256: 'another' };
    const after = makePlan(given, catalogueOf(changed), platformsOf(given)).plan;
    const idsOf = (kind: string, plan: typeof before) =>
      plan.tasks.filter((task) => task.kind === kind).map(({ id }) => id);
    for (const kind of ['package', 'deploy', 'measure', 'collect', 'report'])
      expect(idsOf(kind, after)).not.toEqual(idsOf(kind, before));
    for (const kind of ['provision', 'upload']) expect(idsOf(kind, after)).toEqual(idsOf(kind, before));
  });

  const axes = (memory: number): AxisLevels => ({ memory_mb: [memory] });
  const precedence: [string, Parameters<typeof suite>[0], number][] = [
    ['benchmark.yaml', {}, 256],
    ['factors over benchmark.yaml', { axes: axes(300) }, 300],
    ['a benchmark entry over factors', { axes: axes(300), benchmarks: [{ id: 'one', axes: axes(310) }] }, 310],
    [
      'a platform over a benchmark entry',
      {
        benchmarks: [{ id: 'one', axes: axes(310) }],
        platforms: [{ id: 'here', type: 'fake', options: {}, axes: axes(320) }],
      },
      320,
    ],
    [
      'an experiment over a platform',
      {
        platforms: [{ id: 'here', type: 'fake', options: {}, axes: axes(320) }],
        experiments: [{ ...(suite().experiments[0] as ResolvedExperiment), axes: axes(330) }],
      },
      330,
    ],
  ];
  it.each(precedence)('takes the memory of %s', (_what, change, memory) => {
    expect([...new Set(planned(change).plan.cells.map((cell) => cell.memory_mb))]).toEqual([memory]);
  });

  const unsupported: [string, AxisLevels, Partial<ReturnType<typeof capabilities>>, string, RegExp][] = [
    [
      'a language the benchmark lacks',
      { language: [{ language: 'java', version: null }] },
      {},
      'benchmark',
      /one has no java version/,
    ],
    [
      'a language the host lacks',
      { language: [{ language: 'python', version: null }] },
      { languages: { nodejs: ['20'] }, missing: { python: 'no python3: install it' } },
      'host',
      /no python3: install it/,
    ],
    [
      'a version the host lacks',
      { language: [{ language: 'python', version: '3.9' }] },
      {},
      'host',
      /this host has python 3.12, 3.11, not 3.9/,
    ],
    [
      'a version the platform lacks',
      { language: [{ language: 'python', version: '3.9' }] },
      { sharesClientHost: false },
      'platform',
      /here has python 3.12, 3.11, not 3.9/,
    ],
    ['an architecture', { architecture: ['arm64'] }, {}, 'platform', /no architecture arm64 \(it has x64\)/],
    ['too little memory', { memory_mb: [32] }, {}, 'platform', /memory 32 MB is outside 64 to 4096 MB/],
    [
      'an odd memory',
      { memory_mb: [100] },
      { memory: { min: 64, max: 4096, step: 64 } },
      'platform',
      /not 64 MB plus a multiple of 64 MB/,
    ],
    ['too long a timeout', { timeout_s: [901] }, {}, 'platform', /above its limit of 900 s/],
    ['a trigger', { trigger: ['sdk'] }, {}, 'platform', /no trigger sdk/],
    ['a package kind', { package: ['zip'] }, {}, 'platform', /no package kind zip/],
    ['too many at once', { concurrency: [101] }, {}, 'platform', /above its limit of 100/],
  ];
  it.each(unsupported)(
    'skips %s with the reason, and refuses it under unsupported: error',
    (_what, given, can, because, reason) => {
      const skipping = planned({ axes: given, unsupported: 'skip', benchmarks: [{ id: 'one', axes: {} }] }, can).plan;
      expect(skipping.cells).toEqual([]);
      expect(skipping.skipped.map((cell) => cell.because)).toEqual([because, because]);
      expect(skipping.skipped[0]?.reason).toMatch(reason);
      const refusing = planned({ axes: given }, can);
      expect(refusing.problems.map(({ message }) => message).join()).toMatch(reason);
    },
  );

  it('skips only cold cells where a cold start cannot be forced', () => {
    const { plan } = planned({ unsupported: 'skip' }, { forceColdStart: false });
    expect(plan.cells.map(({ start }) => start)).toEqual(['warm']);
    expect(plan.skipped[0]?.reason).toBe('here: a cold start cannot be forced');
  });

  it('skips a benchmark that needs storage where there is none', () => {
    const { plan } = planned(
      {
        unsupported: 'skip',
        benchmarks: [
          { id: 'one', axes: {} },
          { id: 'two', axes: {} },
        ],
      },
      { storage: [] },
    );
    expect([...new Set(plan.cells.map((cell) => cell.benchmark))]).toEqual(['one']);
    expect(plan.skipped[0]?.reason).toBe('two needs object storage; here has none');
  });

  it('takes the newest version that platform and benchmark share', () => {
    const given = suite({ axes: { language: [{ language: 'python', version: null }] } });
    const only311 = benchmark('one', { languages: { python: { versions: ['3.11', '3.10'] } } });
    const { plan } = makePlan(given, catalogueOf(only311), platformsOf(given));
    expect(plan.cells[0]?.language_version).toBe('3.11');
  });

  it('refuses a language without a version that platforms would resolve differently', () => {
    const given = suite({
      platforms: [
        { id: 'a', type: 'fake', options: {}, axes: {} },
        { id: 'b', type: 'fake', options: {}, axes: {} },
      ],
      axes: { language: [{ language: 'python', version: null }] },
    });
    const [a, b] = given.platforms;
    if (a === undefined || b === undefined) throw new Error('fixture');
    const { problems } = makePlan(given, catalogue, [
      { entry: a, capabilities: capabilities() },
      { entry: b, capabilities: capabilities({ languages: { python: ['3.11'] } }) },
    ]);
    expect(problems).toEqual([
      {
        path: ['experiments', 'main'],
        message: "'python' without a version would be 3.12 on a, 3.11 on b",
        hint: 'write python@3.12',
      },
    ]);
  });

  it('refuses a level that is listed twice', () => {
    const { problems } = planned({ axes: { memory_mb: [128, 128] } });
    expect(problems[0]?.message).toMatch(
      /^the same cell comes twice: main · here · one · nodejs@20 · 128 MB · test · cold$/,
    );
  });

  it('reads well', () => {
    const { plan } = planned({
      axes: { memory_mb: [128, 32] },
      unsupported: 'skip',
      limits: { duration_s: 3600, invocations: 1000, failures: 0.05 },
    });
    expect(planText(plan)).toMatchInlineSnapshot(`
      "fixture: 2 cells, 1 deployment, 1 package, 9 tasks

      Factors
        experiment    main
        platform      here
        benchmark     one
        language      nodejs@20
        architecture  x64
        memory        128 MB
        timeout       10 s
        package       directory
        trigger       http
        connection    fresh
        input         test
        start         cold, warm
        concurrency   1

      Measuring
        20 repetitions per cell
        in 10 blocks; the blocks of all cells are interleaved in random order (seed 42)
        limits: 1 h 00 min, 1,000 invocations, 5 % failures per cell

      Left out (2 cells)
        2 cells - platform: here: memory 32 MB is outside 64 to 4096 MB (main · here · one · nodejs@20 · 32 MB · test · cold, …)

      Estimate
        invocations   50, warm-ups included
        time          1.55 s (functions that take no time) to 8 min 23 s (every one uses its whole time limit)
        money         no price is known for these platforms"
    `);
  });
});

describe('networks and levels of coldness', () => {
  const coldLevels = ['new', 'restarted', 'resumed'] as const;
  const networks = ['bridge', 'host'] as const;

  it('are no axes where the platform has no choice', () => {
    const { plan } = planned({ axes: { network: ['bridge', 'host'], cold_level: ['new', 'resumed'] } });
    expect(plan.cells.map(({ start, network, cold_level }) => [start, network, cold_level])).toEqual([
      ['cold', undefined, undefined],
      ['warm', undefined, undefined],
    ]);
  });

  it('multiply the matrix where it has one, levels only its cold starts; a network is a deployment of its own', () => {
    const axes: AxisLevels = { network: ['bridge', 'host'], cold_level: ['new', 'restarted'] };
    const { plan, problems } = planned({ axes }, { coldLevels, networks });
    expect(problems).toEqual([]);
    expect(plan.cells.map(({ network, start, cold_level }) => [network, start, cold_level])).toEqual([
      ['bridge', 'cold', 'new'],
      ['bridge', 'cold', 'restarted'],
      ['bridge', 'warm', undefined],
      ['host', 'cold', 'new'],
      ['host', 'cold', 'restarted'],
      ['host', 'warm', undefined],
    ]);
    expect(plan.deployments.map(({ network }) => network)).toEqual(['bridge', 'host']);
  });

  it('are the platform’s first where the suite says nothing', () => {
    const { plan } = planned({}, { coldLevels, networks });
    expect(plan.cells.map(({ network, cold_level }) => [network, cold_level])).toEqual([
      ['bridge', 'new'],
      ['bridge', undefined],
    ]);
  });

  it('that the platform lacks are left out with the reason', () => {
    const axes: AxisLevels = { cold_level: ['page-cache-dropped'] };
    const { plan } = planned({ axes, unsupported: 'skip' }, { coldLevels });
    expect(plan.skipped.map(({ because, reason }) => [because, reason])).toEqual([
      ['platform', 'here: no cold level page-cache-dropped (it has new, restarted, resumed)'],
    ]);
  });
});
