// Runs of sebs that tests end before they have ended themselves. Comes in: a workspace and arguments; goes out: a process
// that can be killed, and the moment at which it should be.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CLI } from './cli.js';
import type { Workspace } from './workspace.js';

export interface Started {
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; stderr: string }>;
  kill(signal: NodeJS.Signals): void;
}

export function startSebs(user: Workspace, args: readonly string[]): Started {
  const child = spawn(process.execPath, [CLI, ...args], {
    cwd: user.path,
    env: { ...process.env, NO_COLOR: '1', ...user.env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return {
    kill: (signal) => child.kill(signal),
    ended: new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal, stderr }))),
  };
}

export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited too long for ${what}`);
    await delay(10);
  }
}

/** Lines of a file of the oldest run's raw/; 0 while it is not there. */
export function lineCount(user: Workspace, file: 'invocations.jsonl' | 'journal.jsonl'): number {
  const path = join(user.runs()[0] ?? '', 'raw', file);
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').length - 1 : 0;
}
