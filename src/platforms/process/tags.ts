// Platform `process`, finding what is ours: everything that it makes carries the run's id, processes in their
// environment, directories and cgroups in their name. Comes in: the tags to look for; goes out: what carries them, by
// looking at the host and never by memory, so that a later process finds the same.
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

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
  return environments((environment) => {
    const runId = valueIn(environment, RUN_TAG);
    if (runId === undefined) return undefined;
    const platformId = valueIn(environment, PLATFORM_TAG);
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
  return environments((text) => (valueIn(text, SANDBOX_TAG) === sandboxId ? {} : undefined)).map(({ pid }) => pid);
}

/**
 * Kills what `find` finds until it finds nothing, since what is killed may be starting more. Returns what is left at
 * the deadline.
 */
export async function killAll(find: () => number[], deadlineMs = 5_000): Promise<number[]> {
  const until = performance.now() + deadlineMs;
  for (let wait = 1; ; wait = Math.min(wait * 2, 50)) {
    const left = find();
    for (const pid of left) kill(pid);
    if (left.length === 0 || performance.now() > until) return left;
    await delay(wait);
  }
}

/**
 * SIGKILL; a negative pid is a process group. That it is gone already, or is a group of which only the dead are left
 * (EPERM on macOS), is success; whoever needs to know what lives looks again.
 */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

/** Numbers of all processes but this one. */
export function allPids(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => pid !== process.pid);
  } catch {
    return [];
  }
}

function environments<T extends object>(read: (environment: string) => T | undefined): (T & { pid: number })[] {
  return allPids().flatMap((pid) => {
    const environment = readOrEmpty(`/proc/${pid}/environ`);
    const found = environment === '' ? undefined : read(`\0${environment}`);
    return found === undefined ? [] : [{ ...found, pid }];
  });
}

/** A process that has ended, or is another user's, reads as empty. */
export function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function valueIn(environment: string, name: string): string | undefined {
  const start = environment.indexOf(`\0${name}=`);
  if (start < 0) return undefined;
  const from = start + name.length + 2;
  const end = environment.indexOf('\0', from);
  return environment.slice(from, end < 0 ? undefined : end);
}
