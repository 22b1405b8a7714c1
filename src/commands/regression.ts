// `sebs regression`: whether every benchmark still answers correctly, in every language and version, on every platform that
// is named, in every kind of package. Comes in: options; goes out: one verdict per cell, an exit code, an ordinary run
// folder. A suite made here and run by the ordinary five steps: packages are built a few at a time, cells are called one
// after the other (platforms elsewhere beside each other), so its times are real, but too few for conclusions.
import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { type Benchmark, benchmarkIds, loadBenchmark, loadCatalogue } from '../benchmarks/catalogue.js';
import { EXIT, UsageError } from '../errors.js';
import type { CellSummary, Summary } from '../generated/summary.js';
import type { Capabilities } from '../platforms/driver.js';
import { platformTypes } from '../platforms/registry.js';
import { plainLine } from '../report/plain-line.js';
import { type RunFolder, readPlan } from '../results/run-folder.js';
import { type RunOutcome, runSuite } from '../run-suite.js';
import { plural } from '../units.js';
import { defaultPlatform, unplaced } from './ad-hoc-suite.js';
import type { CommandContext, CommandResult } from './command.js';
import { askPlatform, plainPlatform } from './platform-drivers.js';
import { measureOptions, type RunCommandOptions, told } from './run.js';
import { table } from './table.js';

export interface RegressionOptions extends RunCommandOptions {
  /** Name of the input that every benchmark is called with. */
  size: string;
  /** Ids, or folders of the user's own; none: all that come with sebs. */
  benchmark: readonly string[];
  /** Types; none: the first of the registry. */
  platform: readonly string[];
  language: readonly string[];
  repetitions: number;
  set: readonly string[];
  filter: readonly string[];
}

interface Verdict {
  verdict: 'passed' | 'failed' | 'skipped' | 'not reached';
  /** The settings in which it differs from the others, as everywhere. */
  cell: string;
  reason: string | null;
  /** Folders with what its functions wrote. */
  logs: string[];
}

export async function regression(options: RegressionOptions, context: CommandContext): Promise<CommandResult> {
  const suite = await regressionSuite(options, context);
  const { set, filter } = options;
  return told('regression', options, context, async (observer): Promise<RunOutcome> => {
    const outcome = await unplaced(
      runSuite({
        suiteFile: 'regression.yaml',
        text: JSON.stringify(suite, null, 2),
        set,
        filter,
        ...measureOptions(options, context),
        observer,
      }),
    );
    if (outcome.summary === undefined) return outcome;
    const summary = judged(outcome.summary);
    const verdicts = verdictsOf(summary, outcome.folder);
    const failed = verdicts.some(({ verdict }) => verdict === 'failed' || verdict === 'not reached');
    const exitCode = outcome.exitCode === EXIT.ok && failed ? EXIT.cells : outcome.exitCode;
    return { ...outcome, summary, exitCode, text: verdictText(verdicts, outcome) };
  });
}

/** The suite that the options stand for. Every version that a platform names is a level of its own. */
export async function regressionSuite(
  { size, benchmark, platform, language, repetitions }: Omit<RegressionOptions, keyof RunCommandOptions>,
  { env }: Pick<CommandContext, 'env'>,
): Promise<Record<string, unknown>> {
  const types = platform.length === 0 ? [defaultPlatform()] : platform.flatMap((names) => names.split(','));
  const platforms = await Promise.all(types.map(async (type) => [type, await capabilitiesOf(type, env)] as const));
  const levels = languageLevels(platforms.map(([, capabilities]) => capabilities));
  const benchmarks = await benchmarksFor(benchmark);
  return {
    version: 1,
    name: `regression-${size}`.toLowerCase().replace(/[^a-z0-9.-]/g, '-'),
    description: 'Whether every benchmark answers correctly; too few calls for conclusions about time',
    platforms: Object.fromEntries(
      platforms.map(([type, { packageKinds }]) => [
        type,
        { type, ...(packageKinds.length > 1 ? { package: packageKinds } : {}) },
      ]),
    ),
    benchmarks: benchmarks.map(({ entry, benchmark: { file } }) => ({
      ...entry,
      input: size,
      language: levelsFor(file, levels, language),
    })),
    experiments: { regression: { type: 'perf-cost', starts: ['sequential'], repetitions } },
    order: { blocks: 1, lanes: 'platform' },
    unsupported: 'skip',
  };
}

async function capabilitiesOf(type: string, env: CommandContext['env']): Promise<Capabilities> {
  if (!platformTypes().includes(type))
    throw new UsageError(`there is no platform '${type}'`, { hint: `known platforms: ${platformTypes().join(', ')}` });
  const capabilities = await askPlatform(
    { platform: plainPlatform(type), env },
    async ({ driver }) => driver.capabilities,
  );
  if (!capabilities.bringsOwnFunction) return capabilities;
  throw new UsageError(`${type} runs what is deployed already, not the benchmarks`, {
    hint: 'name platforms that deploy functions: sebs list platforms',
  });
}

