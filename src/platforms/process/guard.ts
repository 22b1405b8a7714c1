// Platform `process`, the guard: one small shell per driver that outlives a `kill -9` of sebs by the second it takes to
// clean up. Workers end themselves when their control channel closes, but not one that hangs in a loop of its own, nor
// what left its process group: the guard kills every process that carries the run's id, then removes the run's cgroup
// and scratch folder. Comes in: what to clean; goes out: nothing, or one process less.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { allPids, kill, killAll, readOrEmpty } from '../../host/tagged.js';

const NAME = 'sebs-guard';
const DONE = 'done\n';
const ENDING_MS = 5_000;
/** The rounds of the script, with time for what they start. */
const CLEANING_MS = 30_000;

/**
 * $1 run id, $2 platform, $3 pid of sebs, $4 scratch folder, $5 cgroup or ''. Reads until sebs says that it is done or is
 * gone. Looks again until three looks found nothing: what is killed may be starting more, and a process that was being
 * started when sebs died carries the id only once it is there. Never more than 100 looks.
 */
const SCRIPT = `
trap '' INT TERM HUP
run=$1 scratch=$4 cgroup=$5
if read -r word && [ "$word" = done ]; then exit 0; fi
if printf 'x\\0' | grep -qzxF x 2>/dev/null; then zero=yes; else zero=; fi
tagged() {
  if [ -n "$zero" ]; then grep -slzxF -e "SEBS_RUN=$run" /proc/[0-9]*/environ 2>/dev/null; return; fi
  for file in /proc/[0-9]*/environ; do
    tr '\\0' '\\n' 2>/dev/null < "$file" | grep -qxF -e "SEBS_RUN=$run" && echo "$file"
  done 2>/dev/null
}
look=0 quiet=0
while [ "$look" -lt 100 ] && [ "$quiet" -lt 3 ]; do
  look=$((look + 1)) quiet=$((quiet + 1))
  for file in $(tagged); do
    quiet=0 pid=\${file#/proc/}
    kill -9 "\${pid%/environ}" 2>/dev/null
  done
  sleep 0.05 2>/dev/null || sleep 1
done
if [ -n "$cgroup" ] && [ -d "$cgroup" ]; then
  for group in "$cgroup"/*/ "$cgroup"; do rmdir "$group" 2>/dev/null; done
fi
rm -rf "$scratch"
case \${scratch%/*} in *"$run"*) rmdir "\${scratch%/*}" 2>/dev/null ;; esac
exit 0`;

export interface Guard {
  /** Sebs has cleaned up itself: the guard ends without doing anything. Twice is fine. */
  dismiss(): Promise<void>;
}

export interface GuardOptions {
  runId: string;
  platformId: string;
  scratchDir: string;
  /** The run's cgroup, whether it exists yet or not; '' where there will be none. */
  cgroup: string;
  path: string;
}

/** The guard itself must not carry the run's id in its environment, and hears no signal of the terminal. */
export function startGuard({ runId, platformId, scratchDir, cgroup, path }: GuardOptions): Guard {
  const args = ['-c', SCRIPT, NAME, runId, platformId, String(process.pid), scratchDir, cgroup];
  const child = spawn('/bin/sh', args, {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { PATH: path, LC_ALL: 'C' },
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  child.stdin.on('error', () => undefined);
  // It waits for sebs, so sebs must not wait for it.
  child.unref();
  unrefPipe(child);
  return {
    async dismiss() {
      child.ref();
      if (!child.stdin.writableEnded) child.stdin.end(DONE);
      const late = AbortSignal.timeout(ENDING_MS);
      await Promise.race([ended, once(late, 'abort')]);
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) kill(child.pid);
    },
  };
}

export interface FoundGuard {
  pid: number;
  runId: string;
  platformId: string;
  /** Whether the sebs that started it is gone, so that it is cleaning up. */
  orphaned: boolean;
}

/** Guards of all runs, by their command lines. */
export function listGuards(): FoundGuard[] {
  return allPids().flatMap((pid) => {
    const args = readOrEmpty(`/proc/${pid}/cmdline`).split('\0');
    const [runId, platformId, sebs] = args.slice(4);
    if (args[3] !== NAME || args[2] !== SCRIPT || runId === undefined || platformId === undefined) return [];
    return [{ pid, runId, platformId, orphaned: parentOf(pid) !== sebs }];
  });
}

/**
 * Waits until the guards of a run whose sebs is gone have cleaned up: what they are about to kill and remove carries the
 * same id as what a resumed run is about to make.
 */
export async function awaitCleanUp(runId: string, signal: AbortSignal): Promise<void> {
  const until = performance.now() + CLEANING_MS;
  const cleaning = (): FoundGuard[] => listGuards().filter((guard) => guard.runId === runId && guard.orphaned);
  for (let left = cleaning(); left.length > 0; left = cleaning()) {
    if (performance.now() > until) {
      for (const { pid } of left) kill(pid);
      return;
    }
    await delay(20, undefined, { signal });
  }
}

/** Ends the guards of a run and platform that are still there, without letting them clean up. */
export async function endGuards(runId: string, platformId: string): Promise<number[]> {
  return killAll(() =>
    listGuards()
      .filter((guard) => guard.runId === runId && guard.platformId === platformId)
      .map(({ pid }) => pid),
  );
}

/** As a string, as it stands in a command line. */
function parentOf(pid: number): string {
  return /^PPid:\s+(\d+)$/m.exec(readOrEmpty(`/proc/${pid}/status`))?.[1] ?? '';
}

/** The type of stdin does not say that a pipe to a child is a socket. */
function unrefPipe(child: ChildProcess): void {
  const { stdin } = child;
  if (stdin !== null && 'unref' in stdin && typeof stdin.unref === 'function') stdin.unref();
}
