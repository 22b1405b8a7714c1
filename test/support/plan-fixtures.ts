// Small suites, catalogues and capabilities for tests of plan/ and run/.
import type { Benchmark, Catalogue } from '../../src/benchmarks/catalogue.js';
import type { PlatformFacts } from '../../src/plan/cells.js';
import type { Capabilities } from '../../src/platforms/driver.js';
import type { ResolvedSuite } from '../../src/spec/resolved.js';

export function capabilities(change: Partial<Capabilities> = {}): Capabilities {
  return {
    languages: { nodejs: ['20'], python: ['3.12', '3.11'] },
    missing: {},
    architectures: ['x64'],
    memory: { min: 64, max: 4096 },
    maxTimeoutS: 900,
    triggers: ['http'],
    packageKinds: ['directory'],
    forceColdStart: true,
    sandboxesEndWithBlock: true,
    sharesClientHost: true,
    maxConcurrency: 100,
    maxPayloadBytes: 6_000_000,
    storage: ['directory'],
    nosql: [],
    storageView: 'host',
    bringsOwnFunction: false,
    providerMetrics: [],
    coldStartOverheadS: 0.05,
    notYetSeen: [],
    ...change,
  };
}

export function benchmark(id: string, file: Partial<Benchmark['file']> = {}): Benchmark {
  return {
    id,
    path: `/benchmarks/${id}`,
    sourceSha256: `hash of ${id}`,
    file: {
      version: 1,
      languages: { nodejs: {}, python: {} },
      inputs: { test: 'small' },
      memory_mb: 256,
      timeout_s: 10,
      ...file,
    },
  };
}

export function catalogueOf(...benchmarks: Benchmark[]): Catalogue {
  return { benchmarks: new Map(benchmarks.map((entry) => [entry.id, entry])) };
}

export function suite(change: Partial<ResolvedSuite> = {}): ResolvedSuite {
  return {
    version: 1,
    name: 'fixture',
    seed: 42,
    platforms: [{ id: 'here', type: 'fake', options: {}, axes: {} }],
    benchmarks: [{ id: 'one', axes: {} }],
    axes: {},
    experiments: [
      {
        id: 'main',
        type: 'perf-cost',
        starts: ['cold', 'warm'],
        repetitions: { min: 20, max: 20 },
        control: false,
        axes: {},
        settings: {},
      },
    ],
    order: { blocks: 10, shuffle: true },
    unsupported: 'error',
    limits: {},
    teardown: 'always',
    exclude: [],
    replicates: { deployments: 1 },
    report: { match: ['memory'], formats: ['html', 'csv', 'parquet'] },
    ...change,
  };
}

export function platformsOf(suiteOf: ResolvedSuite, change: Partial<Capabilities> = {}): PlatformFacts[] {
  return suiteOf.platforms.map((entry) => ({ entry, capabilities: capabilities(change) }));
}
