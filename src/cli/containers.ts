// The words of the command line for containers: images, and functions that stay up. Comes in: the program; goes out: the
// same with these commands, each importing its code when it is asked for.
import type { Command } from 'commander';
import { type CommonOptions, json, out, type Show, wholeNumber } from './options.js';

interface StartOptions extends CommonOptions {
  platform: string;
  language?: string;
  memory?: number;
  input?: string;
  instances: number;
  sampleEvery: number;
}

export function addContainers(program: Command, show: Show): void {
  addImages(program, show);
  addLocal(program, show);
}

function addImages(program: Command, show: Show): void {
  const images = program.command('images').description('container images that functions are built in and run from');
  images
    .command('build')
    .description('make images, or take what is there')
    .argument('[languages...]', 'such as python@3.11; all when nothing is said')
    .option('--base <base>', 'auto, official, bootstrap, or the name of an image', 'auto')
    .addOption(json())
    .action(async (languages: string[], o: CommonOptions & { base: string }) =>
      show(o, 'stoppable', async (context) =>
        (await import('../commands/images.js')).imagesBuild(languages, o, context),
      ),
    );
  images
    .command('list')
    .description('which there are')
    .addOption(json())
    .action(async (o: CommonOptions) =>
      show(o, 'short', async (context) => (await import('../commands/images.js')).imagesList(context)),
    );
  images
    .command('prune')
    .description('remove those that a rebuild replaced')
    .option('--all', 'every one that nothing is using', false)
    .addOption(json())
    .action(async (o: CommonOptions & { all: boolean }) =>
      show(o, 'short', async (context) => (await import('../commands/images.js')).imagesPrune(o, context)),
    );
}

function addLocal(program: Command, show: Show): void {
  const local = program.command('local').description('functions in containers that stay up until they are stopped');
  local
    .command('start')
    .description('start a function, and say how to call it')
    .argument('<benchmark>', 'its id, or the folder of one of your own')
    .option('--platform <type>', 'where', 'local')
    .option('--language <language>', 'such as python@3.11')
    .option('--memory <MB>', 'its memory', wholeNumber)
    .option('--input <name>', 'which input the example call has')
    .option('--instances <n>', 'how many sandboxes', wholeNumber, 1)
    .option('--sample-every <ms>', 'how often its memory is looked at', wholeNumber, 100)
    .option('--no-sample', 'do not look at its memory')
    .addOption(out())
    .addOption(json())
    .action(async (benchmark: string, o: StartOptions & { sample: boolean }) =>
      show(o, 'stoppable', async (context) =>
        (await import('../commands/standing.js')).start(
          benchmark,
          { ...o, sampleEvery: o.sample ? o.sampleEvery : 0 },
          context,
        ),
      ),
    );
  local
    .command('stop')
    .description('end them, and say what memory they took')
    .argument('[id]', 'what start said; else all')
    .addOption(out())
    .addOption(json())
    .action(async (id: string | undefined, o: CommonOptions) =>
      show(o, 'stoppable', async (context) => (await import('../commands/standing.js')).stop(id, context)),
    );
}
