// `sebs resources list|clean [RUN]`: what runs have left outside their folders. Comes in: a run, or none for all; goes
// out: what the ledgers say is still there together with what the platforms find by our tag. Cleaning removes both, and
// passes over runs that are still going on.
import { existsSync, rmSync } from 'node:fs';
import { EXIT, messageOf, SebsError } from '../errors.js';
import type { ResourceRef } from '../generated/ledger.js';
import { acquireLock } from '../host/lock.js';
import { sweepMeasuringLock } from '../host/measuring-lock.js';
import type { Ledger } from '../platforms/driver.js';
import { platformTypes } from '../platforms/registry.js';
import { findRun, listRuns, type RunFolder, readPlan } from '../results/run-folder.js';
import { scratchFolder } from '../run/names.js';
import type { OpenPlatform } from '../run/state.js';
import { plural } from '../units.js';
import type { CommandContext, CommandResult } from './command.js';
import { laterLedger, openEntries } from './ledger-file.js';
import { askPlatform, plainPlatform } from './platform-drivers.js';
import { table } from './table.js';

export interface FoundResource {
  run: string;
  resource: ResourceRef;
  /** `found`: no ledger of ours knows it, the platform does. */
  state: 'intended' | 'created' | 'kept' | 'failed' | 'found';
  note?: string;
}

export async function resourcesList(reference: string | undefined, context: CommandContext): Promise<CommandResult> {
  const found: FoundResource[] = [];
  for (const run of runsOf(reference, context)) found.push(...(await resourcesOf(run, context.env)));
  if (reference === undefined) found.push(...(await strangers(found, context)));
  const text = found.length === 0 ? 'nothing is left outside the run folders' : tableOf(found);
  return { exitCode: EXIT.ok, text, data: found };
}

export interface CleanOutcome {
  run: string;
  resource: ResourceRef;
  outcome: 'removed' | 'failed';
  note?: string;
}

export async function resourcesClean(reference: string | undefined, context: CommandContext): Promise<CommandResult> {
  const outcomes: CleanOutcome[] = [];
  const busy: string[] = [];
  for (const run of runsOf(reference, context)) {
    const cleaned = await cleanRun(run, context.env);
    if (cleaned === 'busy') busy.push(run.id);
    else outcomes.push(...cleaned);
  }
  await sweepMeasuringLock();
  const failed = outcomes.filter(({ outcome }) => outcome === 'failed');
  const text = [
    `removed ${plural(outcomes.length - failed.length, 'resource')}`,
    ...failed.map(({ run, resource, note }) => `could not remove ${resource.kind} ${resource.id} of ${run}: ${note}`),
    ...busy.map((run) => `passed over ${run}: it is still running`),
  ].join('\n');
  return { exitCode: failed.length === 0 ? EXIT.ok : EXIT.cells, text, data: { outcomes, busy } };
}

function runsOf(reference: string | undefined, { reportsDir }: CommandContext): RunFolder[] {
  return reference === undefined ? listRuns(reportsDir) : [findRun(reference, reportsDir)];
}

/** What the ledger holds open, and what the run's platforms find under its tag besides. */
async function resourcesOf(run: RunFolder, env: CommandContext['env']): Promise<FoundResource[]> {
  const open = openEntries(run).map((entry): FoundResource => ({ run: run.id, ...entry }));
  const more = await onPlatforms(run, env, undefined, (platform) => platform.list(run.id));
  const known = new Set(open.map(({ resource }) => nameOf(resource)));
  return [
    ...open,
    ...more.filter((resource) => !known.has(nameOf(resource))).map((found) => strangerOf(run.id, found)),
  ];
}

/** Resources of runs whose folders are not here. Listed only: another user's run may be using them right now. */
async function strangers(known: readonly FoundResource[], context: CommandContext): Promise<FoundResource[]> {
  const ours = new Set([...listRuns(context.reportsDir).map(({ id }) => id), ...known.map(({ run }) => run)]);
  const found: FoundResource[] = [];
  for (const type of platformTypes()) {
    const all = await askPlatform({ platform: plainPlatform(type), env: context.env }, (platform) => platform.list());
    for (const { runId, ...resource } of all) if (!ours.has(runId)) found.push(strangerOf(runId, resource));
  }
  // A server of a storage is seen from every platform.
  return [...new Map(found.map((stranger) => [`${stranger.run}/${nameOf(stranger.resource)}`, stranger])).values()];
}

async function cleanRun(run: RunFolder, env: CommandContext['env']): Promise<CleanOutcome[] | 'busy'> {
  const lock = await acquireLock(run.lock, { wait: false }).catch((error: unknown) => {
    if (error instanceof SebsError && error.code === 'LOCKED') return undefined;
    throw error;
  });
  if (lock === undefined) return 'busy';
  try {
    const left = await resourcesOf(run, env);
    if (left.length === 0) return [];
    const outcomes = await cleanUp(run, left, env);
    rmSync(scratchFolder(run.id), { recursive: true, force: true });
    return outcomes;
  } finally {
    lock.release();
  }
}

async function cleanUp(
  run: RunFolder,
  left: readonly FoundResource[],
  env: CommandContext['env'],
): Promise<CleanOutcome[]> {
  const ledger = laterLedger(run);
  try {
    return await onPlatforms(run, env, ledger, (platform) => {
      const here = left.filter(({ resource }) => resource.platform === platform.id);
      return removeAll(platform, ledger, here);
    });
  } finally {
    ledger.close();
  }
}

/** Last created first: a directory goes after the processes that write into it. */
async function removeAll(
  platform: OpenPlatform,
  ledger: Ledger,
  left: readonly FoundResource[],
): Promise<CleanOutcome[]> {
  const outcomes: CleanOutcome[] = [];
  for (const { run, resource } of left.toReversed()) {
    try {
      await platform.remove(resource);
      ledger.removed(resource);
      outcomes.push({ run, resource, outcome: 'removed' });
    } catch (error) {
      ledger.failed(resource, messageOf(error));
      outcomes.push({ run, resource, outcome: 'failed', note: messageOf(error) });
    }
  }
  return outcomes;
}

/** Asks every platform that the run's plan names. A run that was killed before it had a plan created nothing. */
async function onPlatforms<Item>(
  run: RunFolder,
  env: CommandContext['env'],
  ledger: Ledger | undefined,
  ask: (platform: OpenPlatform) => Promise<readonly Item[]>,
): Promise<Item[]> {
  if (!existsSync(run.plan)) return [];
  const answers: Item[] = [];
  for (const platform of readPlan(run).platforms) {
    const question = { platform, env, runId: run.id, ...(ledger === undefined ? {} : { ledger }) };
    answers.push(...(await askPlatform(question, ask)));
  }
  return answers;
}

function strangerOf(run: string, { platform, kind, id, location }: ResourceRef): FoundResource {
  return { run, state: 'found', resource: { platform, kind, id, ...(location === undefined ? {} : { location }) } };
}

function nameOf({ platform, kind, id }: ResourceRef): string {
  return `${platform}/${kind}/${id}`;
}

function tableOf(found: readonly FoundResource[]): string {
  const rows = found.map(({ run, resource, state, note }) => [
    run,
    resource.platform,
    resource.kind,
    resource.id,
    state,
    note ?? '',
  ]);
  return table(['run', 'platform', 'kind', 'id', 'state', ''], rows);
}
