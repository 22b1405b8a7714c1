// `sebs run SUITE` and `sebs resume RUN`: the command line's words for run-suite.ts. Comes in: options; goes out: the
// summary as text, the run folder, and the exit code that the run earned; for programs events, JUnit XML and annotations.
import { writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { cacheDirectory } from '../cache/cache.js';
import { messageOf, SebsError, SpecError, UsageError } from '../errors.js';
import { makeFolder } from '../folders.js';
import { readManifest } from '../results/run-folder.js';
import type { RunObserver } from '../run/observer.js';
import type { RunOutcome } from '../run-suite.js';
import { resumeRun, runSuite } from '../run-suite.js';
import type { CommandContext, CommandResult } from './command.js';
import { type SuiteOptions, sourceOf } from './suite-options.js';

export interface RunCommandOptions {
  /** False: do not wait for, or hold, the machine's measuring lock. Recorded. */
  lock: boolean;
  /** Run although the least it can take is above a limit. */
  yes: boolean;
  /** No progress on stderr. */
  quiet: boolean;
  /** File for a JUnit report. */
  junit?: string;
}

export async function run(
  suiteFile: string | undefined,
  options: RunCommandOptions & SuiteOptions,
  context: CommandContext,
): Promise<CommandResult> {
  const source = sourceOf(suiteFile, options, context);
  return told(source.suiteFile, options, context, (observer) =>
    runSuite({ ...source, ...measureOptions(options, context), observer }),
  );
}

export async function resume(
  reference: string,
  options: RunCommandOptions,
  context: CommandContext,
): Promise<CommandResult> {
  return told(reference, options, context, (observer) =>
    resumeRun({ run: reference, ...measureOptions(options, context), observer }),
  );
}

/** The same for everything that measures. */
export function measureOptions({ lock, yes, quiet }: RunCommandOptions, context: CommandContext) {
  const { env, stderr, signals, reportsDir, interactive } = context;
  const progress = quiet ? ('silent' as const) : interactive ? ('listr2' as const) : ('plain' as const);
  return {
    env,
    stderr,
    signals,
    reportsDir,
    cacheDir: cacheDirectory(env),
    argv: [...context.argv],
    progress,
    lock,
    yes,
  };
}

/** Carries the work out and tells whoever asked: of its course, of its result, and also of an error that ends it. */
export async function told(
  what: string,
  { junit }: RunCommandOptions,
  { emit, github, stderr }: CommandContext,
  work: (observer: RunObserver) => Promise<RunOutcome>,
): Promise<CommandResult> {
  const events = await import('./events.js');
  // Written first: a folder that is not there shows before anything is measured, and a kill does not leave the success
  // of the run before.
  if (junit !== undefined) await writeJunitError(junit, what, 'the run did not come to its end');
  try {
    const outcome = await work(emit === undefined ? {} : events.eventsOf(emit));
    if (junit !== undefined) await writeJunit(junit, outcome);
    if (github) stderr.write(lines(await annotationsOf(outcome)));
    const { exitCode, runId, folder, summary, text } = outcome;
    const paths = { run: runId, folder: folder.path, report: folder.report, ...(junit === undefined ? {} : { junit }) };
    emit?.(events.finished(exitCode, { ...paths, summary: join(folder.derived, 'summary.json') }));
    return { exitCode, text, data: { ...paths, exitCode, summary } };
  } catch (error) {
    if (junit !== undefined) await writeJunitError(junit, what, messageOf(error));
    if (github) stderr.write(lines(await annotationsFor(error)));
    emit?.(events.brokenOff(error));
    throw error;
  }
}

async function writeJunit(file: string, { folder, summary }: RunOutcome): Promise<void> {
  if (summary === undefined) return;
  const { junitText } = await import('../report/junit.js');
  writeJunitFile(file, junitText(readManifest(folder).suite.name, summary));
}

async function writeJunitError(file: string, what: string, message: string): Promise<void> {
  writeJunitFile(file, (await import('../report/junit.js')).junitError(basename(what), message));
}

function writeJunitFile(file: string, text: string): void {
  makeFolder(dirname(file));
  try {
    writeFileSync(file, text);
  } catch (cause) {
    throw new UsageError(`the JUnit report cannot be written: ${messageOf(cause)}`, {
      cause,
      hint: 'name a file in a folder that this user may write: --junit results.xml',
    });
  }
}

/** They stand at the suite's file, also when a run is resumed. */
async function annotationsOf({ folder, summary }: RunOutcome): Promise<string[]> {
  if (summary === undefined) return [];
  const file = readManifest(folder).suite.files?.[0]?.path;
  return (await import('../report/github.js')).annotateRun(summary, file);
}

async function annotationsFor(error: unknown): Promise<string[]> {
  const { annotateError, annotateProblems } = await import('../report/github.js');
  if (error instanceof SpecError) return annotateProblems(error.problems);
  return [annotateError(messageOf(error), error instanceof SebsError ? error.hint : undefined)];
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join('');
}
