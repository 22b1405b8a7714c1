// Processes that carry a tag of ours in their environment: found by looking at the host and never by memory, so that a
// later process finds the same. Comes in: the name of a variable; goes out: pids and values, and the end of what is
// found. Empty where there is no /proc.
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** What `read` makes of the environments of all processes; what it makes nothing of is left out. */
export function processesWith<T extends object>(
  read: (value: (name: string) => string | undefined) => T | undefined,
): (T & { pid: number })[] {
  return allPids().flatMap((pid) => {
    const text = readOrEmpty(`/proc/${pid}/environ`);
    const found = text === '' ? undefined : read((name) => valueIn(`\0${text}`, name));
    return found === undefined ? [] : [{ ...found, pid }];
  });
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
