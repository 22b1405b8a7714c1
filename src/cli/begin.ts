// The words of the command line to begin with: init, list, doctor. Comes in: the program; goes out: the same with these
// commands, each importing its code when it is asked for.
import { Argument, type Command } from 'commander';
import type { ListName } from '../commands/list.js';
import { type CommonOptions, json, out, type Show } from './options.js';

const LISTS: readonly ListName[] = ['benchmarks', 'platforms', 'experiments', 'runs'];

export function addBegin(program: Command, show: Show): void {
  const init = program
    .command('init')
    .description('write a suite that works at once')
    .argument('[dir]', 'where; made when it is not there', '.')
    .addOption(json())
    .action(async (dir: string, o: CommonOptions) =>
      show(o, 'short', async () => (await import('../commands/init.js')).init({ dir })),
    );
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
    .addArgument(new Argument('<what>', 'what to list').choices(LISTS))
    .addOption(out())
    .addOption(json())
    .action(async (what: ListName, o: CommonOptions) =>
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
}
