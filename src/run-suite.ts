// What `sebs run suite.yaml` does, in five steps. Start reading here.
//
//   suite.yaml --1 spec/--> ResolvedSuite --2 plan/--> Plan --3 run/--> run folder, raw/
//     --4 results/--> run folder, derived/ --5 report/--> report.html
//
// Each step takes what the one before it made. Steps 4 and 5 work from the run folder alone, so they are also what
// `sebs process` and `sebs report` do with an old run. Each step's code comes by import() with the step, so that no command
// waits for the libraries of the others.
import { join } from 'node:path';
import { EXIT } from './errors.js';
import type { Plan } from './generated/plan.js';
import type { Summary } from './generated/summary.js';
import type { ReadSuite, SuiteSource } from './read-suite.js';
import { type RunFolder, readManifest, readPlan, runFolder, writeManifest } from './results/run-folder.js';
import { newRunId } from './run/names.js';
import type { StopSignal } from './stop-signal.js';
import type { MeasureOptions, ResumeOptions } from './working-run.js';

export interface RunOptions extends SuiteSource, MeasureOptions {
  /** Run as a partial suite although the least it takes is above a limit. */
  yes: boolean;
}

export interface RunOutcome {
  exitCode: number;
  runId: string;
  folder: RunFolder;
  summary?: Summary;
  /** For people. */
  text: string;
}

/** Throws SpecError, before anything was created, when the suite is wrong. */
export async function runSuite(options: RunOptions): Promise<RunOutcome> {
  // 1. spec/: YAML -> ResolvedSuite, with the benchmarks it names
  const { planOf, readSuite, refuseAboveLimits } = await import('./read-suite.js');
  const read = await readSuite(options);

  const folder = runFolder(join(options.reportsDir, newRunId(read.loaded.suite.name)));
  const { openNewRun } = await import('./working-run.js');
  const run = await openNewRun(folder, read, options);
  try {
    // 2. plan/: ResolvedSuite + what platforms and host can do -> Plan
    const plan = planOf(read, run.platforms);
    refuseAboveLimits(plan, options.yes);

    // 3. run/: Plan -> raw/, executed by listr2 through the drivers
    const { execute } = await import('./run/execute.js');
    const state = await run.begin(plan);
    const { exitCode } = await execute({ ...run.execution, state });

    // 4. and 5.
    return { ...(await deriveAndReport(folder)), exitCode: withSignal(exitCode, options.signals) };
  } finally {
    await run.close();
  }
}

/** Steps 3 to 5 of a run that was cut off: goes on where its lines end. */
export async function resumeRun(options: ResumeOptions): Promise<RunOutcome> {
  const [{ reopenRun }, { execute }] = await Promise.all([import('./working-run.js'), import('./run/execute.js')]);
  const run = await reopenRun(options);
  try {
    const state = await run.begin(readPlan(run.folder));
    const { exitCode } = await execute({ ...run.execution, state });
    return { ...(await deriveAndReport(run.folder)), exitCode: withSignal(exitCode, options.signals) };
  } finally {
    await run.close();
  }
}

/** Steps 1 and 2 alone: nothing is created. */
export async function planSuite(source: SuiteSource): Promise<{ plan: Plan; text: string } & ReadSuite> {
  const [{ planOf, readSuite }, { openForPlanning }, { planText }] = await Promise.all([
    import('./read-suite.js'),
    import('./working-run.js'),
    import('./plan/text.js'),
  ]);
  const read = await readSuite(source);
  const { platforms, close } = await openForPlanning(read, source);
  try {
    const plan = planOf(read, platforms);
    return { ...read, plan, text: planText(plan) };
  } finally {
    await close();
  }
}

/** Steps 4 and 5: from the run folder alone, as often as wanted. */
export async function deriveAndReport(folder: RunFolder): Promise<Omit<RunOutcome, 'exitCode'> & { summary: Summary }> {
  // 4. results/: raw/ -> dataframes and statistics in derived/
  const [{ derive }, { sealDerived }] = await Promise.all([
    import('./results/summarise.js'),
    import('./results/checksums.js'),
  ]);
  const summarised = startTask();
  const summary = await derive(folder);
  const manifest = readManifest(folder);
  const seals = { ...manifest.seals, derived: sealDerived(folder) };
  const derivation = { summarise: summarised() };
  writeManifest(folder, { ...manifest, seals, derivation });

  // 5. report/: derived/ -> report.html
  const reported = startTask();
  const outcome = await reportOf(folder, summary);
  writeManifest(folder, { ...readManifest(folder), derivation: { ...derivation, report: reported() } });
  return { ...outcome, summary };
}

/** Step 5. */
export async function reportOf(folder: RunFolder, summary: Summary): Promise<Omit<RunOutcome, 'exitCode'>> {
  const [{ renderReport }, { summaryText }, { writeIndex }] = await Promise.all([
    import('./report/html.js'),
    import('./report/text.js'),
    import('./report/index-page.js'),
  ]);
  await renderReport(folder);
  await writeIndex(join(folder.path, '..'));
  return { runId: folder.id, folder, text: summaryText(folder, summary) };
}

/** The plan's last two tasks come after raw/ is sealed, the journal with it: the manifest says when they were done. */
function startTask(): () => { at: string; us: number } {
  const started = performance.now();
  return () => ({ at: new Date().toISOString(), us: Math.round((performance.now() - started) * 1000) });
}

/** The exit code of a stopped run tells by which signal. */
function withSignal(exitCode: number, signals: StopSignal): number {
  return exitCode === EXIT.sigint && signals.name() === 'SIGTERM' ? EXIT.sigterm : exitCode;
}
