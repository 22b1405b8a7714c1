// The words of the command line for stages 1 to 5: validate, plan, run, resume, invoke, package, regression. Comes in: the program; goes out:
// the same with these commands, each importing its code when it is asked for.
import { type Command, Option } from 'commander';
import type { InvokeOptions } from '../commands/invoke.js';
import type { PackageOptions } from '../commands/package.js';
import type { RegressionOptions } from '../commands/regression.js';
import type { SuiteOptions } from '../commands/suite-options.js';
import type { Trigger } from '../platforms/driver.js';
import {
  type CommonOptions,
  collect,
  forPrograms,
  json,
  type RunOptions,
  runArgument,
  runOptions,
  type Show,
  simulate,
  wholeNumber,
} from './options.js';
import { narrowingOptions, quickOptions } from './suite-words.js';

const TRIGGERS: readonly Trigger[] = ['http', 'sdk', 'http-async', 'sdk-async'];

const PLAN = 'what a run would do: cells, requests, time, what is skipped and why';

export function addMeasure(program: Command, show: Show): void {
  narrowingOptions(program.command('validate').description('check suites without running them'))
    .argument('<suites...>', 'suite files')
    .addOption(json())
    .action(async (suites: string[], o: CommonOptions & SuiteOptions) =>
      show(o, 'short', async (context) => (await import('../commands/validate.js')).validate(suites, o, context)),
    );
  quickOptions(narrowingOptions(program.command('plan').description(PLAN)))
    .argument('[suite]', 'suite file')
    .addOption(simulate())
    .addOption(json())
    .action(async (suite: string | undefined, o: CommonOptions & SuiteOptions) =>
      show(o, 'short', async (context) => (await import('../commands/plan.js')).plan(suite, o, context)),
    );
  const running = forPrograms(runOptions(program.command('run').description('plan, measure, report')));
  quickOptions(narrowingOptions(running))
    .argument('[suite]', 'suite file')
    .addOption(simulate())
    .action(async (suite: string | undefined, o: RunOptions & SuiteOptions) =>
      show(o, 'streaming', async (context) => (await import('../commands/run.js')).run(suite, o, context)),
    );
  forPrograms(runOptions(program.command('resume').description('go on with a run that was stopped or killed')))
    .addArgument(runArgument())
    .action(async (run: string, o: RunOptions) =>
      show(o, 'streaming', async (context) => (await import('../commands/run.js')).resume(run, o, context)),
    );
  addInvoke(program, show);
  program
    .command('package')
    .description('build code packages and run nothing')
    .argument('<what...>', 'benchmarks, folders of your own (./name), or suite files (.yaml)')
    .option('--platform <type>', 'for which platform (default: the first of `sebs list platforms`)')
    .option('--language <name>', 'for example python or nodejs@20; may be repeated', collect, [])
    .option('-q, --quiet', 'no progress', false)
    .addOption(json())
    .action(async (what: string[], o: CommonOptions & PackageOptions) =>
      show(o, 'stoppable', async (context) => (await import('../commands/package.js')).packageCode(what, o, context)),
    );
  addRegression(program, show);
}

function addInvoke(program: Command, show: Show): void {
  runOptions(program.command('invoke').description('call one function, without a suite'))
    .argument('<benchmark>', 'a benchmark of `sebs list benchmarks`, or the folder of your own (./name)')
    .option('--platform <type>', 'where (default: the first of `sebs list platforms`)')
    .option('--input <name>', 'which input (default: test)')
    .addOption(new Option('--trigger <trigger>', 'how the call enters (default: http)').choices(TRIGGERS))
    .option('--language <name>', 'for example python or nodejs@20')
    .option('--memory <mb>', 'memory in MB', wholeNumber)
    .option('--repetitions <n>', 'how often', wholeNumber, 1)
    .addOption(new Option('--start <start>', 'what the calls meet').choices(['cold', 'warm']).default('cold'))
    .option('--keep', 'keep the function afterwards', false)
    .addOption(json())
    .action(async (benchmark: string, o: CommonOptions & InvokeOptions) =>
      show(o, 'stoppable', async (context) => (await import('../commands/invoke.js')).invoke(benchmark, o, context)),
    );
}

function addRegression(program: Command, show: Show): void {
  const command = program.command('regression').description('whether every benchmark answers correctly, everywhere');
  narrowingOptions(forPrograms(runOptions(command)))
    .option('--size <name>', 'which input of each benchmark', 'test')
    .option('--benchmark <ids>', 'these, or folders of your own (default: all); may be repeated', collect, [])
    .option('--platform <types>', 'where (default: the first of `sebs list platforms`); may be repeated', collect, [])
    .option('--language <levels>', 'for example python,nodejs@20 (default: all); may be repeated', collect, [])
    .option('--repetitions <n>', 'how often each is called after its first call', wholeNumber, 2)
    .action(async (o: RunOptions & RegressionOptions) =>
      show(o, 'streaming', async (context) => (await import('../commands/regression.js')).regression(o, context)),
    );
}
