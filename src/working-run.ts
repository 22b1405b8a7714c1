// Step 3's surroundings: everything a run holds open while it works (its lock, ledger, journal, platforms), put together
// here so that run-suite.ts can show the steps alone. A new run makes its folder when it begins; a resumed one reads
// what happened before, removes what the cut-off part left, and is refused when suite, code or tool have changed.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Catalogue, loadCatalogue } from './benchmarks/catalogue.js';
import { createClock } from './clock.js';
import { UsageError } from './errors.js';
import { makeFolder } from './folders.js';
import type { Invocation } from './generated/invocation.js';
import type { JournalLine } from './generated/journal.js';
import type { Manifest } from './generated/manifest.js';
import type { Plan } from './generated/plan.js';
import { sha256 } from './hash.js';
import { clientHost } from './host/facts.js';
import { acquireLock, type Lock } from './host/lock.js';
import { acquireMeasuringLock } from './host/measuring-lock.js';
import { createInvoker } from './invoke/invoker.js';
import { openPlatforms, type PlatformEntry, refusingLedger } from './open-platforms.js';
import { PACKAGE_ROOT } from './package-root.js';
import type { ReadSuite, SuiteSource } from './read-suite.js';
import { findRun, type RunFolder, readManifest, readPlan, writeManifest } from './results/run-folder.js';
import { mendLog, openAppendLog, replaceTail } from './run/append-log.js';
import type { Execution } from './run/execution.js';
import { cutOffBatch, type History, historyOf } from './run/history.js';
import { type OpenLedger, openLedger } from './run/ledger.js';
import { firstManifest } from './run/manifest.js';
import { scratchFolder } from './run/names.js';
import { observed, type RunObserver } from './run/observer.js';
import { createShortener, withHome, withoutHome } from './run/places.js';
import type { OpenPlatform, RunState } from './run/state.js';
import { countAttempts } from './run/tally.js';
import { teardown } from './run/tasks/finish.js';
import type { ProgressStyle } from './run/terminal.js';
import { toolFacts, toolVersion } from './run/tool.js';
import { yamlText } from './spec/yaml-text.js';
import type { StopSignal } from './stop-signal.js';

export interface MeasureOptions {
  env: Readonly<Record<string, string | undefined>>;
  cacheDir: string;
  reportsDir: string;
  argv: readonly string[];
  signals: StopSignal;
  progress: ProgressStyle;
  stderr: NodeJS.WritableStream;
  /** Wait for other runs on this machine before measuring. */
  lock: boolean;
  observer?: RunObserver;
}

export interface ResumeOptions extends MeasureOptions {
  /** Id, beginning of an id, folder, or `latest`. */
  run: string;
}

/** A run that is being worked on by this process. */
export interface WorkingRun {
  folder: RunFolder;
  platforms: ReadonlyMap<string, OpenPlatform>;
  execution: Omit<Execution, 'state'>;
  /** Writes (or checks) the run folder and gives the state that stage 3 fills. */
  begin(plan: Plan): Promise<RunState>;
  /** Closes what is open; twice is fine. */
  close(): Promise<void>;
}

export async function openNewRun(folder: RunFolder, read: ReadSuite, options: MeasureOptions): Promise<WorkingRun> {
  const ledger = openLedger(folder.ledger);
  const { seed, platforms } = read.loaded.suite;
  const run = await openWorkingRun({ folder, entries: platforms, seed, ledger, history: historyOf([], []) }, options);
  return {
    ...run,
    async begin(plan) {
      const [tool, client] = await Promise.all([toolFacts(), clientHost()]);
      makeFolder(folder.logs);
      run.hold(await acquireLock(folder.lock, { wait: false }));
      const { loaded } = read;
      writeFileSync(folder.suite, loaded.files[0]?.text ?? '');
      writeFileSync(folder.resolvedSuite, withoutHome(yamlText(loaded.suite)));
      writeFileSync(folder.plan, `${JSON.stringify(plan, null, 1)}\n`);
      writeManifest(folder, firstManifest({ runId: folder.id, loaded, plan, tool, client, rehearsal: read.rehearsal }));
      return run.state(plan, read.catalogue);
    },
  };
}

