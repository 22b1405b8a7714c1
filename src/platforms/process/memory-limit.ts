// Platform `process`, holding a sandbox to its memory. Comes in: what this host allows; goes out: for each sandbox how
// its first process is started under the limit, whether the limit was reached, and how to let go of it. A cgroup where
// one can be made, else RLIMIT_DATA (RLIMIT_AS would count the address space that Node.js reserves and never uses), else
// the watchdog.
import { execFileSync } from 'node:child_process';
import { findCgroupPlace, makeSandboxGroup, outOfMemoryKills, processesInGroup, removeGroup } from './cgroup.js';
import { processesOfSandbox } from './tags.js';
import { createWatchdog, type Watchdog, type Watched } from './watchdog.js';

export type LimitWay = 'cgroup-v2' | 'cgroup-v1' | 'rlimit-data' | 'watchdog';

/** One sandbox's limit. */
export interface SandboxLimit {
  by: LimitWay | 'none';
  /** First arguments of LAUNCH. */
  launch: readonly [way: string, value: string];
  /** Called with the first process once it runs. */
  started(pid: number): void;
  /** Whether something was killed because the limit was reached. */
  reached(): boolean;
  /** Processes of the sandbox, those included that left its process group. */
  processes(): number[];
  /** Called when all processes are gone. */
  end(): Promise<void>;
}

export interface MemoryLimiter {
  /** How limits are held here, for the manifest and the records. */
  way: LimitWay;
  /** `reservedMb`: what the runtime takes of a data limit without using it; see reserve.ts. */
  forSandbox(sandboxId: string, memoryMb: number | null, reservedMb: number): SandboxLimit;
}

/** Enters the limit and becomes the worker; run by sh with the way, its value and the command. */
export const LAUNCH = `
case "$1" in
  join) echo $$ > "$2/cgroup.procs" || exit 125 ;;
  data) ulimit -d "$2" || exit 125 ;;
esac
shift 2
exec "$@"`;

/** The best way of this host. */
export function bestLimitWay(): LimitWay {
  return findCgroupPlace()?.by ?? (canLimitData() ? 'rlimit-data' : 'watchdog');
}

/** `runGroup`: gives the cgroup of the run, made when it is first needed. */
export function createMemoryLimiter(way: LimitWay, runGroup: () => string): MemoryLimiter {
  const watchdog = createWatchdog();
  return {
    way,
    forSandbox(sandboxId, memoryMb, reservedMb) {
      if (memoryMb === null) return withoutGroup('none', sandboxId, ['none', '']);
      if (way === 'cgroup-v1' || way === 'cgroup-v2')
        return inGroup(way, makeSandboxGroup(way, runGroup(), sandboxId, memoryMb));
      if (way === 'rlimit-data') return withoutGroup(way, sandboxId, ['data', String((memoryMb + reservedMb) * 1024)]);
      return watched(watchdog, sandboxId, memoryMb);
    },
  };
}

function inGroup(by: 'cgroup-v1' | 'cgroup-v2', group: string): SandboxLimit {
  return {
    by,
    launch: ['join', group],
    started: () => undefined,
    reached: () => outOfMemoryKills(group) > 0,
    processes: () => processesInGroup(group),
    end: () => removeGroup(group),
  };
}

function withoutGroup(by: SandboxLimit['by'], sandboxId: string, launch: SandboxLimit['launch']): SandboxLimit {
  return {
    by,
    launch,
    started: () => undefined,
    // The kernel refuses the memory instead of killing; what the runtime then says is in the log.
    reached: () => false,
    processes: () => processesOfSandbox(sandboxId),
    end: async () => undefined,
  };
}

function watched(watchdog: Watchdog, sandboxId: string, memoryMb: number): SandboxLimit {
  let entry: Watched | undefined;
  return {
    ...withoutGroup('watchdog', sandboxId, ['none', '']),
    started(pid) {
      entry = watchdog.watch(pid, memoryMb);
    },
    reached: () => entry?.killed() ?? false,
    async end() {
      entry?.stop();
    },
  };
}

/** Linux counts private writable memory under RLIMIT_DATA (since 4.7); macOS accepts the limit and ignores it. */
function canLimitData(): boolean {
  if (process.platform !== 'linux') return false;
  try {
    execFileSync('/bin/sh', ['-c', 'ulimit -d 1048576'], { stdio: 'ignore', timeout: 5_000 });
    return true;
  } catch {
    return false;
  }
}
