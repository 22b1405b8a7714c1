// `sebs run SUITE` and `sebs resume RUN`: the command line's words for run-suite.ts. Comes in: options; goes out: the
// summary as text, the run folder, and the exit code that the run earned.
import { cacheDirectory } from '../cache/cache.js';
import type { RunOutcome } from '../run-suite.js';
import { resumeRun, runSuite } from '../run-suite.js';
import type { CommandContext, CommandResult } from './command.js';

export interface RunCommandOptions {
  /** False: do not wait for, or hold, the machine's measuring lock. Recorded. */
  lock: boolean;
  /** Run although the least it can take is above a limit. */
  yes: boolean;
  /** No progress on stderr. */
  quiet: boolean;
}

export async function run(
  suiteFile: string,
  options: RunCommandOptions & { /** The suite itself, when it is not read from the file. */ text?: string },
  context: CommandContext,
): Promise<CommandResult> {
  const text = options.text === undefined ? {} : { text: options.text };
  return resultOf(await runSuite({ suiteFile, ...text, ...common(options, context) }));
}

export async function resume(
  reference: string,
  options: RunCommandOptions,
  context: CommandContext,
): Promise<CommandResult> {
  return resultOf(await resumeRun({ run: reference, ...common(options, context) }));
}

function common({ lock, yes, quiet }: RunCommandOptions, context: CommandContext) {
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

function resultOf({ exitCode, runId, folder, summary, text }: RunOutcome): CommandResult {
  return { exitCode, text, data: { run: runId, folder: folder.path, report: folder.report, exitCode, summary } };
}
