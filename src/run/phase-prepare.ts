// Stage 3, first phase: packages, inputs and deployments, everything that can be done before the first measurement. Comes
// in: the task DAG; goes out: the cells that are ready, and the others ended with the reason.
import { validateOutput } from '../benchmarks/input.js';
import { experimentParts } from '../experiments/registry.js';
import type { Cell } from '../generated/plan.js';
import { uploadKey } from '../plan/tasks.js';
import type { Endpoint } from '../platforms/driver.js';
import { plural } from '../units.js';
import type { Target } from './batch.js';
import type { Part } from './execution.js';
import type { Preparation } from './prepare.js';
import type { ReadyCell, Site } from './scheduler.js';
import { platformOf, type RunState } from './state.js';
import type { Phase, Row, RowEnd } from './terminal.js';

/** Rows of one phase above which they become a single row with a counter. */
const MOST_ROWS = 24;
const PREPARED_AT_ONCE = 4;

export function preparePhase(preparation: Preparation): Phase {
  return { title: 'Prepare', concurrency: PREPARED_AT_ONCE, rows: () => preparationRows(preparation) };
}

function preparationRows(preparation: Preparation): Row[] {
  const { tasks } = preparation;
  if (tasks.length <= MOST_ROWS)
    return tasks.map((task) => ({
      title: task.title,
      work: async () => withoutTitle(await preparation.run(task), task.title),
    }));
  return [
    {
      title: plural(tasks.length, 'package, input or deployment', 'packages, inputs and deployments'),
      work: (show) => runManyInOneRow(preparation, show),
    },
  ];
}

/** The reason names the task, for the cells that it ends; beside the task itself that is said already. */
function withoutTitle(end: RowEnd, title: string): RowEnd {
  if (end.state !== 'failed' || !end.reason.startsWith(`${title}: `)) return end;
  return { ...end, reason: end.reason.slice(title.length + 2) };
}

/** Too many to have a row each: a few at a time, with a counter; says how many failed. */
async function runManyInOneRow(preparation: Preparation, show: (line: string) => void): Promise<RowEnd> {
  const { tasks } = preparation;
  const queue = [...tasks];
  let done = 0;
  let failed = 0;
  const every = Math.ceil(tasks.length / 20);
  const worker = async () => {
    for (let task = queue.shift(); task !== undefined; task = queue.shift()) {
      if ((await preparation.run(task)).state !== 'done') failed += 1;
      done += 1;
      if (done % every === 0) show(`${done} of ${tasks.length}`);
    }
  };
  await Promise.all(Array.from({ length: PREPARED_AT_ONCE * 2 }, worker));
  return failed === 0 ? { state: 'done' } : { state: 'failed', reason: `${failed} of ${tasks.length} failed` };
}

/** Fills in the cells that can be measured; a cell whose preparation failed ends here, with the reason. */
export async function readyCells(state: RunState, preparation: Preparation, part: Part): Promise<void> {
  const failures = new Map<string, string>();
  for (const task of preparation.tasks) {
    const end = preparation.endOf(task.id);
    if (end !== undefined && end.state !== 'done') failures.set(task.id, end.reason);
  }
  const deployTasks = new Map(
    preparation.tasks.flatMap((task) => (task.deployment === undefined ? [] : [[task.deployment, task.id]])),
  );
  const uploadTasks = new Map(
    preparation.tasks.flatMap((task) =>
      task.kind === 'upload'
        ? [[uploadKey(task.platform ?? '', task.benchmark ?? null, task.input ?? null), task.id]]
        : [],
    ),
  );
  for (const cell of state.plan.cells) {
    if (part.cells.has(cell.id)) continue;
    const needs = [
      ...cell.deployments.map((id) => deployTasks.get(id)),
      uploadTasks.get(uploadKey(cell.platform, cell.benchmark, cell.input)),
    ];
    const reason = needs.map((id) => failures.get(id ?? '')).find((found) => found !== undefined);
    if (reason === undefined) part.ready.set(cell.id, await readyCell(cell, state));
    else if (!state.drain.aborted) failCell(cell, reason, state, part);
  }
}

function failCell(cell: Cell, reason: string, state: RunState, part: Part): void {
  const end = { status: 'failed', reason } as const;
  state.journal.append({ type: 'cell_ended', part: state.part, at: new Date().toISOString(), cell: cell.id, ...end });
  part.cells.set(cell.id, end);
}

async function readyCell(cell: Cell, state: RunState): Promise<ReadyCell> {
  const { driver } = platformOf(state, cell.platform);
  const sites = cell.deployments.map(async (id): Promise<Site> => {
    const deployment = state.deployments.get(id);
    if (deployment === undefined) throw new Error(`cell ${cell.id} is ready without its deployment`);
    const endpoint = await driver.endpoint(deployment, cell.trigger);
    return { deployment, target: { cell, deployment: id, endpoint, ...sentAndJudged(cell, endpoint, state) } };
  });
  const measure = await experimentParts(cell.experiment_type).measure();
  return { cell, driver, measure, sites: await Promise.all(sites) };
}

/** What is sent, and who says whether the output is right: the benchmark, unless the platform has a word of its own. */
function sentAndJudged(cell: Cell, endpoint: Endpoint, state: RunState): Pick<Target, 'body' | 'validate'> {
  const { judge, body = new Uint8Array() } = endpoint;
  const own = async (output: unknown) => judge?.(output) ?? null;
  if (cell.benchmark === null) return { body, validate: own };
  const input = state.inputs.get(uploadKey(cell.platform, cell.benchmark, cell.input));
  if (input === undefined) throw new Error(`cell ${cell.id} is ready without its input`);
  const storage = state.storages.get(cell.platform) ?? null;
  return {
    body: input.body,
    validate:
      judge === undefined
        ? (output, answer) =>
            validateOutput({
              input,
              output,
              answer,
              storage,
              nosql: state.nosqls.get(cell.platform) ?? null,
              ...(cell.language === null ? {} : { language: cell.language }),
            })
        : own,
  };
}
