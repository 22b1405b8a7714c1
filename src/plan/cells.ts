// Stage 2, the matrix: ResolvedSuite + catalogue + capabilities -> cells, each with the deployment settings it needs,
// and what was left out with the reason. Pure. The common axes are expanded here for every experiment; what an
// experiment adds comes from its own folder.

import type { Benchmark, Catalogue } from '../benchmarks/catalogue.js';
import { experimentParts } from '../experiments/registry.js';
import type { Cell, SkippedCell } from '../generated/plan.js';
import { shortHash } from '../hash.js';
import type { Capabilities } from '../platforms/driver.js';
import type {
  AxisLevels,
  LanguageLevel,
  ResolvedExperiment,
  ResolvedPlatform,
  ResolvedSuite,
  SuitePath,
} from '../spec/resolved.js';
import { selects } from './select.js';
import { type Lacks, objectionTo } from './support.js';

/** A platform of the suite with what its driver found on this host. */
export interface PlatformFacts {
  entry: ResolvedPlatform;
  capabilities: Capabilities;
  lacks?: Lacks;
}

/** A mistake that shows only when suite, catalogue and capabilities come together. */
export interface PlanProblem {
  path: SuitePath;
  message: string;
  hint?: string;
}

/** Everything of a cell but its id and deployments. */
export type CellSettings = Omit<Cell, 'id' | 'deployments' | 'repetitions' | 'control_of'>;

export interface ExpandedCell {
  id: string;
  settings: CellSettings;
  repetitions: Cell['repetitions'];
  /** Whether it gets an A/A copy. */
  control: boolean;
}

export interface Expanded {
  cells: ExpandedCell[];
  skipped: SkippedCell[];
  /** Left out by the suite itself. */
  excluded: SkippedCell[];
  problems: PlanProblem[];
  /** What of `exclude` and the baseline fits a cell. */
  used: Set<string>;
}

interface Scope {
  suite: ResolvedSuite;
  experiment: ResolvedExperiment;
  platform: PlatformFacts;
  benchmark: Benchmark | null;
  axes: Required<AxisLevels>;
}

export function expandCells(suite: ResolvedSuite, catalogue: Catalogue, platforms: readonly PlatformFacts[]): Expanded {
  const result: Expanded = { cells: [], skipped: [], excluded: [], problems: [], used: new Set() };
  const seen = new Set<string>();
  suite.experiments.forEach((experiment) => {
    const chosen = platforms.filter(({ entry }) => experiment.platforms?.includes(entry.id) ?? true);
    result.problems.push(...ambiguousLanguages(suite, experiment, chosen));
    for (const platform of chosen)
      for (const scope of scopesOf(suite, experiment, platform, catalogue)) expandScope(scope, seen, result);
  });
  result.problems.push(...unusedSelectors(suite, result.used));
  return result;
}

/** One scope for each benchmark, or a single one without where the platform brings its own function. */
function scopesOf(
  suite: ResolvedSuite,
  experiment: ResolvedExperiment,
  platform: PlatformFacts,
  catalogue: Catalogue,
): Scope[] {
  if (platform.capabilities.bringsOwnFunction)
    return [{ suite, experiment, platform, benchmark: null, axes: axesOf(suite, experiment, platform, null, {}) }];
  return suite.benchmarks
    .filter((entry) => experiment.benchmarks?.includes(entry.id) ?? true)
    .map((entry) => {
      const benchmark = catalogue.benchmarks.get(entry.id);
      if (benchmark === undefined)
        throw new Error(`benchmark ${entry.id} passed validation but is not in the catalogue`);
      return {
        suite,
        experiment,
        platform,
        benchmark,
        axes: axesOf(suite, experiment, platform, benchmark, entry.axes),
      };
    });
}

/** The levels that hold: experiment > platform > benchmark entry > factors > benchmark.yaml > the platform's default. */
function axesOf(
  suite: ResolvedSuite,
  experiment: ResolvedExperiment,
  platform: PlatformFacts,
  benchmark: Benchmark | null,
  entry: AxisLevels,
): Required<AxisLevels> {
  const { capabilities } = platform;
  const file = benchmark?.file;
  const language = Object.keys(file?.languages ?? {})[0];
  const defaults: Required<AxisLevels> = {
    language: language === undefined ? [] : [{ language, version: null }],
    architecture: capabilities.architectures.slice(0, 1),
    memory_mb:
      capabilities.memory === null ? [] : [file?.memory_mb ?? capabilities.memory.default ?? capabilities.memory.min],
    timeout_s: [file?.timeout_s ?? 60],
    package: capabilities.packageKinds.slice(0, 1),
    trigger: capabilities.triggers.slice(0, 1),
    connection: ['fresh'],
    input: ['test'],
    concurrency: [1],
    network: (capabilities.networks ?? []).slice(0, 1),
    cold_level: (capabilities.coldLevels ?? []).slice(0, 1),
  };
  return { ...defaults, ...suite.axes, ...entry, ...platform.entry.axes, ...experiment.axes };
}

