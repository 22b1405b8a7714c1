// Platform `process`, one sandbox: a worker with a process group, folders and a log of its own. Comes in: a function and
// an id; goes out: where it serves, what it died of, and its end with everything it started. Nothing here looks at a
// clock for measuring: the moments are marked as they pass.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, mkdirSync, openSync, readSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Duplex } from 'node:stream';
import { messageOf, PlatformError } from '../../errors.js';
import { kill, killAll } from '../../host/tagged.js';
import type { PlaceOptions, SandboxDeath } from '../driver.js';
import { deathOf, lastWords, TAIL_BYTES } from '../last-words.js';
import type { Sandbox } from '../sandbox-pool.js';
import { LAUNCH, type MemoryLimiter, type SandboxLimit } from './memory-limit.js';

export interface SandboxOptions {
  id: string;
  /** Interpreter and worker. */
  command: readonly string[];
  environment: Readonly<Record<string, string>>;
  memoryMb: number | null;
  reservedMb: number;
  limiter: MemoryLimiter;
  /** Made for this sandbox and gone with it. */
  folder: string;
  logFile: string;
  readyDeadlineMs: number;
}

interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A reset connection is seen a moment before the process that caused it is gone. */
const DYING_MS = 100;

/** Resolves when the worker has said that it serves. Throws PlatformError with what it wrote when it does not. */
export async function startSandbox(options: SandboxOptions, { mark, signal }: PlaceOptions): Promise<Sandbox> {
  const { limit, child } = await create(options);
  const exited = watchExit(child);
  let exit: Exit | undefined;
  let ending: Promise<void> | undefined;
  void exited.then((how) => {
    exit = how;
    // What it started in its group goes with it; the group's number is not given out again while members live.
    if (child.pid !== undefined) kill(-child.pid);
  });
  if (child.pid !== undefined) {
    limit.started(child.pid);
    mark('created');
  }
  const sandbox: Omit<Sandbox, 'origin'> = {
    id: options.id,
    serve: () => ({ facts: { memory_limit_by: limit.by }, done: () => undefined }),
    alive: () => exit === undefined && ending === undefined,
    async death() {
      if (ending !== undefined) return undefined;
      const how = exit ?? (await within(DYING_MS, exited));
      return how === undefined ? undefined : endingOf(how, limit, options);
    },
    end() {
      ending ??= endSandbox(child, exited, limit, options);
      return ending;
    },
  };
  try {
    const port = await readyPort(child, exited, options.readyDeadlineMs, signal);
    mark('ready');
    return { ...sandbox, origin: `http://127.0.0.1:${port}` };
  } catch (cause) {
    const ended = exit === undefined ? lastWords(tailOf(options.logFile)) : `: ${endingOf(exit, limit, options).text}`;
    await sandbox.end();
    throw new PlatformError(`sandbox ${options.id}: ${messageOf(cause)}${ended}`, {
      cause,
      hint: `all that it wrote is in ${options.logFile}`,
    });
  }
}

/** Makes what a sandbox needs and starts its first process; leaves nothing when that fails. */
async function create(options: SandboxOptions): Promise<{ limit: SandboxLimit; child: ChildProcess }> {
  const { id, folder, logFile, memoryMb, reservedMb } = options;
  let limit: SandboxLimit | undefined;
  try {
    mkdirSync(join(folder, 'tmp'), { recursive: true });
    mkdirSync(dirname(logFile), { recursive: true });
    limit = options.limiter.forSandbox(id, memoryMb, reservedMb);
    return { limit, child: launch(options, limit) };
  } catch (cause) {
    await limit?.end();
    await rm(folder, { recursive: true, force: true });
    throw new PlatformError(`sandbox ${id} could not be created: ${messageOf(cause)}`, { cause });
  }
}

/** The worker as leader of a process group; descriptor 3 is its control channel. */
function launch(options: SandboxOptions, limit: SandboxLimit): ChildProcess {
  const log = openSync(options.logFile, 'a');
  try {
    return spawn('/bin/sh', ['-c', LAUNCH, 'sebs-sandbox', ...limit.launch, ...options.command], {
      cwd: options.folder,
      env: { ...options.environment, TMPDIR: join(options.folder, 'tmp') },
      detached: true,
      stdio: ['ignore', log, log, 'pipe'],
    });
  } finally {
    closeSync(log);
  }
}

/** Resolves with how the process ended, also when it could not be started. */
function watchExit(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => {
      if (child.pid === undefined) resolve({ code: null, signal: null });
    });
  });
}

/** Waits for `ready <port>` on the control channel. */
async function readyPort(
  child: ChildProcess,
  exited: Promise<Exit>,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<number> {
  const control = child.stdio[3] as Duplex | null | undefined;
  return new Promise((resolve, reject) => {
    const fail = (text: string): void => settle(() => reject(new Error(text)));
    const timer = setTimeout(() => fail(`it did not serve within ${deadlineMs / 1000} s`), deadlineMs);
    const onAbort = (): void => fail('it was ended before it served, because its request was given up');
    function settle(act: () => void): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      act();
    }
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort);
    child.once('error', (error) => fail(`it could not be started (${error.message})`));
    void exited.then(() => fail('it ended before it served'));
    let said = '';
    control?.on('error', () => undefined);
    control?.on('data', (chunk: Buffer) => {
      said += chunk.toString('latin1');
      const port = /^ready (\d+)\n/.exec(said)?.[1];
      if (port !== undefined) settle(() => resolve(Number(port)));
      else if (said.length > 100) fail('it wrote something else than `ready <port>` to its control channel');
    });
  });
}

async function endSandbox(
  child: ChildProcess,
  exited: Promise<Exit>,
  limit: SandboxLimit,
  { id, folder }: SandboxOptions,
): Promise<void> {
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) kill(-child.pid);
  const gone = child.pid === undefined || (await within(5_000, exited)) !== undefined;
  const left = await killAll(() => limit.processes());
  (child.stdio[3] as Duplex | null | undefined)?.destroy();
  if (!gone || left.length > 0)
    throw new PlatformError(`sandbox ${id}: processes ${[child.pid, ...left].join(', ')} do not end after SIGKILL`, {
      hint: 'they may hang in the kernel: see their state in /proc/<pid>/status',
    });
  await limit.end();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

function endingOf(exit: Exit, limit: SandboxLimit, { memoryMb, logFile }: SandboxOptions): SandboxDeath {
  return deathOf({
    how: exit.signal === null ? `exited with code ${exit.code}` : `killed by ${exit.signal}`,
    clean: exit.code === 0,
    limitReached: limit.reached(),
    limit: memoryMb === null ? '' : ` of ${memoryMb} MB (${limit.by})`,
    tail: tailOf(logFile),
  });
}

/** The end of a log; empty when there is none. */
function tailOf(logFile: string): string {
  try {
    const file = openSync(logFile, 'r');
    try {
      const { size } = fstatSync(file);
      const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
      readSync(file, buffer, 0, buffer.length, size - buffer.length);
      return buffer.toString('utf8').trim();
    } finally {
      closeSync(file);
    }
  } catch {
    return '';
  }
}

async function within<T>(limitMs: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), limitMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