export async function reopenRun(options: ResumeOptions): Promise<WorkingRun> {
  const folder = findRun(options.run, options.reportsDir);
  const lock = await acquireLock(folder.lock, { wait: false });
  try {
    const manifest = readManifest(folder);
    const plan = readPlan(folder);
    const catalogue = await sameCatalogue(manifest, plan);
    refuseChanges(manifest, plan, catalogue, folder);
    const adaptive = plan.cells.filter(({ repetitions }) => repetitions.until !== undefined).map(({ id }) => id);
    const history = historyOf(...mendedLines(folder), new Set(adaptive));
    mendLog(folder.ledger);
    const ledger = openLedger(folder.ledger);
    const { seed, platforms: entries } = plan;
    const run = await openWorkingRun({ folder, entries, seed, ledger, history }, options);
    run.hold(lock);
    return {
      ...run,
      async begin() {
        rmSync(join(folder.raw, 'CHECKSUMS'), { force: true });
        makeFolder(folder.logs);
        const state = run.state(plan, catalogue);
        state.invocations.append(...history.interrupted);
        for (const platform of run.platforms.values()) await teardown(platform, state, false);
        return state;
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Rows and journal of the parts so far, without what a kill left half-written. */
function mendedLines(folder: RunFolder): [Invocation[], JournalLine[]] {
  const rows = mendLog<Invocation>(folder.invocations);
  const journal = mendLog<JournalLine>(folder.journal);
  const cut = cutOffBatch(rows, journal);
  if (cut === null) return [rows, journal];
  replaceTail(folder.invocations, cut.keep, cut.discarded);
  return [[...rows.slice(0, cut.keep), ...cut.discarded], journal];
}

/** For looking only: nothing is created, and a driver that tries to is refused. */
export async function openForPlanning(
  read: ReadSuite,
  { env, cacheDir }: Pick<SuiteSource, 'env' | 'cacheDir'>,
): Promise<{ platforms: ReadonlyMap<string, OpenPlatform>; close(): Promise<void> }> {
  const platforms = await openPlatforms(read.loaded.suite.platforms, {
    runId: '',
    logDir: tmpdir(),
    scratchDir: tmpdir(),
    cacheDir,
    env,
    ledger: refusingLedger(),
    signal: new AbortController().signal,
    note: () => undefined,
  });
  return { platforms, close: () => closeDrivers(platforms) };
}

interface OpenRun extends Omit<WorkingRun, 'begin'> {
  hold(lock: Lock): void;
  state(plan: Plan, catalogue: Catalogue): RunState;
}

interface RunParts {
  folder: RunFolder;
  entries: readonly PlatformEntry[];
  seed: number;
  ledger: OpenLedger;
  history: History;
}

async function openWorkingRun(
  { folder, entries, seed, ledger, history }: RunParts,
  options: MeasureOptions,
): Promise<OpenRun> {
  const { env, cacheDir, signals, observer = {} } = options;
  const scratchDir = scratchFolder(folder.id);
  const places = {
    '<run>': folder.path,
    '<scratch>': scratchDir,
    '<cache>': cacheDir,
    '<sebs>': PACKAGE_ROOT,
    '~': homedir(),
  };
  const shorten = createShortener(places);
  const journal = observed(openAppendLog<JournalLine>(folder.journal, shorten), observer.journalled);
  const warnings: string[] = [];
  const part = history.part + 1;
  // A driver may have something to say before there is a folder to write it to.
  let early: JournalLine[] | null = [];
  const clock = createClock();
  const platforms = await openPlatforms(entries, {
    runId: folder.id,
    logDir: folder.logs,
    scratchDir,
    cacheDir,
    env,
    ledger,
    signal: signals.drain,
    simulation: { clock, seed },
    note(level, text) {
      const line: JournalLine = { type: 'note', part, at: new Date().toISOString(), level, text };
      if (early === null) journal.append(line);
      else early.push(line);
      if (level === 'warning') warnings.push(text);
    },
  });
  if (areModels(platforms)) clock.playOnly(history.spentUs);
  const invoker = await createInvoker({ clock });
  const held: Lock[] = [];
  // The process ends right after it: nothing that must be waited for.
  const leaveAtOnce = (): void => {
    for (const lock of held) lock.release();
    options.stderr.write(
      `what may be left behind is listed in ${folder.ledger}; remove it with: sebs resources clean ${folder.id}\n`,
    );
  };
  signals.aborted.addEventListener('abort', leaveAtOnce);
  return {
    folder,
    platforms,
    hold(lock) {
      held.push(lock);
    },
    execution: {
      history,
      observer,
      argv: options.argv,
      invoker,
      clock,
      style: options.progress,
      stderr: options.stderr,
      lock:
        options.lock && clock.real
          ? async (onWait) => {
              const lock = await acquireMeasuringLock({
                wait: true,
                signal: signals.drain,
                onWait: (holder) => onWait(`process ${holder.pid}`),
              });
              held.push(lock);
              return lock;
            }
          : undefined,
    },
    state(plan, catalogue) {
      const attempts = { ...history.counts };
      const recorded = (rows: readonly Invocation[]): void => {
        countAttempts(attempts, rows);
        observer.recorded?.(rows);
      };
      observer.planned?.(folder, plan, history);
      journal.append(...(early ?? []));
      early = null;
      return {
        folder,
        plan,
        catalogue,
        platforms,
        part,
        journal,
        clock,
        invocations: observed(openAppendLog<Invocation>(folder.invocations, shorten), recorded),
        ledger,
        drain: signals.drain,
        storages: new Map(),
        homes: new Map(),
        nosqls: new Map(),
        packages: new Map(),
        inputs: new Map(),
        deployments: new Map(),
        facts: new Map(),
        attempts,
        warnings,
        places,
        shorten,
      };
    },
    async close() {
      signals.aborted.removeEventListener('abort', leaveAtOnce);
      await invoker.close();
      await closeDrivers(platforms);
      journal.close();
      ledger.close();
      rmSync(scratchDir, { recursive: true, force: true });
      for (const lock of held) lock.release();
    },
  };
}

/** Then nothing real is measured, and no real time passes. */
function areModels(platforms: ReadonlyMap<string, OpenPlatform>): boolean {
  return [...platforms.values()].every(({ driver }) => driver.capabilities.isModel === true);
}

async function closeDrivers(platforms: ReadonlyMap<string, OpenPlatform>): Promise<void> {
  await Promise.all([...platforms.values()].map(({ driver }) => driver.close()));
}

/** The benchmarks of a plan, from where they were found then. */
async function sameCatalogue(manifest: Manifest, plan: Plan): Promise<Catalogue> {
  const own = (manifest.suite.own_benchmarks ?? []).map(({ id, path }) => ({
    id,
    path: withHome(path),
  }));
  const ownIds = new Set(own.map(({ id }) => id));
  const ids = [...new Set(plan.cells.flatMap(({ benchmark }) => (benchmark === null ? [] : [benchmark])))];
  return loadCatalogue({ paths: own, ids: ids.filter((id) => !ownIds.has(id)) });
}

/** A resumed run must be the same run: anything else would mix two into one dataset. */
function refuseChanges(manifest: Manifest, plan: Plan, catalogue: Catalogue, folder: RunFolder): void {
  const refuse = (what: string): never => {
    throw new UsageError(`${folder.id} cannot be resumed: ${what}`, {
      hint: 'start a new run; what was measured stays: sebs process makes its report',
    });
  };
  if (manifest.tool.version !== toolVersion())
    refuse(`it was made by sebs ${manifest.tool.version}, this is ${toolVersion()}`);
  if (sha256(readFileSync(folder.suite)) !== manifest.suite.raw_sha256) refuse(`its ${folder.suite} was changed`);
  for (const file of manifest.suite.files ?? []) {
    const original = withHome(file.path);
    if (existsSync(original) && sha256(readFileSync(original)) !== file.sha256)
      refuse(`${file.path} was changed since it began`);
  }
  for (const planned of plan.packages) {
    const now = catalogue.benchmarks.get(planned.benchmark)?.sourceSha256;
    if (now !== planned.source_sha256) refuse(`the code of ${planned.benchmark} was changed since it began`);
  }
}