function expandScope(scope: Scope, seen: Set<string>, result: Expanded): void {
  const { experiment, platform, benchmark, axes } = scope;
  const variants = placed(experimentParts(experiment.type).expansion.variants(experiment), scope);
  const own = benchmark === null;
  for (const language of own ? [null] : axes.language)
    for (const architecture of own ? [null] : axes.architecture)
      for (const memory of own || platform.capabilities.memory === null ? [null] : axes.memory_mb)
        for (const timeout of axes.timeout_s)
          for (const kind of own ? [null] : axes.package)
            for (const trigger of axes.trigger)
              for (const connection of axes.connection)
                for (const input of own ? [null] : axes.input)
                  for (const concurrency of axes.concurrency)
                    for (const { start, settings, more } of variants)
                      addCell(scope, seen, result, language, {
                        experiment: experiment.id,
                        experiment_type: experiment.type,
                        platform: platform.entry.id,
                        benchmark: benchmark?.id ?? null,
                        benchmark_version: benchmark?.file.version ?? null,
                        language: language?.language ?? null,
                        language_version: language === null ? null : versionFor(language, scope),
                        architecture,
                        memory_mb: memory,
                        timeout_s: timeout,
                        package: kind,
                        trigger,
                        connection,
                        input,
                        start,
                        concurrency,
                        ...more,
                        settings,
                      });
}

type Variant = ReturnType<ReturnType<typeof experimentParts>['expansion']['variants']>[number];
type Placing = Pick<CellSettings, 'network' | 'cold_level'>;

/** The variants on each network and, where a start is cold, at each level of coldness that the platform tells apart. */
function placed(variants: readonly Variant[], { axes, platform }: Scope): (Variant & { more: Placing })[] {
  const { networks, coldLevels } = platform.capabilities;
  const onNetworks: Placing[] = networks === undefined ? [{}] : axes.network.map((network) => ({ network }));
  return onNetworks.flatMap((more) =>
    variants.flatMap((variant) =>
      coldLevels === undefined || variant.start !== 'cold'
        ? [{ ...variant, more }]
        : axes.cold_level.map((cold_level) => ({ ...variant, more: { ...more, cold_level } })),
    ),
  );
}

function addCell(
  scope: Scope,
  seen: Set<string>,
  result: Expanded,
  asked: LanguageLevel | null,
  settings: CellSettings,
): void {
  const { experiment } = scope;
  const id = shortHash(settings);
  const left = leftOut(settings, scope.suite, result);
  if (left !== null) {
    const { bySuite, ...why } = left;
    const list = bySuite ? result.excluded : result.skipped;
    list.push({ label: labelOf(settings), because: 'excluded', ...why, settings: { ...settings } });
    return;
  }
  const objection = objectionTo(settings, asked, scope.benchmark, scope.platform.capabilities, scope.platform.lacks);
  if (objection !== null) {
    const { axis, because, reason } = objection;
    const path = axis === undefined ? ['experiments', experiment.id] : placeOf(axis, scope);
    result.skipped.push({ label: labelOf(settings), because, reason, settings: { ...settings }, path });
  } else if (seen.has(id)) {
    const path = ['experiments', experiment.id];
    result.problems.push({
      path,
      message: `the same cell comes twice: ${labelOf(settings)}`,
      hint: 'a level is listed twice',
    });
  } else {
    const { repetitions, control } = experiment;
    result.cells.push({ id, settings, repetitions: { ...repetitions }, control });
  }
  seen.add(id);
}

/** Why the suite or the command line does not want a cell; what names it is noted as used. */
function leftOut(
  settings: CellSettings,
  { exclude, filter, report }: ResolvedSuite,
  { used }: Expanded,
): { reason: string; path: (string | number)[]; bySuite: boolean } | null {
  if (report.baseline !== undefined && selects(report.baseline, settings)) used.add('report.baseline');
  const matching = exclude.flatMap((selector, index) => (selects(selector, settings) ? [index] : []));
  for (const index of matching) used.add(`exclude.${index}`);
  const [first] = matching;
  if (first !== undefined) return { reason: `exclude[${first}] of the suite`, path: ['exclude', first], bySuite: true };
  if (filter === undefined || selects(filter, settings)) return null;
  const path = ['experiments', settings.experiment];
  return { reason: 'it is not among what --filter asks for', path, bySuite: false };
}

