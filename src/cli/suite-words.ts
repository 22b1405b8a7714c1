// The options that say which suite a command is about, the same for `run`, `plan` and `validate`. Comes in: a command; goes
// out: the command with them.
import { type Command, Option } from 'commander';
import { collect, wholeNumber } from './options.js';

/** `--set` and `--filter`: may be repeated. */
export function narrowingOptions(command: Command): Command {
  return command
    .addOption(repeated('--set <path=value>', 'change the suite, e.g. --set factors.memory=[128]; recorded'))
    .addOption(repeated('--filter <axis=levels>', 'keep these cells alone, e.g. --filter platform=docker; recorded'));
}

/** A quick look without a file. */
export function quickOptions(command: Command): Command {
  return command
    .addOption(repeated('--benchmark <id>', 'without a suite: measure this; the suite it stands for is shown'))
    .option('--platform <types>', 'with --benchmark: where')
    .option('--language <levels>', 'with --benchmark: e.g. python,nodejs@20')
    .option('--memory <levels>', 'with --benchmark: in MB, e.g. 128,256')
    .option('--timeout <levels>', 'with --benchmark: e.g. 30s')
    .option('--input <names>', 'with --benchmark: e.g. test,small')
    .option('--concurrency <levels>', 'with --benchmark: e.g. 1,8')
    .option('--starts <starts>', 'with --benchmark: e.g. cold,warm')
    .option('--repetitions <n>', 'with --benchmark: how often', wholeNumber);
}

function repeated(flags: string, description: string): Option {
  return new Option(flags, description).default([]).argParser(collect);
}
