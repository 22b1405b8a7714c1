// Platform `process`, finding what is ours: everything that it makes carries the run's id, processes in their
// environment, directories and cgroups in their name. Comes in: the tags to look for; goes out: what carries them, by
// looking at the host and never by memory, so that a later process finds the same.
import { processesWith } from '../../host/tagged.js';

export const RUN_TAG = 'SEBS_RUN';
export const PLATFORM_TAG = 'SEBS_PLATFORM';
export const SANDBOX_TAG = 'SEBS_SANDBOX_ID';

export interface TaggedProcess {
  pid: number;
  runId: string;
  /** Absent when the process was started with our run id alone. */
  platformId?: string;
}

const NAME_START = 'sebs-run=';

/** Name of a directory or cgroup of one platform in one run; `nameTags` reads it again. */
export function taggedName(runId: string, platformId: string): string {
  return `${NAME_START}${encodeURIComponent(runId)}@${encodeURIComponent(platformId)}`;
}

/** What a name made by `taggedName` says; undefined for every other name. */
export function nameTags(name: string): { runId: string; platformId: string } | undefined {
  const parts = name.startsWith(NAME_START) ? name.slice(NAME_START.length).split('@') : [];
  const [runId, platformId] = parts;
  if (parts.length !== 2 || runId === undefined || platformId === undefined) return undefined;
  try {
    return { runId: decodeURIComponent(runId), platformId: decodeURIComponent(platformId) };
  } catch {
    return undefined;
  }
}

/** Every process that carries a run id. Empty where there is no /proc. Processes of other users cannot be seen. */
export function taggedProcesses(): TaggedProcess[] {
  return processesWith((value) => {
    const runId = value(RUN_TAG);
    if (runId === undefined) return undefined;
    const platformId = value(PLATFORM_TAG);
    return { runId, ...(platformId === undefined ? {} : { platformId }) };
  });
}

/** Pids of the processes of one run and platform; one that names no platform belongs to each. */
export function processesOfRun(runId: string, platformId: string): number[] {
  return taggedProcesses()
    .filter((found) => found.runId === runId && (found.platformId ?? platformId) === platformId)
    .map(({ pid }) => pid);
}

/** Pids of the processes that one sandbox started and that left its process group. */
export function processesOfSandbox(sandboxId: string): number[] {
  return processesWith((value) => (value(SANDBOX_TAG) === sandboxId ? {} : undefined)).map(({ pid }) => pid);
}
