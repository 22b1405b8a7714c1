// Which process is meant: a pid alone is not a name, because the kernel gives it out again. Comes in: a pid, or nothing
// for the own process; goes out: an identity that can be written to a file, and whether what it names still lives.
// Used by locks and by whoever must find again what a killed run left behind.
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { shortHash } from '../hash.js';

/** Enough to tell a process from a later one with the same pid, and to know when that cannot be told. */
export interface ProcessIdentity {
  pid: number;
  /** Start of the process in clock ticks since boot (/proc/<pid>/stat, field 22); absent where there is no /proc. */
  started?: string;
  /** /proc/sys/kernel/random/boot_id; absent where there is no /proc. */
  boot?: string;
  /** The pid namespace: pids of another one mean nothing here. */
  namespace?: string;
  /** Hash that tells machines apart which share a folder; no host name. */
  machine: string;
}

/** What the kernel says of a pid: its start time, and whether only its entry is left (a zombie runs nothing). */
interface KernelEntry {
  started: string;
  defunct: boolean;
}

/** The identity of this process. */
export function ownIdentity(): ProcessIdentity {
  const started = kernelEntry(process.pid)?.started;
  return { pid: process.pid, ...(started === undefined ? {} : { started }), ...surroundings() };
}

/**
 * Whether the process lives. `unknown` where this host cannot tell: another machine or another pid namespace. A zombie
 * counts as dead, since a process that was killed a moment ago may not have been waited for yet.
 */
export function lifeOf(identity: ProcessIdentity): 'alive' | 'dead' | 'unknown' {
  const here = surroundings();
  if (identity.machine !== here.machine) return 'unknown';
  if (identity.boot === undefined ? here.boot !== undefined : here.boot === undefined) return 'unknown';
  if (identity.boot !== here.boot) return 'dead';
  if (identity.namespace !== here.namespace) return 'unknown';
  const entry = kernelEntry(identity.pid);
  // No entry proves death only together with the signal: with hidepid the /proc of other users is not shown.
  if (entry === undefined) return answersSignals(identity.pid) ? 'alive' : 'dead';
  if (entry.defunct) return 'dead';
  return identity.started === undefined || identity.started === entry.started ? 'alive' : 'dead';
}

/** Start time of a process in clock ticks since boot; undefined when there is none or it cannot be seen. */
export function startTicksOf(pid: number): string | undefined {
  return kernelEntry(pid)?.started;
}

function surroundings(): Omit<ProcessIdentity, 'pid' | 'started'> {
  const boot = readLine('/proc/sys/kernel/random/boot_id');
  const namespace = ownNamespace();
  return {
    machine: shortHash(readLine('/etc/machine-id') ?? hostname()),
    ...(boot === undefined ? {} : { boot }),
    ...(namespace === undefined ? {} : { namespace }),
  };
}

function kernelEntry(pid: number): KernelEntry | undefined {
  const stat = readLine(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The second field is the program's name in brackets, which may itself hold blanks and brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  const started = fields[19];
  if (state === undefined || started === undefined) return undefined;
  return { started, defunct: state === 'Z' || state === 'X' };
}

function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function ownNamespace(): string | undefined {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return undefined;
  }
}

function readLine(path: string): string | undefined {
  try {
    const text = readFileSync(path, 'utf8').trim();
    return text === '' ? undefined : text;
  } catch {
    return undefined;
  }
}
