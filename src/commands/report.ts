// `sebs report RUN`: report.html again, from the tables in derived/. Comes in: a run; goes out: the path of the report
// and its summary as text. Needs no platform and no network, and works on runs of other machines.
import { EXIT, UsageError } from '../errors.js';
import { acquireLock } from '../host/lock.js';
import { findRun } from '../results/run-folder.js';
import { reportOf } from '../run-suite.js';
import type { CommandContext, CommandResult } from './command.js';
import { readSummary } from './tables.js';

export async function report(reference: string, { reportsDir }: CommandContext): Promise<CommandResult> {
  const folder = findRun(reference, reportsDir);
  const summary = readSummary(folder);
  if (summary === undefined)
    throw new UsageError(`${folder.path} has no tables yet`, { hint: `make them: sebs process ${folder.id}` });
  const lock = await acquireLock(folder.lock, { wait: false });
  const { text } = await reportOf(folder, summary).finally(() => lock.release());
  return { exitCode: EXIT.ok, text, data: { run: folder.id, folder: folder.path, report: folder.report, summary } };
}
