// Steps 1 and 2 of run-suite.ts in detail: a suite's file -> everything that planning needs -> its plan. Comes in: what
// the user gave; goes out: values, or one SpecError with all that is wrong and where.
import { benchmarkIds, type Catalogue, loadCatalogue } from './benchmarks/catalogue.js';
import { type Problem, SpecError, UsageError } from './errors.js';
import type { Plan } from './generated/plan.js';
import type { PlanProblem } from './plan/cells.js';
import { exceededLimits } from './plan/estimate.js';
import { makePlan } from './plan/plan.js';
import { standInFor } from './platforms/registry.js';
import type { OpenPlatform } from './run/state.js';
import { formatPath } from './spec/finding.js';
import { loadSuite } from './spec/load.js';
import type { LoadedSuite } from './spec/resolved.js';
import { checkAgainstCatalogue } from './spec/rules.js';

export interface SuiteSource {
  /** As the user gave it; also the name in messages when `text` is there. */
  suiteFile: string;
  /** A suite that is in no file. */
  text?: string;
  /** What the command line changes: `factors.memory=[128]`. */
  set?: readonly string[];
  /** Which cells the command line keeps: `platform=docker`. */
  filter?: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  cacheDir: string;
  /** Rehearse: every platform is replaced by a model of it. */
  simulate?: boolean;
}

export interface ReadSuite {
  loaded: LoadedSuite;
  catalogue: Catalogue;
  rehearsal: boolean;
}

/** Throws SpecError with every mistake that shows without looking at the platforms. */
export async function readSuite(source: SuiteSource): Promise<ReadSuite> {
  const { suiteFile, text, env, set = [], filter = [], simulate = false } = source;
  const loaded = await loadSuite({
    file: suiteFile,
    ...(text === undefined ? {} : { text }),
    env,
    set,
    filter,
    benchmarkIds: await benchmarkIds(),
  });
  const { benchmarks } = loaded.suite;
  const catalogue = await loadCatalogue({
    paths: benchmarks.flatMap(({ id, path }) => (path === undefined ? [] : [{ id, path }])),
    ids: benchmarks.flatMap(({ id, path }) => (path === undefined ? [id] : [])),
  });
  const problems = checkAgainstCatalogue(loaded, catalogue);
  if (problems.length > 0) throw new SpecError(problems);
  return { loaded: simulate ? await rehearsed(loaded) : loaded, catalogue, rehearsal: simulate };
}

async function rehearsed(loaded: LoadedSuite): Promise<LoadedSuite> {
  const platforms = await Promise.all(loaded.suite.platforms.map(standInFor));
  return { ...loaded, suite: { ...loaded.suite, platforms } };
}

/** Throws SpecError with what shows only when suite, benchmarks and platforms come together. */
export function planOf({ loaded, catalogue }: ReadSuite, platforms: ReadonlyMap<string, OpenPlatform>): Plan {
  const facts = loaded.suite.platforms.map((entry) => {
    const open = platforms.get(entry.id);
    if (open === undefined) throw new Error(`platform ${entry.id} was not opened`);
    return { entry, capabilities: open.driver.capabilities, lacks: open.lacks };
  });
  const { plan, problems } = makePlan(loaded.suite, catalogue, facts);
  if (problems.length > 0) throw new SpecError(problems.map((problem) => located(problem, loaded)));
  return plan;
}

function located({ path, message, hint }: PlanProblem, loaded: LoadedSuite): Problem {
  return { ...loaded.locate(path), path: formatPath(path), message, ...(hint === undefined ? {} : { hint }) };
}

/** A run that cannot stay within its limits is not begun, unless the user wants what fits into them. */
export function refuseAboveLimits(plan: Plan, yes: boolean): void {
  const exceeded = exceededLimits(plan);
  if (exceeded.length === 0 || yes) return;
  throw new UsageError(`the suite takes ${exceeded.join('; and ')}`, {
    hint: 'cut levels or repetitions, raise the limit, or run what fits into it with --yes',
  });
}
