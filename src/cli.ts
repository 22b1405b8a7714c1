#!/usr/bin/env node
// argv -> command -> result on stdout, progress on stderr, exit code. The only file that knows console, process.exit and
// process.env; cli/program.ts has the words of the command line.
import { Console } from 'node:console';
import { writeSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { describeError, paintFor } from './cli/error-text.js';
import type { CommandKind, CommonOptions } from './cli/options.js';
import { buildProgram, parserExitCode, withHelp } from './cli/program.js';
import type { CommandContext, CommandResult } from './commands/command.js';
import { EXIT } from './errors.js';
import { packageVersion } from './package-root.js';
import { listenForSignals, noSignals } from './stop-signal.js';

/** Set when the process may end: whatever ends it before is not us. */
let mayEnd = false;
/** Something failed where nobody waited for it; what was asked for went on, but the code must say so. */
let strayFailure = false;
let outputLost = false;

// On Node.js from 22 on, a process.exit while V8's mid-tier compiler works in the background can wait for ever: the
// compiler asks the main thread for a garbage collection, which waits for the compiler (nodejs/node#64274). Without that
// compiler the process ends; what is hot is still compiled by the top tier.
setFlagsFromString('--no-maglev');

// A library's advice about the version of Node.js, which is for us to follow and not for every user to read.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

await main();

async function main(): Promise<void> {
  // A reader that goes away (`sebs list | head -1`) is no error, and must not cost a run its results.
  process.stdout.on('error', noteLostOutput);
  process.stderr.on('error', noteLostOutput);
  // The code of a benchmark's input.mjs runs in this process: what it prints is no result of ours, and what it breaks
  // must not pass for success.
  globalThis.console = new Console(process.stderr, process.stderr);
  process.on('unhandledRejection', noteStrayFailure);
  process.on('uncaughtException', stopInOrder);
  process.on('exit', refuseEarlyEnd);
  try {
    const program = buildProgram(packageVersion(), show);
    await program.parseAsync(withHelp(program, process.argv.slice(2)), { from: 'user' });
  } catch (error) {
    await end(exitCodeFor(error));
  }
}

/** Runs a command, shows its result, and ends with its exit code. */
async function show(
  options: CommonOptions,
  kind: CommandKind,
  command: (context: CommandContext) => Promise<CommandResult>,
): Promise<void> {
  const context = contextFor(options, kind);
  const { exitCode, text, data } = await command(context);
  // Events have said all of it.
  const output = context.emit !== undefined ? '' : options.json === true ? JSON.stringify(data, null, 2) : text;
  if (output !== '') process.stdout.write(`${output}\n`);
  await end(exitCode);
}

function contextFor({ out: reportsDir = 'reports', json, github }: CommonOptions, kind: CommandKind): CommandContext {
  const { env, stderr } = process;
  return {
    env,
    argv: process.argv.slice(2),
    stderr,
    reportsDir,
    ...(process.stdout.isTTY === true ? { columns: process.stdout.columns || 80 } : {}),
    interactive: stderr.isTTY === true && (env.CI ?? '') === '' && env.TERM !== 'dumb',
    github: github ?? env.GITHUB_ACTIONS === 'true',
    ...(kind === 'streaming' && json === true ? { emit: printLine } : {}),
    signals: kind === 'short' ? noSignals() : listenForSignals(process, sayStopping, endAtOnce),
  };
}

function printLine(data: unknown): void {
  process.stdout.write(`${JSON.stringify(data)}\n`);
}

function sayStopping(name: string): void {
  process.stderr.write(`\n${name}: finishing what runs, then cleaning up. Once more ends it at once.\n`);
}

function endAtOnce(name: 'SIGINT' | 'SIGTERM'): void {
  mayEnd = true;
  process.exit(name === 'SIGINT' ? EXIT.sigint : EXIT.sigterm);
}

/** Says what went wrong and returns the code for it. The parser has already said what it had to say. */
function exitCodeFor(error: unknown): number {
  const parserCode = parserExitCode(error);
  if (parserCode !== undefined) return parserCode;
  const { text, exitCode } = describeError(
    error,
    packageVersion(),
    paintFor(process.stderr.isTTY === true, process.env),
    wantsDebug(),
  );
  process.stderr.write(`${text}\n`);
  return exitCode;
}

/** Asked for in any place, so that a wrong command line can be looked into as well. */
function wantsDebug(): boolean {
  return process.argv.includes('--debug') || process.env.SEBS_DEBUG === '1';
}

/** Output to a pipe is written later: the process ends when it is out, and does not wait for handles left open. */
async function end(exitCode: number): Promise<never> {
  await Promise.all([process.stdout, process.stderr].map(flushed));
  mayEnd = true;
  process.exit(exitCode === EXIT.ok && strayFailure ? EXIT.bug : exitCode);
}

/** A promise was rejected and nobody looked at it: in a benchmark's own code, or a bug of ours. */
function noteStrayFailure(error: unknown): void {
  strayFailure = true;
  process.stderr.write(`\nfailed where nobody waited for it (in an input.mjs, or a bug of sebs): ${traceOf(error)}\n`);
}

/** Nothing is known of the state after it, so the work is stopped as if by a signal: cleaned up and reported. */
function stopInOrder(error: unknown): void {
  noteStrayFailure(error);
  if (process.listenerCount('SIGTERM') > 0) process.emit('SIGTERM', 'SIGTERM');
  else void end(EXIT.bug);
}

/** process.exit in an input.mjs, or nothing left to wait for although the work is not done. */
function refuseEarlyEnd(): void {
  if (mayEnd) return;
  process.exitCode = EXIT.bug;
  writeSync(
    2,
    'sebs was ended before its work was done, by process.exit in an input.mjs or by a bug of sebs; go on: sebs resume latest\n',
  );
}

function traceOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (!stream.writable || stream.destroyed) resolve();
    else stream.write('', () => resolve());
  });
}

/** A full disk behind a stream is said once, where there is still somebody to read it, and costs the success. */
function noteLostOutput(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE' || outputLost) return;
  outputLost = true;
  strayFailure = true;
  try {
    writeSync(
      2,
      `error: what sebs prints cannot be written: ${error.message}\nhint: free space there, or print elsewhere\n`,
    );
  } catch {
    // Nobody is left to tell; the exit code does.
  }
}
