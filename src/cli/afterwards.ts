// The words of the command line for run folders: process, report, statistics, verify. Comes in: the program; goes out: the same with
// these commands, each importing its code when it is asked for.
import type { Command } from 'commander';
import type { StatisticsOptions } from '../commands/statistics.js';
import { type CommonOptions, collect, json, out, runArgument, type Show } from './options.js';

export function addAfterwards(program: Command, show: Show): void {
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
    .command('statistics')
    .description('the numbers of a run: n, median with interval, percentiles, CV, cold starts, failures per cell')
    .addArgument(runArgument())
    .option('--metric <name>', 'what is summarised, a column of the tables', 'client_us')
    .option(
      '--filter <axis=level>',
      'cells with this level only, for example memory=128,256; may be repeated',
      collect,
      [],
    )
    .option('--sort <column>', 'cell, n, p50, p90, p95, p99, mean, max, cv, cold or failed (default: as planned)')
    .option('--reverse', 'the other way round', false)
    .option('--csv', 'as CSV', false)
    .addOption(out())
    .addOption(json().conflicts('csv'))
    .action(async (run: string, o: CommonOptions & StatisticsOptions) =>
      show(o, 'short', async (context) => (await import('../commands/statistics.js')).statistics(run, o, context)),
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
}
