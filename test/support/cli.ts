// Runs the real command, `node dist/cli.js`, as a user would: a process of its own, no terminal, its own environment.
// Comes in: arguments; goes out: exit code and both streams. Throws when dist/ could not be built.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

export interface SebsOptions {
  cwd?: string;
  /** Added to this process's environment; undefined takes a variable away. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds after which the process is killed and the call fails. */
  timeout?: number;
}

export interface SebsResult {
  /** null when a signal ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
}

export async function sebs(args: readonly string[], options: SebsOptions = {}): Promise<SebsResult> {
  if (process.env.SEBS_BUILD_ERROR !== undefined)
    throw new Error(`dist/ could not be built:\n${process.env.SEBS_BUILD_ERROR}`);
  return runCommand(process.execPath, [CLI, ...args], options);
}

/** The same for any program: npm in the packaging tests. Its process group is killed when the time is up. */
export async function runCommand(
  program: string,
  args: readonly string[],
  { cwd, env, timeout = 20_000 }: SebsOptions = {},
): Promise<SebsResult> {
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      reject(new Error(`${program} ${args.join(' ')} took longer than ${timeout} ms\n${stdout}\n${stderr}`));
    }, timeout);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr });
    });
  });
}