/** `language@version` of all that any of the platforms has, in the order in which they are met. */
function languageLevels(platforms: readonly Capabilities[]): Map<string, Set<string>> {
  const levels = new Map<string, Set<string>>();
  for (const { languages } of platforms)
    for (const [language, versions] of Object.entries(languages))
      for (const version of versions) levels.set(language, (levels.get(language) ?? new Set<string>()).add(version));
  return levels;
}

/** Those of the benchmark's languages; one that no platform has is named nevertheless, so that the plan says why not. */
function levelsFor(
  { languages }: Benchmark['file'],
  levels: ReadonlyMap<string, ReadonlySet<string>>,
  wanted: readonly string[],
): string[] {
  const all = Object.keys(languages).flatMap((language) => {
    const versions = [...(levels.get(language) ?? [])];
    return versions.length === 0 ? [language] : versions.map((version) => `${language}@${version}`);
  });
  const chosen = wanted.flatMap((names) => names.split(','));
  const kept = all.filter(
    (level) => chosen.length === 0 || chosen.includes(level) || chosen.includes(level.split('@')[0] ?? ''),
  );
  return kept.length === 0 ? chosen : kept;
}

/** Those that only experiments use are called too: they have to be right as well. */
async function benchmarksFor(
  named: readonly string[],
): Promise<{ entry: { id: string } | { path: string }; benchmark: Benchmark }[]> {
  const asked = named.length === 0 ? await benchmarkIds() : named.flatMap((names) => names.split(','));
  const ids = asked.filter((name) => !isPath(name));
  const { benchmarks } = await loadCatalogue({ paths: [], ids });
  return Promise.all(
    asked.map(async (name) => {
      const own = benchmarks.get(name);
      if (own !== undefined) return { entry: { id: name }, benchmark: own };
      const path = resolve(name);
      return { entry: { path }, benchmark: await loadBenchmark(basename(path), path) };
    }),
  );
}

function isPath(name: string): boolean {
  return /[/\\]/.test(name);
}

/** A cell fails here with its first wrong answer; a run of measurements would keep it with a failure rate. */
export function judged(summary: Summary): Summary {
  return { ...summary, cells: summary.cells.map(judgedCell) };
}

function judgedCell(cell: CellSummary): CellSummary {
  const { failed, timed_out, throttled, invalid_output } = cell.outcomes;
  const wrong = failed + timed_out + throttled + invalid_output;
  if (cell.status !== 'complete' || wrong === 0) return cell;
  const [first] = cell.failures ?? [];
  const reason = `${plural(wrong, 'wrong answer')} of ${cell.attempts.counted}${first === undefined ? '' : `: ${first.reason}`}`;
  return { ...cell, status: 'failed', reason };
}

function verdictsOf(summary: Summary, folder: RunFolder): Verdict[] {
  const deployments = new Map(readPlan(folder).cells.map((cell) => [cell.id, cell.deployments]));
  return [
    ...summary.cells.map(({ cell, status, reason, label }): Verdict => {
      const verdict = status === 'complete' ? 'passed' : status === 'not reached' ? status : 'failed';
      const logs = (deployments.get(cell) ?? []).map((id) => join(folder.logs, id)).filter((path) => existsSync(path));
      return { verdict, cell: label, reason, logs };
    }),
    ...summary.not_run.map(({ label, because, reason }): Verdict => {
      return { verdict: 'skipped', cell: label, reason: `${because}: ${reason}`, logs: [] };
    }),
  ];
}

/** The table, then what went wrong with all its lines, then the counts. */
function verdictText(verdicts: readonly Verdict[], { runId, folder }: RunOutcome): string {
  const rows = verdicts.map(({ verdict, cell, reason }) => {
    const [first = ''] = (reason ?? '').split('\n');
    return [verdict, cell, plainLine(first)];
  });
  const count = (wanted: Verdict['verdict']) => verdicts.filter(({ verdict }) => verdict === wanted).length;
  const counts = (['passed', 'failed', 'skipped', 'not reached'] as const).map((one) => [count(one), one] as const);
  const failures = verdicts.filter(({ verdict }) => verdict === 'failed');
  return [
    table(['verdict', 'cell', 'reason'], rows),
    ...failures.flatMap(({ cell, reason, logs }) => [
      '',
      `${cell}:`,
      ...(reason ?? 'no reason was recorded').split('\n').map((line) => `  ${plainLine(line)}`),
      ...logs.map((path) => `  log: ${path}`),
    ]),
    '',
    counts.flatMap(([n, what]) => (n === 0 && what === 'not reached' ? [] : [`${n} ${what}`])).join(', '),
    `Run: ${runId}`,
    `Report: ${folder.report}`,
  ].join('\n');
}
