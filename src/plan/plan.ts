// Stage 2: ResolvedSuite + catalogue + capabilities -> Plan, a task DAG as plain data. Pure: the same input gives the
// same bytes. Cells, deployments, packages and tasks are named by the hash of what they are made of, so equal work is
// planned once.
import type { Catalogue } from '../benchmarks/catalogue.js';
import type { Cell, Plan } from '../generated/plan.js';
import { hashOf, shortHash } from '../hash.js';
import type { ResolvedSuite } from '../spec/resolved.js';
import { baselinesOf } from './baselines.js';
import { expandCells, type PlanProblem, type PlatformFacts } from './cells.js';
import { deploymentsFor } from './deployments.js';
import { estimateOf } from './estimate.js';
import { tasksOf } from './tasks.js';

export interface Planned {
  plan: Plan;
  /** Mistakes of the suite that only planning finds; with any, the plan must not be run. */
  problems: PlanProblem[];
}

export function makePlan(suite: ResolvedSuite, catalogue: Catalogue, platforms: readonly PlatformFacts[]): Planned {
  const { cells: expanded, skipped, excluded, problems } = expandCells(suite, catalogue, platforms);
  const made = deploymentsFor(suite, catalogue);
  const cells = expanded.flatMap(({ id, settings, repetitions, control }): Cell[] => {
    const cell = { id, ...settings, repetitions, deployments: made.of(settings) };
    if (!control) return [cell];
    return [cell, { ...cell, id: shortHash({ control_of: id }), control_of: id, deployments: made.ofCopy(settings) }];
  });
  const { packages, deployments } = made.all();
  const compared = baselinesOf(cells, suite.report.baseline, platforms);
  const capabilities = new Map(platforms.map(({ entry, capabilities: found }) => [entry.id, found]));
  const used = new Set(cells.map((cell) => cell.platform));
  const simulated = [...used].filter((id) => capabilities.get(id)?.isModel === true);
  const plan: Plan = {
    schema_version: 1,
    suite: {
      name: suite.name,
      ...(suite.description === undefined ? {} : { description: suite.description }),
      sha256: suiteHash(suite),
    },
    seed: suite.seed,
    order: suite.order,
    limits: suite.limits,
    unsupported: suite.unsupported,
    teardown: suite.teardown,
    platforms: suite.platforms.filter(({ id }) => used.has(id)).map(({ id, type, options }) => ({ id, type, options })),
    ...(simulated.length === 0 ? {} : { simulated }),
    packages,
    deployments,
    cells,
    skipped,
    ...(excluded.length === 0 ? {} : { excluded }),
    ...(suite.events === undefined ? {} : { events: suite.events }),
    tasks: tasksOf(cells, packages, deployments, catalogue),
    estimate: estimateOf(cells, suite.order, capabilities),
    report: suite.report,
    ...(compared === null ? {} : { baselines: compared.baselines }),
  };
  return { plan, problems: [...problems, ...(compared?.problems ?? []), ...unsupportedProblems(plan)] };
}

/** Where a user's own benchmark lies on this machine does not change what the suite is. */
function suiteHash(suite: ResolvedSuite): string {
  return hashOf({ ...suite, benchmarks: suite.benchmarks.map(({ path: _path, ...rest }) => rest) });
}

function nothingLeft({ skipped, excluded = [] }: Plan): PlanProblem {
  const left = [...excluded, ...skipped];
  const [first] = left;
  if (first === undefined)
    return { path: ['experiments'], message: 'nothing is left to run: no experiment has a platform and a benchmark' };
  const reasons = [...new Set(left.map(({ reason }) => reason))].join('; ');
  return {
    path: first.path ?? [],
    message: `nothing is left to run: all ${left.length} cells are left out (${reasons})`,
  };
}

/** With `unsupported: error` each cell that cannot be measured is a mistake; with `skip`, only having none left is. */
function unsupportedProblems(plan: Plan): PlanProblem[] {
  const unsupported = plan.skipped.filter(({ because }) => because !== 'excluded');
  const distinct = new Map(unsupported.map((cell) => [cell.reason, cell]));
  if (plan.unsupported === 'skip' && plan.cells.length > 0) return [];
  if (unsupported.length === 0 && plan.cells.length === 0) return [nothingLeft(plan)];
  return [...distinct.values()].map((cell) => ({
    path: cell.path ?? [],
    message: `${cell.label}: ${cell.reason}`,
    ...(plan.unsupported === 'skip'
      ? { hint: 'nothing is left to run' }
      : { hint: 'leave it out, or set unsupported: skip to run the rest' }),
  }));
}
