// Stage 1, the last step: comes in a suite as it was written, known to fit its schema and the rules, goes out the resolved
// suite. First the shorthands are written out, then the schema's defaults are filled in, then text becomes numbers.
import { basename, resolve } from 'node:path';
import type { PlannedOrder } from '../generated/plan.js';
import type { BenchmarkEntry, Experiment, Platform, Suite } from '../generated/suite.js';
import { asList, axisNames, fallbackLevels, isAxis, levelsIn } from './axes.js';
import { withDefaults } from './defaults.js';
import type {
  CellSelector,
  ResolvedBenchmark,
  ResolvedExperiment,
  ResolvedPlatform,
  ResolvedSuite,
} from './resolved.js';
import { applying, memberSchemas, schemaOf } from './schemas.js';
import { parseDurationS, parseShare } from './values.js';
import type { FolderOf } from './written.js';

/** A suite without shorthands. */
type PlainSuite = Omit<Suite, 'platforms' | 'benchmarks'> & {
  platforms: Record<string, Platform>;
  benchmarks: Exclude<BenchmarkEntry, string>[];
};

export function resolveSuite(written: Suite, folderOf: FolderOf, filter?: CellSelector): ResolvedSuite {
  const plain = writeOutShorthands(written);
  const suite = withDefaults(schemaOf('suite'), plain, axisNames()) as PlainSuite & Required<Suite>;
  return {
    version: suite.version,
    name: suite.name,
    ...(written.description === undefined ? {} : { description: suite.description }),
    seed: suite.seed,
    platforms: Object.entries(suite.platforms as PlainSuite['platforms']).map(([id, entry]) =>
      resolvePlatform(id, entry),
    ),
    benchmarks: (suite.benchmarks as PlainSuite['benchmarks']).map((entry, index) =>
      resolveBenchmark(entry, folderOf(['benchmarks', index, 'path'])),
    ),
    axes: { ...fallbackLevels(), ...levelsIn({ ...suite.factors }) },
    experiments: Object.entries(suite.experiments).map(([id, entry]) => resolveExperiment(id, entry)),
    exclude: (suite.exclude ?? []).map(selectorOf),
    order: resolveOrder(suite.order),
    replicates: { deployments: suite.replicates.deployments ?? 1 },
    unsupported: suite.unsupported,
    limits: resolveLimits(suite.limits),
    teardown: suite.teardown,
    report: resolveReport(suite.report),
    ...(filter === undefined ? {} : { filter }),
  };
}

function writeOutShorthands(written: Suite): PlainSuite {
  const { platforms, benchmarks } = written;
  return {
    ...written,
    platforms: Array.isArray(platforms) ? Object.fromEntries(platforms.map((type) => [type, { type }])) : platforms,
    benchmarks: (benchmarks ?? []).map((entry) => (typeof entry === 'string' ? { id: entry } : entry)),
  };
}

function resolvePlatform(id: string, entry: Platform): ResolvedPlatform {
  const axes = axisNames();
  const options = Object.entries(entry).filter(([key]) => key !== 'type' && !axes.has(key));
  return { id, type: entry.type, options: Object.fromEntries(options), axes: levelsIn(entry) };
}

function resolveBenchmark(entry: Exclude<BenchmarkEntry, string>, folder: string): ResolvedBenchmark {
  const path = entry.path === undefined ? undefined : resolve(folder, entry.path);
  const id = entry.id ?? (path === undefined ? '' : basename(path));
  return { id, ...(path === undefined ? {} : { path }), axes: levelsIn({ ...entry }) };
}

function resolveExperiment(id: string, entry: Experiment): ResolvedExperiment {
  const { type, repetitions, control, platforms, benchmarks, factors, starts, ...own } = entry;
  const schemas = memberSchemas([schemaOf('suite')], 'experiments')
    .flatMap((schema) => memberSchemas([schema], id))
    .flatMap((schema) => applying(schema, entry));
  const settings = Object.entries(own).map(([key, value]) => [key, isAxis(schemas, key) ? asList(value) : value]);
  return {
    id,
    type,
    starts: asList(starts) as ResolvedExperiment['starts'],
    repetitions: resolveRepetitions(repetitions),
    control: control ?? false,
    ...(platforms === undefined ? {} : { platforms }),
    ...(benchmarks === undefined ? {} : { benchmarks }),
    axes: levelsIn({ ...factors }),
    settings: Object.fromEntries(settings),
  };
}

function resolveRepetitions(repetitions: Experiment['repetitions'] = 1): ResolvedExperiment['repetitions'] {
  if (typeof repetitions === 'number') return { min: repetitions, max: repetitions };
  const { min, max, until } = repetitions;
  const { metric = '', quantile = 0, ci = 0, half_width = '' } = until ?? {};
  return { min, max, until: { metric, quantile, ci, half_width: parseShare(half_width) ?? 0 } };
}

function resolveOrder({ blocks = 1, shuffle = true, windows, lanes }: NonNullable<Suite['order']>): PlannedOrder {
  const gap = parseDurationS(windows?.gap ?? '');
  return {
    blocks,
    shuffle,
    ...(windows === undefined || gap === undefined ? {} : { windows: { count: windows.count, gap_s: gap } }),
    ...(lanes === 'platform' ? { lanes } : {}),
  };
}

function resolveReport({ baseline, match, formats }: NonNullable<Suite['report']>): ResolvedSuite['report'] {
  return {
    ...(baseline === undefined ? {} : { baseline: selectorOf(baseline) }),
    match: match ?? [],
    formats: formats ?? [],
  };
}

/** What a map of axes asks of a cell. Of an axis that no place of the matrix knows, the levels are taken as they are. */
export function selectorOf(map: Readonly<Record<string, unknown>>): CellSelector {
  const axes = axisNames();
  const others = Object.entries(map).filter(([key]) => !axes.has(key));
  return {
    ...levelsIn(map),
    ...Object.fromEntries(others.map(([key, value]) => [key === 'starts' ? 'start' : key, asList(value)])),
  };
}

function resolveLimits(limits: Suite['limits']): ResolvedSuite['limits'] {
  const duration = parseDurationS(limits?.duration ?? '');
  const failures = parseShare(limits?.failures ?? '');
  return {
    ...(limits?.usd === undefined ? {} : { usd: limits.usd }),
    ...(duration === undefined ? {} : { duration_s: duration }),
    ...(limits?.invocations === undefined ? {} : { invocations: limits.invocations }),
    ...(failures === undefined ? {} : { failures }),
  };
}
