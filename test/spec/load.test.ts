// From a suite's text to the resolved suite: what each shorthand and default becomes, and where things stand.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../src/hash.js';
import { loadSuite } from '../../src/spec/load.js';
import { keysAllowed, schemaOf } from '../../src/spec/schemas.js';
import { BASE, load, loadWithCatalogue, messagesOf, ROOT } from './support.js';

const KEYS = keysAllowed([schemaOf('suite')]).join(', ');

describe('loadSuite', () => {
  it('fills in every default of the smallest suite', async () => {
    const { suite, files } = await load(BASE);
    expect(suite).toEqual({
      version: 1,
      name: 'test',
      seed: 42,
      platforms: [{ id: 'process', type: 'process', options: {}, axes: {} }],
      benchmarks: [{ id: '010.sleep', axes: {} }],
      axes: { trigger: ['http'], connection: ['fresh'], input: ['test'], concurrency: [1] },
      experiments: [
        {
          id: 'cold-warm',
          type: 'perf-cost',
          starts: ['cold', 'warm'],
          repetitions: { min: 50, max: 50 },
          control: false,
          axes: {},
          settings: {},
        },
      ],
      order: { blocks: 10, shuffle: true },
      unsupported: 'error',
      exclude: [],
      replicates: { deployments: 1 },
      limits: { duration_s: 28_800, failures: 0.05 },
      teardown: 'always',
      report: { match: ['memory'], formats: ['html', 'csv', 'parquet'] },
    });
    expect(files).toEqual([{ path: 'suite.yaml', text: BASE, sha256: sha256(BASE) }]);
  });

  it('takes everything that is written, scalars as lists of one, text as numbers', async () => {
    const { suite } = await load(`
version: 1
name: all
description: everything
seed: 0
platforms:
  here: { type: process, storage: directory, memory: 64, language: [nodejs@20] }
  there: { type: process }
benchmarks:
  - 010.sleep
  - { id: 311.compression, input: [test, small], timeout: 1.5h, memory: 512 }
factors:
  language: [python@3.11, nodejs]
  architecture: x64
  memory: [128, 256]
  timeout: [500ms, 2m]
  package: directory
  trigger: [http, sdk]
  connection: keep-alive
  input: small
  concurrency: [1, 8]
experiments:
  one: { type: perf-cost, starts: cold, repetitions: { min: 7, max: 70, until: { half_width: 2.5% } }, control: true, platforms: [there], benchmarks: [010.sleep], factors: { memory: 64 } }
order: { blocks: 3, shuffle: false, windows: { count: 2, gap: 12h }, lanes: platform }
replicates: { deployments: 2 }
limits: { usd: 2.5, duration: 90s, invocations: 1000, failures: 12.5% }
exclude: [{ platform: [here, there], memory: 64, language: python, timeout: 2m, starts: cold }]
unsupported: skip
teardown: keep
report: { baseline: { platform: there, memory: 64, starts: cold, timeout: 1m }, formats: [csv] }
`);
    expect(suite).toEqual({
      version: 1,
      name: 'all',
      description: 'everything',
      seed: 0,
      platforms: [
        {
          id: 'here',
          type: 'process',
          options: { storage: 'directory' },
          axes: { memory_mb: [64], language: [{ language: 'nodejs', version: '20' }] },
        },
        { id: 'there', type: 'process', options: {}, axes: {} },
      ],
      benchmarks: [
        { id: '010.sleep', axes: {} },
        { id: '311.compression', axes: { input: ['test', 'small'], timeout_s: [5400], memory_mb: [512] } },
      ],
      axes: {
        language: [
          { language: 'python', version: '3.11' },
          { language: 'nodejs', version: null },
        ],
        architecture: ['x64'],
        memory_mb: [128, 256],
        timeout_s: [0.5, 120],
        package: ['directory'],
        trigger: ['http', 'sdk'],
        connection: ['keep-alive'],
        input: ['small'],
        concurrency: [1, 8],
      },
      experiments: [
        {
          id: 'one',
          type: 'perf-cost',
          starts: ['cold'],
          repetitions: {
            min: 7,
            max: 70,
            until: { metric: 'client_us', quantile: 0.5, ci: 0.95, half_width: 0.025 },
          },
          control: true,
          platforms: ['there'],
          benchmarks: ['010.sleep'],
          axes: { memory_mb: [64] },
          settings: {},
        },
      ],
      order: { blocks: 3, shuffle: false, windows: { count: 2, gap_s: 43_200 }, lanes: 'platform' },
      exclude: [
        {
          platform: ['here', 'there'],
          memory_mb: [64],
          language: [{ language: 'python', version: null }],
          timeout_s: [120],
          start: ['cold'],
        },
      ],
      replicates: { deployments: 2 },
      unsupported: 'skip',
      limits: { usd: 2.5, duration_s: 90, invocations: 1000, failures: 0.125 },
      teardown: 'keep',
      report: {
        baseline: { platform: ['there'], memory_mb: [64], start: ['cold'], timeout_s: [60] },
        match: ['memory'],
        formats: ['csv'],
      },
    });
  });

  it('follows anchors and merge keys, the written key before the merged one', async () => {
    const text = `${BASE}factors: &all { memory: [128, 256], timeout: 1s }\n`.replace(
      '{ type: perf-cost }',
      '{ type: perf-cost, factors: { concurrency: 2 } }',
    );
    const { suite } = await load(
      text.replace('experiments:', 'limits: &l { duration: 1h }\norder: { blocks: 6 }\nexperiments:'),
    );
    expect(suite.limits.duration_s).toBe(3600);
    const merged = await load(`
version: 1
name: merged
platforms: [process]
benchmarks:
  - &entry { id: 010.sleep, memory: 128, timeout: 1s }
  - { <<: *entry, id: 311.compression, timeout: 2s }
experiments: { a: { type: perf-cost } }
`);
    expect(merged.suite.benchmarks).toEqual([
      { id: '010.sleep', axes: { memory_mb: [128], timeout_s: [1] } },
      { id: '311.compression', axes: { memory_mb: [128], timeout_s: [2] } },
    ]);
  });

  it('reads a file, and repeats its name as it was given', async () => {
    const file = `${ROOT}specs/hello.yaml`;
    const { suite, files, locate } = await loadSuite({ file, env: {}, benchmarkIds: ['110.dynamic-html'] });
    expect(suite.name).toBe('hello');
    expect(files.map(({ path }) => path)).toEqual([file]);
    expect(locate(['experiments', 'cold-warm', 'repetitions'])).toEqual({ file, line: 7, column: 81 });
  });

  it('takes the id of an own benchmark from its folder, which is relative to the file', async () => {
    const folder = 'benchmarks/000.microbenchmarks/010.sleep';
    const suite = BASE.replace('[010.sleep]', `[{ path: ../${folder}/ }, { path: ../${folder}, id: mine }]`);
    const loaded = await loadWithCatalogue(`${ROOT}specs/own.yaml`, suite);
    expect(loaded.suite.benchmarks).toEqual([
      { id: '010.sleep', path: join(ROOT, folder), axes: {} },
      { id: 'mine', path: join(ROOT, folder), axes: {} },
    ]);
  });

  it('does not lose its way with keys that JavaScript knows', async () => {
    const text = BASE.replace('[process]', '{ constructor: { type: process }, toString: { type: process } }');
    const { suite } = await load(text);
    expect(suite.platforms.map(({ id }) => id)).toEqual(['constructor', 'toString']);
    expect(await messagesOf(load(`${BASE}__proto__: { memory: 1 }\nhasOwnProperty: 1\n`))).toBe(
      [
        `suite.yaml:6:1 __proto__: unknown key (valid keys: ${KEYS})`,
        `suite.yaml:7:1 hasOwnProperty: unknown key (valid keys: ${KEYS})`,
      ].join('\n'),
    );
  });

  it('shows mistakes of shape and of sense at once, in the order of the file', async () => {
    const text = `version: 1
name: both
platforms: [process]
benchmarks: [010.slep]
factors: { memry: 128 }
experiments: { a: { type: perf-cost, platforms: [procss], repetitions: 0 } }
`;
    expect(await messagesOf(load(text))).toBe(
      [
        "suite.yaml:4:14 benchmarks[0]: there is no benchmark '010.slep' (did you mean '010.sleep'?)",
        "suite.yaml:5:12 factors.memry: unknown key (did you mean 'memory'?)",
        "suite.yaml:6:50 experiments.a.platforms[0]: the suite has no platform 'procss' (did you mean 'process'?)",
        'suite.yaml:6:72 experiments.a.repetitions: must be at least 1, not the number 0',
      ].join('\n'),
    );
  });

  it('stops listing problems where nobody reads on', async () => {
    const keys = Array.from({ length: 5000 }, (_, index) => `key${index}: 1\n`).join('');
    const lines = (await messagesOf(load(BASE + keys))).split('\n');
    expect(lines.length).toBe(101);
    expect(lines.at(-1)).toBe('suite.yaml:106:1 and 4900 more problems from here on');
  });

  it('tells where a default comes from when a benchmark lacks it', async () => {
    const own = `${ROOT}test/spec/fixtures/no-test-input`;
    const text = BASE.replace('[010.sleep]', `[010.sleep, { path: ${JSON.stringify(own)} }]`);
    expect(await messagesOf(loadWithCatalogue('suite.yaml', text))).toBe(
      "suite.yaml:4:25 benchmarks[1]: the benchmark 'no-test-input' has no input 'test', the default (add an `input`: big, huge)",
    );
    const elsewhere = text.replace('{ type: perf-cost }', '{ type: perf-cost, benchmarks: [010.sleep] }');
    expect((await loadWithCatalogue('suite.yaml', elsewhere)).suite.name).toBe('test');
  });
});
