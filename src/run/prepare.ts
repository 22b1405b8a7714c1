// Stage 3, running the preparation part of the task DAG: every task starts when what it needs is done, and is skipped
// when that failed. Comes in: the plan's tasks; goes out: for each the promise of its end, which the rows of the
// terminal await. The planner owns the graph; listr2 only shows it.
import { messageOf } from '../errors.js';
import type { Cell, Plan, Task } from '../generated/plan.js';
import { uploadKey } from '../plan/tasks.js';
import { journalTask, type RunState } from './state.js';
import { PREPARATION } from './tasks/prepare.js';

export type TaskEnd = { state: 'done' } | { state: 'failed' | 'skipped'; reason: string };

export interface Preparation {
  tasks: readonly Task[];
  /** Runs one task once its needs have ended; each task is run once, however often it is asked for. */
  run(task: Task): Promise<TaskEnd>;
  /** How a task ended; undefined while it has not. */
  endOf(id: string): TaskEnd | undefined;
}

/** The preparation of these cells; the others need none any more. */
export function preparationOf(state: RunState, cells: readonly Cell[]): Preparation {
  const tasks = tasksFor(state.plan, cells);
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const promises = new Map<string, Promise<TaskEnd>>();
  const ends = new Map<string, TaskEnd>();

  function run(task: Task): Promise<TaskEnd> {
    const known = promises.get(task.id);
    if (known !== undefined) return known;
    const promise = perform(task).then((end) => {
      ends.set(task.id, end);
      return end;
    });
    promises.set(task.id, promise);
    return promise;
  }

  async function perform(task: Task): Promise<TaskEnd> {
    const needs = await Promise.all(task.needs.flatMap((id) => byId.get(id) ?? []).map(run));
    const missing = needs.filter((end) => end.state !== 'done')[0];
    if (missing !== undefined) return finish(task, { state: 'skipped', reason: missing.reason });
    if (state.drain.aborted) return finish(task, { state: 'skipped', reason: 'the run was stopped' });
    const started = performance.now();
    journalTask(state, task, 'started');
    try {
      await PREPARATION[task.kind]?.(task, state);
      return finish(task, { state: 'done' }, started);
    } catch (error) {
      if (state.drain.aborted) return finish(task, { state: 'skipped', reason: 'the run was stopped' }, started);
      return finish(task, { state: 'failed', reason: `${task.title}: ${messageOf(error)}` }, started);
    }
  }

  function finish(task: Task, end: TaskEnd, started?: number): TaskEnd {
    const us = started === undefined ? {} : { us: Math.round((performance.now() - started) * 1000) };
    journalTask(state, task, end.state, { ...us, ...(end.state === 'done' ? {} : { detail: end.reason }) });
    return end;
  }

  return { tasks, run, endOf: (id) => ends.get(id) };
}

/** What the cells need, and what that needs, in the order of the plan. */
function tasksFor(plan: Plan, cells: readonly Cell[]): Task[] {
  const deployments = new Set(cells.flatMap((cell) => cell.deployments));
  const uploads = new Set(cells.map((cell) => uploadKey(cell.platform, cell.benchmark, cell.input)));
  const needed = new Set<string>();
  // Needs come before what needs them, so one walk from the end finds all.
  for (const task of plan.tasks.toReversed()) {
    const wanted =
      (task.kind === 'deploy' && deployments.has(task.deployment ?? '')) ||
      (task.kind === 'upload' &&
        uploads.has(uploadKey(task.platform ?? '', task.benchmark ?? null, task.input ?? null)));
    if (!wanted && !needed.has(task.id)) continue;
    needed.add(task.id);
    for (const need of task.needs) needed.add(need);
  }
  return plan.tasks.filter(({ id, kind }) => needed.has(id) && PREPARATION[kind] !== undefined);
}
