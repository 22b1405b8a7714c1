// Platform `process`, the last resort against too much memory: looks at the resident size of every watched sandbox a few
// times per second and kills the ones above their limit. Comes in: process ids and limits; goes out: whom it killed.
// It sees a sandbox's first process and that one's descendants, and between two looks it sees nothing: a short peak
// passes. The record says so (memory_limit_by: watchdog).
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { kill, readOrEmpty } from '../../host/tagged.js';
import { BYTES_PER_MB } from '../../units.js';

const PROC_EVERY_MS = 20;
/** Without /proc a look is a command. */
const PS_EVERY_MS = 250;

export interface Watchdog {
  watch(pid: number, memoryMb: number): Watched;
}

export interface Watched {
  killed(): boolean;
  stop(): void;
}

interface Entry {
  limitBytes: number;
  killed: boolean;
}

export function createWatchdog(lookBy: 'proc' | 'ps' = existsSync('/proc/self/stat') ? 'proc' : 'ps'): Watchdog {
  const entries = new Map<number, Entry>();
  let looking = false;

  function judge(pid: number, residentBytes: number): void {
    const entry = entries.get(pid);
    if (entry === undefined || entry.killed || residentBytes <= entry.limitBytes) return;
    entry.killed = true;
    kill(-pid);
  }

  /** Runs while anything is watched. */
  async function keepLooking(): Promise<void> {
    looking = true;
    while (entries.size > 0) {
      if (lookBy === 'proc') for (const pid of entries.keys()) judge(pid, residentOfTree(pid));
      else for (const [group, bytes] of await residentByGroup()) judge(group, bytes);
      await delay(lookBy === 'proc' ? PROC_EVERY_MS : PS_EVERY_MS);
    }
    looking = false;
  }

  return {
    watch(pid, memoryMb) {
      const entry: Entry = { limitBytes: memoryMb * BYTES_PER_MB, killed: false };
      entries.set(pid, entry);
      if (!looking) void keepLooking();
      return {
        killed: () => entry.killed,
        stop: () => void (entries.get(pid) === entry && entries.delete(pid)),
      };
    },
  };
}

/** Resident bytes of a process and its descendants, pages that they share counted once for each. */
function residentOfTree(pid: number): number {
  const status = readOrEmpty(`/proc/${pid}/status`);
  const own = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  const children = readOrEmpty(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
  return children.reduce((sum, child) => sum + residentOfTree(child), own);
}

/** Resident bytes of every process group of the host. */
function residentByGroup(): Promise<Map<number, number>> {
  return new Promise((resolve) => {
    execFile('ps', ['-A', '-o', 'pgid=,rss='], { timeout: 5_000 }, (_error, stdout) => {
      const groups = new Map<number, number>();
      for (const line of stdout.split('\n')) {
        const [group, kilobytes] = line.trim().split(/\s+/).map(Number);
        if (group !== undefined && kilobytes !== undefined)
          groups.set(group, (groups.get(group) ?? 0) + kilobytes * 1024);
      }
      resolve(groups);
    });
  });
}
