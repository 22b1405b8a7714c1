// Stage 3, preparation: what the tasks provision, package, upload and deploy do, each once its needs are met. Comes in:
// a task of the plan; goes out: an entry in the run's state. A task that throws fails the cells that need it.
import type { Benchmark } from '../../benchmarks/catalogue.js';
import { prepareInput } from '../../benchmarks/input.js';
import type { Plan, PlannedDeployment, PlannedPackage, Task } from '../../generated/plan.js';
import { uploadKey } from '../../plan/tasks.js';
import { note, platformOf, type RunState } from '../state.js';

type TaskWork = (task: Task, state: RunState) => Promise<void>;

export const PREPARATION: Partial<Record<Task['kind'], TaskWork>> = {
  provision,
  package: buildPackage,
  upload,
  deploy,
};

/** The platform looks at its resources; buckets and tables are made where a benchmark uses them. */
async function provision(task: Task, state: RunState): Promise<void> {
  const platform = platformOf(state, task.platform);
  const { sharesClientHost, prices } = platform.driver.capabilities;
  state.facts.set(platform.id, {
    type: platform.type,
    sharesClientHost,
    ...(prices === undefined ? {} : { prices }),
    ...(await platform.driver.prepare()),
  });
  const benchmarks = benchmarksOn(platform.id, state);
  if (benchmarks.some((benchmark) => needs(benchmark, 'storage'))) {
    const storage = await platform.openStorage();
    state.storages.set(platform.id, storage);
    state.homes.set(platform.id, await storage.openHome());
  }
  const withTables = benchmarks.filter((benchmark) => needs(benchmark, 'nosql'));
  if (withTables.length === 0) return;
  const nosql = await platform.openNosql();
  state.nosqls.set(platform.id, nosql);
  for (const { id, file } of withTables)
    for (const [name, keys] of Object.entries(file.tables ?? {}))
      await nosql.createTable(nosql.tableOf(id, name), keys);
}

async function buildPackage(task: Task, state: RunState): Promise<void> {
  const planned = plannedPackage(state.plan, task.package);
  const { driver } = platformOf(state, task.platform);
  state.packages.set(planned.id, await driver.buildPackage({ package: planned, catalogue: state.catalogue }));
}

async function upload(task: Task, state: RunState): Promise<void> {
  const { platform = '', benchmark: id = '', input = '' } = task;
  const benchmark = state.catalogue.benchmarks.get(id);
  if (benchmark === undefined) throw new Error(`the plan names benchmark ${id}, which is not in the catalogue`);
  const storage = state.storages.get(platform) ?? null;
  const own = state.plan.events?.[input];
  const options = {
    benchmark,
    size: input,
    ...(own === undefined ? {} : { own }),
    seed: state.plan.seed,
    storage,
    home: state.homes.get(platform) ?? null,
    nosql: state.nosqls.get(platform) ?? null,
    signal: state.drain,
  };
  state.inputs.set(uploadKey(platform, id, input), await prepareInput(options));
}

async function deploy(task: Task, state: RunState): Promise<void> {
  const deployment = plannedDeployment(state.plan, task.deployment);
  if (deployment.package === null) return adopt(deployment, state);
  const planned = plannedPackage(state.plan, deployment.package);
  const code = state.packages.get(planned.id);
  if (code === undefined) throw new Error(`deploy ran before package ${planned.id}`);
  const { driver } = platformOf(state, task.platform);
  const { storageView: view } = driver.capabilities;
  const environment = {
    ...state.storages.get(deployment.platform)?.functionEnv(view),
    ...state.nosqls.get(deployment.platform)?.functionEnv(view, planned.benchmark),
  };
  const deployed = await driver.deploy({ deployment, package: planned, code, environment });
  state.deployments.set(deployment.id, deployed);
  if (deployed.reportedSha256 !== undefined && deployed.reportedSha256 !== code.sha256)
    note(
      state,
      'warning',
      `${deployed.resource.id}: the platform reports other code than was built (${deployed.reportedSha256})`,
    );
}

/** The function is there already. */
async function adopt(deployment: PlannedDeployment, state: RunState): Promise<void> {
  const { driver } = platformOf(state, deployment.platform);
  if (driver.adopt === undefined) throw new Error(`${deployment.platform} brings its own function and takes over none`);
  state.deployments.set(deployment.id, await driver.adopt(deployment));
}

function benchmarksOn(platform: string, { plan, catalogue }: RunState): Benchmark[] {
  const here = plan.deployments.filter((deployment) => deployment.platform === platform);
  const ids = new Set(here.flatMap(({ benchmark }) => (benchmark === null ? [] : [benchmark])));
  return [...ids].flatMap((id) => catalogue.benchmarks.get(id) ?? []);
}

function needs({ file }: Benchmark, module: 'storage' | 'nosql'): boolean {
  return file.modules?.includes(module) ?? false;
}

function plannedPackage(plan: Plan, id: string | undefined): PlannedPackage {
  const found = plan.packages.find((planned) => planned.id === id);
  if (found === undefined) throw new Error(`the plan has no package ${id}`);
  return found;
}

function plannedDeployment(plan: Plan, id: string | undefined): PlannedDeployment {
  const found = plan.deployments.find((planned) => planned.id === id);
  if (found === undefined) throw new Error(`the plan has no deployment ${id}`);
  return found;
}
