// Platform `process`, what a runtime reserves before it does anything: RLIMIT_DATA counts it although it is never used
// (Node.js 24 reserves 565 MB for machine code, Node.js 20 42 MB of stacks, Python 3.11 1 MB). Comes in: a runtime; goes
// out: how much must be added to a function's memory so that the limit holds what the function itself takes.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { PlatformError } from '../../errors.js';
import type { Runtime } from './host.js';

const PROBE_LIMIT_MS = 10_000;
const STATUS: Readonly<Record<string, readonly string[]>> = {
  nodejs: ['-e', 'process.stdout.write(fs.readFileSync("/proc/self/status", "latin1"))'],
  python: ['-s', '-S', '-B', '-c', 'print(open("/proc/self/status").read())'],
};

/** In MB, of an idle interpreter: private writable memory that is counted less what is resident of it. */
export async function reservedMbOf(runtime: Runtime): Promise<number> {
  const { language, executable } = runtime;
  const run = promisify(execFile);
  const { stdout } = await run(executable, [...(STATUS[language] ?? [])], { timeout: PROBE_LIMIT_MS });
  const [counted, resident] = [fieldKb(stdout, 'VmData'), fieldKb(stdout, 'RssAnon')];
  if (counted === undefined || resident === undefined)
    throw new PlatformError(`${executable} does not show its memory in /proc/self/status`, {
      hint: 'use a host where a cgroup can be made, or leave memory out',
    });
  return Math.ceil(Math.max(0, counted - resident) / 1024);
}

function fieldKb(status: string, field: string): number | undefined {
  const found = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1];
  return found === undefined ? undefined : Number(found);
}
