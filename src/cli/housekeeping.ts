// The words of the command line for what stays between runs: cache, resources, storage servers. Comes in: the program; goes out: the same
// with these commands, each importing its code when it is asked for.
import { Argument, type Command } from 'commander';
import type { ServerKind } from '../commands/storage.js';
import { type CommonOptions, json, out, type Show, wholeNumber } from './options.js';

export function addHousekeeping(program: Command, show: Show): void {
  addCache(program, show);
  addResources(program, show);
  addStorage(program, show);
}

function addCache(program: Command, show: Show): void {
  const cache = program.command('cache').description('code packages and inputs kept between runs');
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
}

function addResources(program: Command, show: Show): void {
  const resources = program.command('resources').description('what runs have left outside their folders');
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

function addStorage(program: Command, show: Show): void {
  const storage = program.command('storage').description('storage servers that stay until they are stopped');
  const kind = () => new Argument('[kind]', 'which; else all').choices(['minio', 'dynamodb']);
  storage
    .command('start')
    .description('start servers on 127.0.0.1, and say how a suite uses them')
    .addArgument(kind())
    .option('--port <n>', 'another port than any that is free', wholeNumber)
    .addOption(json())
    .action(async (chosen: ServerKind | undefined, o: CommonOptions & { port?: number }) =>
      show(o, 'stoppable', async (context) =>
        (await import('../commands/storage.js')).storageStart(
          { ...(chosen === undefined ? {} : { kind: chosen }), ...(o.port === undefined ? {} : { port: o.port }) },
          context,
        ),
      ),
    );
  storage
    .command('stop')
    .description('end them')
    .addArgument(kind())
    .option('--data', 'remove what is stored too', false)
    .addOption(json())
    .action(async (chosen: ServerKind | undefined, o: CommonOptions & { data: boolean }) =>
      show(o, 'short', async (context) =>
        (await import('../commands/storage.js')).storageStop(
          { data: o.data, ...(chosen === undefined ? {} : { kind: chosen }) },
          context,
        ),
      ),
    );
}
