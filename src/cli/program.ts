// The words of the command line: a flat list of commands with their arguments, options and help. Comes in: what to do
// with a command once it is chosen; goes out: a parser. Each command's code is imported when it is asked for, so that
// `sebs --help` loads nothing but the parser.
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { CommandContext, CommandResult } from '../commands/command.js';
import { EXIT } from '../errors.js';
import { HELP_AFTER, HELP_AFTER_INIT, HELP_AFTER_RUN } from './help-text.js';

export interface CommonOptions {
  json?: boolean;
  out?: string;
}
interface RunOptions extends CommonOptions {
  lock: boolean;
  yes: boolean;
  quiet: boolean;
}
interface InvokeOptions extends RunOptions {
  platform?: string;
  input?: string;
  language?: string;
  memory?: number;
  repetitions: number;
  start: 'cold' | 'warm';
  keep: boolean;
}

/** Signals end this one in order: it has sandboxes to stop and a report to write. The others just end. */
export type Stoppable = 'stoppable' | 'short';

/** Runs a command and shows its result. */
export type Show = (
  options: CommonOptions,
  stoppable: Stoppable,
  command: (context: CommandContext) => Promise<CommandResult>,
) => Promise<void>;

export function buildProgram(version: string, show: Show): Command {
  const program = new Command('sebs')
    .description('Benchmark serverless platforms from one YAML suite: plan, measure, report.')
    .version(version, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print help; after a command, help for that command')
    .helpCommand(false)
    // What follows a command belongs to it: `--json` after `init benchmark` is not one of `init`.
    .enablePositionalOptions()
    .exitOverride()
    .showHelpAfterError('(sebs --help shows all commands)')
    .addHelpText('after', HELP_AFTER);

  program.commandsGroup('Begin:');
  const init = program
    .command('init')
    .description('write a suite that works at once')
    .argument('[dir]', 'where; made when it is not there', '.')
    .helpCommand(false)
    .addHelpText('after', HELP_AFTER_INIT)
    .action(async (dir: string, o: CommonOptions) =>
      show(o, 'short', async () => (await import('../commands/init.js')).init({ dir })),
    );
  init.addOption(json());
  init
    .command('benchmark')
    .description('write the folder of a benchmark of your own, in Python and Node.js')
    .argument('<name>', 'its name')
    .argument('[dir]', 'where the folder is made', '.')
    .addOption(json())
    .action(async (name: string, dir: string, o: CommonOptions) =>
      show(o, 'short', async () => (await import('../commands/init-benchmark.js')).initBenchmark({ name, dir })),
    );
  program
    .command('list')
    .description('what there is to choose from, and what has been run')
    .addArgument(new Argument('<what>', 'what to list').choices(['benchmarks', 'platforms', 'experiments', 'runs']))
    .addOption(out())
    .addOption(json())
    .action(async (what: 'benchmarks' | 'platforms' | 'experiments' | 'runs', o: CommonOptions) =>
      show(o, 'short', async (context) => (await import('../commands/list.js')).list(what, context)),
    );
  program
    .command('doctor')
    .description('what this machine has and lacks')
    .option('--platform <type>', 'look at this platform only')
    .addOption(out())
    .addOption(json())
    .action(async (o: CommonOptions & { platform?: string }) =>
      show(o, 'short', async (context) => (await import('../commands/doctor.js')).doctor(o, context)),
    );

  program.commandsGroup('Measure:');
  program
    .command('validate')
    .description('check suites without running them')
    .argument('<suites...>', 'suite files')
    .addOption(json())
    .action(async (suites: string[], o: CommonOptions) =>
      show(o, 'short', async (context) => (await import('../commands/validate.js')).validate(suites, context)),
    );
  program
    .command('plan')
    .description('what a run would do: cells, requests, time, what is skipped and why')
    .argument('<suite>', 'suite file')
    .addOption(json())
    .action(async (suite: string, o: CommonOptions) =>
      show(o, 'short', async (context) => (await import('../commands/plan.js')).plan(suite, context)),
    );
  runOptions(program.command('run').description('plan, measure, report'))
    .argument('<suite>', 'suite file')
    .addHelpText('after', HELP_AFTER_RUN)
    .action(async (suite: string, o: RunOptions) =>
      show(o, 'stoppable', async (context) => (await import('../commands/run.js')).run(suite, o, context)),
    );
  runOptions(program.command('resume').description('go on with a run that was stopped or killed'))
    .addArgument(runArgument())
    .action(async (run: string, o: RunOptions) =>
      show(o, 'stoppable', async (context) => (await import('../commands/run.js')).resume(run, o, context)),
    );
  runOptions(program.command('invoke').description('call one function, without a suite'))
    .argument('<benchmark>', 'a benchmark of `sebs list benchmarks`, or the folder of your own (./name)')
    .option('--platform <type>', 'where (default: the first of `sebs list platforms`)')
    .option('--input <name>', 'which input (default: test)')
    .option('--language <name>', 'for example python or nodejs@20')
    .option('--memory <mb>', 'memory in MB', wholeNumber)
    .option('--repetitions <n>', 'how often', wholeNumber, 1)
    .addOption(new Option('--start <start>', 'what the calls meet').choices(['cold', 'warm']).default('cold'))
    .option('--keep', 'keep the function afterwards', false)
    .action(async (benchmark: string, o: InvokeOptions) =>
      show(o, 'stoppable', async (context) => (await import('../commands/invoke.js')).invoke(benchmark, o, context)),
    );

  program.commandsGroup('Afterwards:');
  program
    .command('process')
    .description('make tables and report again from the raw records')
    .addArgument(runArgument())
    .option('--offline', 'do not ask platforms for late metrics', false)
    .addOption(out())
    .addOption(json())
    .action(async (run: string, o: CommonOptions & { offline: boolean }) =>
      show(o, 'stoppable', async (context) => (await import('../commands/process.js')).processRun(run, o, context)),
    );
  program
    .command('report')
    .description('write report.html again from the tables')
    .addArgument(runArgument())
    .addOption(out())
    .addOption(json())
    .action(async (run: string, o: CommonOptions) =>
      show(o, 'short', async (context) => (await import('../commands/report.js')).report(run, context)),
    );
  program
    .command('verify')
    .description('compare a run folder with the checksums taken when it was sealed')
    .addArgument(runArgument())
    .addOption(out())
    .addOption(json())
    .action(async (run: string, o: CommonOptions) =>
      show(o, 'short', async (context) => (await import('../commands/verify.js')).verify(run, context)),
    );

  program.commandsGroup('Housekeeping:');
  addHousekeeping(program, show);
  return program;
}

function addHousekeeping(program: Command, show: Show): void {
  const cache = program.command('cache').description('code packages and inputs kept between runs').helpCommand(false);
  cache
    .command('list')
    .description('what is in the cache')
    .addOption(json())
    .action(async (o: CommonOptions) =>
      show(o, 'short', async (context) => (await import('../commands/cache.js')).cacheList(context)),
    );
  cache
    .command('prune')
    .description('remove what has not been used for 30 days')
    .option('--older-than <days>', 'another number of days', wholeNumber)
    .option('--all', 'everything that no run is using', false)
    .addOption(json())
    .action(async (o: CommonOptions & { olderThan?: number; all: boolean }) =>
      show(o, 'short', async (context) =>
        (await import('../commands/cache.js')).cachePrune(
          { all: o.all, ...(o.olderThan === undefined ? {} : { olderThanDays: o.olderThan }) },
          context,
        ),
      ),
    );
  const resources = program
    .command('resources')
    .description('what runs have left outside their folders')
    .helpCommand(false);
  resources
    .command('list')
    .description('what is still there')
    .argument('[run]', 'of one run; else of all')
    .addOption(out())
    .addOption(json())
    .action(async (run: string | undefined, o: CommonOptions) =>
      show(o, 'short', async (context) => (await import('../commands/resources.js')).resourcesList(run, context)),
    );
  resources
    .command('clean')
    .description('remove it')
    .argument('[run]', 'of one run; else of all that are not running')
    .addOption(out())
    .addOption(json())
    .action(async (run: string | undefined, o: CommonOptions) =>
      show(o, 'stoppable', async (context) => (await import('../commands/resources.js')).resourcesClean(run, context)),
    );
}

function runOptions(command: Command): Command {
  return command
    .addOption(out())
    .option('--yes', 'run although the plan is above a limit', false)
    .option('--no-lock', 'do not wait for other runs on this machine; recorded')
    .option('-q, --quiet', 'no progress', false)
    .addOption(json());
}

function runArgument(): Argument {
  return new Argument('<run>', 'its id, the beginning of it, its folder, or latest');
}

function json(): Option {
  return new Option('--json', 'print the result as JSON');
}

function out(): Option {
  return new Option('--out <dir>', 'folder of the run folders').default('reports');
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('a whole number from 1 is needed');
  return value;
}

/** The exit code of what the parser threw after it had its say (help, version, a wrong command line); else undefined. */
export function parserExitCode(error: unknown): number | undefined {
  if (!(error instanceof CommanderError)) return undefined;
  return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
}
