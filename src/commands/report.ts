// `sebs report RUN`: report.html again, from the tables in derived/. Comes in: a run; goes out: the path of the report
// and its summary as text. Needs no platform and no network, and works on runs of other machines.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, UsageError } from '../errors.js';
import type { Summary } from '../generated/summary.js';
import { acquireLock } from '../host/lock.js';
import { findRun, type RunFolder } from '../results/run-folder.js';
import { reportOf } from '../run-suite.js';
import type { CommandContext, CommandResult } from './command.js';

export async function report(reference: string, { reportsDir }: CommandContext): Promise<CommandResult> {
  const folder = findRun(reference, reportsDir);
  const summary = readSummary(folder);
  const lock = await acquireLock(folder.lock, { wait: false });
  const { text } = await reportOf(folder, summary).finally(() => lock.release());
  return { exitCode: EXIT.ok, text, data: { run: folder.id, folder: folder.path, report: folder.report, summary } };
}

function readSummary(folder: RunFolder): Summary {
  const file = join(folder.derived, 'summary.json');
  if (!existsSync(file))
    throw new UsageError(`${folder.path} has no tables yet`, { hint: `make them: sebs process ${folder.id}` });
  return JSON.parse(readFileSync(file, 'utf8')) as Summary;
}
