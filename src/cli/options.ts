// The command line's options that more than one command has, and what a command's action is given. Comes in: nothing;
// goes out: options and arguments for the parser, so that one name means one thing everywhere.
import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import type { CommandContext, CommandResult } from '../commands/command.js';

export interface CommonOptions {
  json?: boolean;
  out?: string;
  github?: boolean;
}

export interface RunOptions extends CommonOptions {
  lock: boolean;
  yes: boolean;
  quiet: boolean;
  junit?: string;
}

/**
 * Signals end a stoppable command in order: it has sandboxes to stop and a report to write. A streaming one is stoppable,
 * and with --json it prints events while it goes. The others just end.
 */
export type CommandKind = 'short' | 'stoppable' | 'streaming';

/** Runs a command and shows its result. */
export type Show = (
  options: CommonOptions,
  kind: CommandKind,
  command: (context: CommandContext) => Promise<CommandResult>,
) => Promise<void>;

/** What everything that measures takes. */
export function runOptions(command: Command): Command {
  return command
    .addOption(out())
    .option('--yes', 'run although the plan is above a limit', false)
    .option('--no-lock', 'do not wait for other runs on this machine; recorded')
    .option('-q, --quiet', 'no progress', false);
}

/** What a run tells other programs. */
export function forPrograms(command: Command): Command {
  return command
    .option('--json', 'print events as JSON lines while it runs (docs/events.md)')
    .option('--junit <file>', 'write a JUnit report: one test case per cell')
    .option('--github', 'print annotations for GitHub checks (by itself when GITHUB_ACTIONS=true)')
    .option('--no-github', 'print none');
}

export function runArgument(): Argument {
  return new Argument('<run>', 'its id, the beginning of it, its folder, or latest').argParser(something);
}

export function simulate(): Option {
  return new Option(
    '--simulate',
    'rehearse: every platform is replaced by a model of it, and nothing is measured',
  ).default(false);
}

export function json(): Option {
  return new Option('--json', 'print the result as JSON');
}

export function out(): Option {
  return new Option('--out <dir>', 'folder of the run folders').default('reports').argParser(something);
}

/** For options that may be given more than once. */
export function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

/** An empty text comes from a variable that is not set, and would mean any run, or this folder. */
function something(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It is empty.');
  return text;
}

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('A whole number from 1 is needed.');
  return value;
}
