// The tables of a run for commands that read them: derived/summary.json. Comes in: a run folder; goes out: its summary,
// and whoever needs the tables of a run that has none yet makes them first.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../errors.js';
import type { Summary } from '../generated/summary.js';
import { acquireLock } from '../host/lock.js';
import type { RunFolder } from '../results/run-folder.js';

/** undefined: there are no tables yet. */
export function readSummary(folder: RunFolder): Summary | undefined {
  const file = join(folder.derived, 'summary.json');
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Summary;
  } catch (cause) {
    throw new UsageError(`${file} is damaged`, { cause, hint: `make it again: sebs process ${folder.id} --offline` });
  }
}

export async function summaryOf(folder: RunFolder): Promise<Summary> {
  const there = readSummary(folder);
  if (there !== undefined) return there;
  refuseWithoutRecords(folder);
  const lock = await acquireLock(folder.lock, { wait: false });
  try {
    return (await (await import('../run-suite.js')).deriveAndReport(folder)).summary;
  } finally {
    lock.release();
  }
}

/** A run that ended before its first request has nothing to make tables of. */
export function refuseWithoutRecords(folder: RunFolder): void {
  if (existsSync(folder.plan) && existsSync(folder.raw)) return;
  throw new UsageError(`${folder.path} holds no records: the run ended before it measured`, {
    hint: `go on with it: sebs resume ${folder.id}`,
  });
}
