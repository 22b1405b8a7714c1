// Stage 3, what a run holds while it goes: the platforms with their drivers (handed in), and what preparation has made
// so far. Tasks fill it, measuring reads it, teardown empties it.

import type { Catalogue } from '../benchmarks/catalogue.js';
import type { PreparedInput } from '../benchmarks/input.js';
import type { CodePackage } from '../benchmarks/package.js';
import type { Clock } from '../clock.js';
import { messageOf } from '../errors.js';
import type { Invocation } from '../generated/invocation.js';
import type { JournalLine, TaskLine } from '../generated/journal.js';
import type { ResourceRef } from '../generated/ledger.js';
import type { Plan, Task } from '../generated/plan.js';
import type { Lacks } from '../plan/support.js';
import type { Deployment, PlatformDriver } from '../platforms/driver.js';
import type { RunFolder } from '../results/run-folder.js';
import type { NosqlStorage } from '../storage/nosql.js';
import type { ObjectStorage, RunHome } from '../storage/storage.js';
import type { AppendLog } from './append-log.js';
import type { OpenLedger } from './ledger.js';
import type { Places, Shorten } from './places.js';
import type { RowEnd } from './terminal.js';

/** One platform of the suite, opened. */
export interface OpenPlatform {
  id: string;
  type: string;
  driver: PlatformDriver;
  /** Stores that the suite names and that cannot be had. */
  lacks: Lacks;
  /** Opens its storage; called once, after `driver.prepare`, and only when a benchmark needs one. */
  openStorage(): Promise<ObjectStorage>;
  /** Likewise for NoSQL storage. */
  openNosql(): Promise<NosqlStorage>;
  /** Removes one resource, whoever made it: the driver, a storage or the server of one. */
  remove(resource: ResourceRef): Promise<void>;
  /** Everything that carries our tag, of one run or of all, whoever made it. */
  list(runId?: string): Promise<readonly (ResourceRef & { runId: string })[]>;
}

export interface RunState {
  folder: RunFolder;
  plan: Plan;
  catalogue: Catalogue;
  platforms: ReadonlyMap<string, OpenPlatform>;
  part: number;
  clock: Clock;
  journal: AppendLog<JournalLine>;
  invocations: AppendLog<Invocation>;
  ledger: OpenLedger;
  /** First signal: begin nothing new. */
  drain: AbortSignal;
  storages: Map<string, ObjectStorage>;
  /** Where this run keeps its objects, by platform. */
  homes: Map<string, RunHome>;
  nosqls: Map<string, NosqlStorage>;
  packages: Map<string, CodePackage>;
  /** By `uploadKey`. */
  inputs: Map<string, PreparedInput>;
  deployments: Map<string, Deployment>;
  /** What the platforms said of themselves, for the manifest. */
  facts: Map<string, Readonly<Record<string, unknown>>>;
  /** Attempts by role, and counted ones by outcome, of all parts. */
  attempts: Record<string, number>;
  warnings: string[];
  /** What texts in the run folder must not tell, and the function that takes it out of them. */
  places: Places;
  shorten: Shorten;
}

export function platformOf(state: RunState, id: string | undefined): OpenPlatform {
  const platform = state.platforms.get(id ?? '');
  if (platform === undefined) throw new Error(`the plan names platform ${id}, which is not open`);
  return platform;
}

/** One step of a task of the plan. */
export function journalTask(
  state: RunState,
  task: Pick<Task, 'id'>,
  taskState: TaskLine['state'],
  more: { us?: number; detail?: string } = {},
): void {
  const at = new Date().toISOString();
  state.journal.append({ type: 'task', part: state.part, at, task: task.id, state: taskState, ...more });
}

/** The task of a kind that a platform has; a platform none of whose cells is planned has none. */
export function taskOf(state: RunState, kind: Task['kind'], platform: string): Task | undefined {
  return state.plan.tasks.find((task) => task.kind === kind && task.platform === platform);
}

/** Does a row's work with the lines of its task around it. */
export async function asTask(state: RunState, task: Task | undefined, work: () => Promise<RowEnd>): Promise<RowEnd> {
  if (task === undefined) return work();
  const started = performance.now();
  const us = () => Math.round((performance.now() - started) * 1000);
  journalTask(state, task, 'started');
  try {
    const end = await work();
    const detail = end.state === 'done' ? end.detail : end.reason;
    journalTask(state, task, end.state, { us: us(), ...(detail === undefined ? {} : { detail }) });
    return end;
  } catch (error) {
    journalTask(state, task, 'failed', { us: us(), detail: messageOf(error) });
    throw error;
  }
}

export function note(state: RunState, level: 'info' | 'warning' | 'error', text: string): void {
  state.journal.append({ type: 'note', part: state.part, at: new Date().toISOString(), level, text });
  if (level !== 'info') state.warnings.push(text);
}
