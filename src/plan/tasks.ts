// Stage 2, tasks: cells, packages and deployments -> the task DAG. A task's id is its kind and the hash of its content
// and of the ids it needs, so a change upstream renames everything downstream and nothing else. Pure.
import type { Catalogue } from '../benchmarks/catalogue.js';
import type { Cell, PlannedDeployment, PlannedPackage, Task } from '../generated/plan.js';
import { shortHash } from '../hash.js';
import { plural } from '../units.js';
import { topologicalOrder } from './graph.js';

export function tasksOf(
  cells: readonly Cell[],
  packages: readonly PlannedPackage[],
  deployments: readonly PlannedDeployment[],
  catalogue: Catalogue,
): Task[] {
  const byId = new Map(packages.map((planned) => [planned.id, planned]));
  const platforms = [...new Set(cells.map((cell) => cell.platform))];
  const provision = new Map(
    platforms.map((platform) => [platform, task('provision', `Prepare ${platform}`, [], { platform })]),
  );
  const packaging = new Map(
    packages.map((planned) => [
      planned.id,
      task('package', packageTitle(planned), [], { platform: planned.platform, package: planned.id }),
    ]),
  );
  const uploads = uploadTasks(cells, provision, catalogue);
  const deploys = new Map(
    deployments.map((planned) => [
      planned.id,
      task(
        'deploy',
        deployTitle(planned, byId.get(planned.package ?? '')),
        idsOf([provision.get(planned.platform), packaging.get(planned.package ?? '')]),
        {
          platform: planned.platform,
          deployment: planned.id,
          ...(planned.package === null ? {} : { package: planned.package }),
        },
      ),
    ]),
  );
  const measures = measureTasks(cells, deploys, uploads);
  const measured = measures.map(({ id }) => id);
  const collects = platforms.map((platform) =>
    task('collect', `Collect metrics of ${platform}`, measured, { platform }),
  );
  const teardowns = collects.map(({ id, platform }) =>
    task('teardown', `Remove from ${platform}`, [id], platform === undefined ? {} : { platform }),
  );
  const summarise = task('summarise', 'Summarise', idsOf(collects), {});
  const report = task('report', 'Write the report', [summarise.id], {});
  return topologicalOrder([
    ...provision.values(),
    ...packaging.values(),
    ...uploads.values(),
    ...deploys.values(),
    ...measures,
    ...collects,
    ...teardowns,
    summarise,
    report,
  ]);
}

function task(
  kind: Task['kind'],
  title: string,
  needs: string[],
  about: Omit<Task, 'id' | 'kind' | 'title' | 'needs'>,
): Task {
  return { id: `${kind}-${shortHash({ kind, needs, about })}`, kind, title, needs, ...about };
}

function idsOf(tasks: readonly (Task | undefined)[]): string[] {
  return tasks.flatMap((found) => (found === undefined ? [] : [found.id]));
}

/** One for each input of each benchmark on each platform; keyed by all three. */
function uploadTasks(
  cells: readonly Cell[],
  provision: ReadonlyMap<string, Task>,
  catalogue: Catalogue,
): Map<string, Task> {
  const uploads = new Map<string, Task>();
  for (const { platform, benchmark, input } of cells) {
    const key = uploadKey(platform, benchmark, input);
    if (benchmark === null || input === null || uploads.has(key)) continue;
    const stored = catalogue.benchmarks.get(benchmark)?.file.modules?.includes('storage') ?? false;
    const title = `${stored ? 'Upload' : 'Make'} input ${input} of ${benchmark}`;
    uploads.set(key, task('upload', title, idsOf([provision.get(platform)]), { platform, benchmark, input }));
  }
  return uploads;
}

export function uploadKey(platform: string, benchmark: string | null, input: string | null): string {
  return `${platform}/${benchmark}/${input}`;
}

/** One row per platform and experiment; the order of blocks inside is the scheduler's, over all of them. */
function measureTasks(
  cells: readonly Cell[],
  deploys: ReadonlyMap<string, Task>,
  uploads: ReadonlyMap<string, Task>,
): Task[] {
  const rows = new Map<string, { experiment: string; platform: string; needs: Set<string>; cells: number }>();
  for (const cell of cells) {
    const key = measureKey(cell);
    const row = rows.get(key) ?? {
      experiment: cell.experiment,
      platform: cell.platform,
      needs: new Set<string>(),
      cells: 0,
    };
    rows.set(key, row);
    row.cells += 1;
    const upload = uploads.get(uploadKey(cell.platform, cell.benchmark, cell.input));
    for (const id of idsOf([upload, ...cell.deployments.map((deployment) => deploys.get(deployment))]))
      row.needs.add(id);
  }
  return [...rows.values()].map(({ experiment, platform, needs, cells: count }) =>
    task('measure', `Measure ${experiment} on ${platform} (${plural(count, 'cell')})`, [...needs], {
      experiment,
      platform,
    }),
  );
}

export function measureKey(cell: Pick<Cell, 'experiment' | 'platform'>): string {
  return `${cell.experiment}/${cell.platform}`;
}

function packageTitle(planned: PlannedPackage): string {
  return `Package ${planned.benchmark} for ${planned.language} ${planned.language_version} (${planned.platform})`;
}

function deployTitle(planned: PlannedDeployment, made: PlannedPackage | undefined): string {
  if (planned.benchmark === null) return `Take over the function of ${planned.platform}`;
  const memory = planned.memory_mb === null ? '' : `, ${planned.memory_mb} MB`;
  return `Deploy ${planned.benchmark} ${made?.language ?? ''} ${made?.language_version ?? ''}${memory} to ${planned.platform}`;
}
