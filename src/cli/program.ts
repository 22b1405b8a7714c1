// The frame of the command line: groups of commands, each in a file of its own, and what holds for all of them. Comes in:
// what to do with a command once it is chosen; goes out: a parser. Each command's code is imported when it is asked for,
// so that `sebs --help` loads nothing but the parser.
import { type Argument, Command, CommanderError, Help, Option } from 'commander';
import { EXIT } from '../errors.js';
import { addAfterwards } from './afterwards.js';
import { addBegin } from './begin.js';
import { addContainers } from './containers.js';
import { printable } from './error-text.js';
import { EXAMPLES, HELP_AFTER } from './help-text.js';
import { addHousekeeping } from './housekeeping.js';
import { addMeasure } from './measure.js';
import type { Show } from './options.js';

/** The parser takes these away again where colours are not wanted: no terminal, NO_COLOR. */
const STYLE = {
  styleTitle: (text: string) => `\u001b[1m${text}\u001b[22m`,
  styleCommandText: cyan,
  styleSubcommandText: cyan,
  styleOptionText: cyan,
};

export function buildProgram(version: string, show: Show): Command {
  const program = new Command('sebs')
    .description('Benchmark serverless platforms from one YAML suite: plan, measure, report.')
    .usage('<command> [options]')
    .version(version, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print help; after a command, help for that command')
    .helpCommand(false)
    .configureHelp({ ...STYLE, subcommandTerm: termOf, optionDescription: describe })
    // What follows a command belongs to it: `--json` after `init benchmark` is not one of `init`.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(printable(text)) })
    .showHelpAfterError('(sebs --help shows all commands)')
    .addOption(debug())
    .addHelpText('after', HELP_AFTER);
  program.commandsGroup('Begin:');
  addBegin(program, show);
  program.commandsGroup('Measure:');
  addMeasure(program, show);
  program.commandsGroup('Afterwards:');
  addAfterwards(program, show);
  program.commandsGroup('Housekeeping:');
  addHousekeeping(program, show);
  addContainers(program, show);
  for (const command of program.commands) complete(command, '');
  return program;
}

/** What every command has: examples, the way back to all commands, and no command `help` of its own. */
function complete(command: Command, before: string): void {
  const name = `${before}${command.name()}`;
  const examples = EXAMPLES[name];
  if (!isGroup(command)) command.addOption(debug());
  command
    .helpCommand(false)
    .showHelpAfterError(
      `(sebs ${isGroup(command) ? '' : `${name} `}--help shows ${isGroup(command) ? 'all commands' : 'how it is used'})`,
    );
  if (examples !== undefined) command.addHelpText('after', examples);
  for (const below of command.commands) complete(below, `${name} `);
}

function cyan(text: string): string {
  return `\u001b[36m${text}\u001b[39m`;
}

/** In the list of commands: its arguments, or what a group has. */
function termOf(command: Command): string {
  if (isGroup(command)) return `${command.name()} ${command.commands.map((below) => below.name()).join('|')}`;
  return [command.name(), ...command.registeredArguments.map(bracketed)].join(' ');
}

function bracketed(argument: Argument): string {
  const name = argument.variadic ? `${argument.name()}...` : argument.name();
  return argument.required ? `<${name}>` : `[${name}]`;
}

/** That a switch is off when it is not given goes without saying. */
function describe(option: Option): string {
  return new Help().optionDescription(option).replace(' (default: false)', '');
}

function debug(): Option {
  return new Option('--debug', 'show the stack and the causes of an error');
}

/** A word that does nothing itself, like `cache`. */
function isGroup(command: Command): boolean {
  return command.commands.length > 0 && command.registeredArguments.length === 0;
}

/**
 * `help a b` is `a b --help`, and a group alone shows its help. Where the parser would show the help of all for a name
 * that does not exist, the name alone is left, which it refuses with the nearest one.
 */
export function withHelp(program: Command, argv: readonly string[]): string[] {
  const asked = argv[0] === 'help';
  const words = asked ? argv.slice(1).filter((word) => !['help', '--help', '-h'].includes(word)) : [...argv];
  const named = words.findIndex((word) => word.startsWith('-'));
  const names = named < 0 ? words : words.slice(0, named);
  let command = program;
  for (const [at, name] of names.entries()) {
    const below = command.commands.find((one) => one.name() === name);
    if (below === undefined && isGroup(command)) return names.slice(0, at + 1);
    if (below === undefined) break;
    command = below;
  }
  const alone = named < 0 && isGroup(command);
  return asked || alone ? [...words, '--help'] : words;
}

/** The exit code of what the parser threw after it had its say (help, version, a wrong command line); else undefined. */
export function parserExitCode(error: unknown): number | undefined {
  if (!(error instanceof CommanderError)) return undefined;
  return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
}
