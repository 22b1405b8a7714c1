// The memory of standing functions: a process of its own that reads a file per sandbox every so often and appends to a
// CSV until it is ended or the files are gone. Comes in: where to write and what to read; goes out: its pid; later the
// peak and mean of each sandbox. Started from the text below, so that it needs no file beside the compiled code.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { kill } from '../host/tagged.js';

export interface SampleSummary {
  sandbox: string;
  samples: number;
  peakBytes: number;
  meanBytes: number;
}

const END_LIMIT_MS = 5_000;

/** argv: the CSV, the period in ms, then sandbox and file in turn. */
const PROGRAM = `
const { appendFileSync, readFileSync } = require('node:fs');
const [csv, every, ...pairs] = process.argv.slice(1);
const files = new Map();
for (let i = 0; i < pairs.length; i += 2) files.set(pairs[i], pairs[i + 1]);
appendFileSync(csv, 'at,sandbox,memory_bytes\\n');
function sample() {
  const at = new Date().toISOString();
  let text = '';
  for (const [sandbox, file] of files) {
    try { text += at + ',' + sandbox + ',' + readFileSync(file, 'latin1').trim() + '\\n'; } catch { files.delete(sandbox); }
  }
  if (text !== '') appendFileSync(csv, text);
  if (files.size === 0) process.exit();
}
setInterval(sample, Number(every));
sample();
`;

/** Survives this process; ends by itself with the last of its sandboxes. */
export function startSampler(csv: string, files: readonly (readonly [string, string])[], everyMs: number): number {
  const child = spawn(process.execPath, ['--eval', PROGRAM, '--', csv, String(everyMs), ...files.flat()], {
    detached: true,
    stdio: 'ignore',
    cwd: '/',
    env: {},
  });
  child.unref();
  return child.pid ?? 0;
}

/** Ends it if it is still ours: its command line names the folder. Waits until it is gone. */
export async function endSampler(pid: number, folder: string): Promise<void> {
  const isOurs = (): boolean => commandLine(pid).some((word) => word.startsWith(`${folder}/`));
  if (isOurs()) kill(pid);
  const until = performance.now() + END_LIMIT_MS;
  while (isOurs() && performance.now() < until) await delay(10);
}

/** Empty when nothing was sampled. */
export function summariesOf(csv: string): SampleSummary[] {
  const sums = new Map<string, { samples: number; peak: number; sum: number }>();
  for (const line of linesOf(csv).slice(1)) {
    const [, sandbox, text] = line.split(',');
    const bytes = Number(text);
    if (sandbox === undefined || text === undefined || text === '' || !Number.isFinite(bytes)) continue;
    const known = sums.get(sandbox) ?? { samples: 0, peak: 0, sum: 0 };
    sums.set(sandbox, { samples: known.samples + 1, peak: Math.max(known.peak, bytes), sum: known.sum + bytes });
  }
  return [...sums].map(([sandbox, { samples, peak, sum }]) => ({
    sandbox,
    samples,
    peakBytes: peak,
    meanBytes: Math.round(sum / samples),
  }));
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
}

function commandLine(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0');
  } catch {
    return [];
  }
}