/** A selector that fits no cell of the whole matrix is a slip. */
function unusedSelectors({ exclude, report }: ResolvedSuite, used: ReadonlySet<string>): PlanProblem[] {
  const unused = exclude.flatMap((_selector, index): PlanProblem[] =>
    used.has(`exclude.${index}`)
      ? []
      : [
          {
            path: ['exclude', index],
            message: 'leaves out nothing: no cell has these levels',
            hint: 'sebs plan lists them',
          },
        ],
  );
  if (report.baseline === undefined || used.has('report.baseline')) return unused;
  return [
    ...unused,
    { path: ['report', 'baseline'], message: 'no cell has these levels', hint: 'sebs plan lists them' },
  ];
}

/** The name of an axis in a resolved suite, where it differs from the written one. */
const RESOLVED_NAMES: Readonly<Record<string, keyof AxisLevels>> = { memory: 'memory_mb', timeout: 'timeout_s' };

/** Where the suite says which levels of an axis hold in this scope: the place that won. */
function placeOf(axis: string, { suite, experiment, platform, benchmark }: Scope): (string | number)[] {
  if (axis === 'starts') return ['experiments', experiment.id, 'starts'];
  const name = RESOLVED_NAMES[axis] ?? (axis as keyof AxisLevels);
  if (experiment.axes[name] !== undefined) return ['experiments', experiment.id, 'factors', axis];
  if (platform.entry.axes[name] !== undefined) return ['platforms', platform.entry.id, axis];
  const index = suite.benchmarks.findIndex((entry) => entry.id === benchmark?.id);
  if (suite.benchmarks[index]?.axes[name] !== undefined) return ['benchmarks', index, axis];
  return suite.axes[name] === undefined ? ['experiments', experiment.id] : ['factors', axis];
}

/** The version asked for, or the newest that platform and benchmark share; null when there is none. */
function versionFor(level: LanguageLevel, scope: Scope): string | null {
  if (level.version !== null) return level.version;
  const wanted = scope.benchmark?.file.languages[level.language]?.versions;
  const offered = scope.platform.capabilities.languages[level.language] ?? [];
  return offered.find((version) => wanted?.includes(version) ?? true) ?? null;
}

/** `python` without a version is fine while all platforms of an experiment come to the same one. */
function ambiguousLanguages(
  suite: ResolvedSuite,
  experiment: ResolvedExperiment,
  platforms: readonly PlatformFacts[],
): PlanProblem[] {
  const bare = new Set(
    [experiment.axes, suite.axes, ...suite.benchmarks.map((entry) => entry.axes)]
      .flatMap((axes) => axes.language ?? [])
      .filter((level) => level.version === null)
      .map((level) => level.language),
  );
  return [...bare].flatMap((language) => {
    const found = platforms.flatMap(({ entry, capabilities }) => {
      const version = capabilities.languages[language]?.[0];
      return version === undefined ? [] : [{ id: entry.id, version }];
    });
    if (new Set(found.map(({ version }) => version)).size < 2) return [];
    const list = found.map(({ id, version }) => `${version} on ${id}`).join(', ');
    const message = `'${language}' without a version would be ${list}`;
    return [
      { path: ['experiments', experiment.id], message, hint: `write ${language}@${found[0]?.version ?? '<version>'}` },
    ];
  });
}

/** The settings of a cell in one line, for people. */
export function labelOf(settings: Omit<CellSettings, 'experiment_type'>): string {
  const language =
    settings.language === null ? null : [settings.language, settings.language_version].filter(Boolean).join('@');
  return [
    settings.experiment,
    settings.platform,
    settings.benchmark,
    language,
    settings.memory_mb === null ? null : `${settings.memory_mb} MB`,
    settings.input,
    settings.start,
    settings.cold_level === undefined || settings.cold_level === 'new' ? null : settings.cold_level,
    settings.network === undefined || settings.network === 'bridge' ? null : `network ${settings.network}`,
    settings.concurrency === 1 ? null : `×${settings.concurrency}`,
    settings.connection === 'fresh' ? null : settings.connection,
    settings.trigger === 'http' ? null : settings.trigger,
  ]
    .filter((part) => part !== null && part !== '')
    .join(' · ');
}
