// `sebs process RUN`: tables, statistics and report made again from the raw records. Comes in: a run, also an old one;
// goes out: the same derived files as at the end of the run, plus what platforms have reported since. Platforms with
// metrics of their own deliver them late; a platform without any is not asked.
import { EXIT, UsageError } from '../errors.js';
import { acquireLock } from '../host/lock.js';
import { findRun, type RunFolder, readManifest, readPlan, writeManifest } from '../results/run-folder.js';
import { deriveAndReport, type RunOutcome } from '../run-suite.js';
import type { CommandContext, CommandResult } from './command.js';
import { askPlatform } from './platform-drivers.js';
import { refuseWithoutRecords } from './tables.js';

export interface ProcessOptions {
  /** Work from the folder alone. */
  offline: boolean;
}

export async function processRun(
  reference: string,
  { offline }: ProcessOptions,
  { reportsDir, env }: CommandContext,
): Promise<CommandResult> {
  const folder = findRun(reference, reportsDir);
  refuseWithoutRecords(folder);
  const pending = offline ? [] : await platformsWithMetrics(folder, env);
  if (pending.length > 0)
    throw new UsageError(`late metrics of ${pending.join(', ')} cannot be collected by this version`, {
      hint: `sebs process ${reference} --offline makes tables and report from what is there`,
    });
  const lock = await acquireLock(folder.lock, { wait: false });
  try {
    markCutOff(folder);
    return resultOf(folder, await deriveAndReport(folder));
  } finally {
    lock.release();
  }
}

/** Nobody works on the run, so one that says it is measuring was killed. */
function markCutOff(folder: RunFolder): void {
  const manifest = readManifest(folder);
  if (manifest.state === 'preparing' || manifest.state === 'measuring')
    writeManifest(folder, { ...manifest, state: 'interrupted' });
}

function resultOf(folder: RunFolder, { text, summary }: Omit<RunOutcome, 'exitCode'>): CommandResult {
  const whole = summary?.cells.every(({ status }) => status === 'complete') ?? false;
  const exitCode = whole ? EXIT.ok : EXIT.cells;
  return { exitCode, text, data: { run: folder.id, folder: folder.path, report: folder.report, summary } };
}

async function platformsWithMetrics(folder: RunFolder, env: CommandContext['env']): Promise<string[]> {
  const ids: string[] = [];
  for (const platform of readPlan(folder).platforms) {
    const { providerMetrics } = await askPlatform({ platform, env }, async ({ driver }) => driver.capabilities);
    if (providerMetrics.length > 0) ids.push(platform.id);
  }
  return ids;
}
