// Errors as the user reads them. Comes in: anything that was thrown; goes out: text for stderr and an exit code. What
// the user can do something about is one message and a hint; anything else is a bug of ours, said so, with all that a
// report of it needs.
import { EXIT, formatProblem, SebsError, SpecError } from '../errors.js';

export interface ErrorText {
  text: string;
  exitCode: number;
}

export interface Paint {
  red(text: string): string;
  dim(text: string): string;
}

const PLAIN: Paint = { red: (text) => text, dim: (text) => text };
const COLOURED: Paint = {
  red: (text) => `\u001b[31m${text}\u001b[39m`,
  dim: (text) => `\u001b[2m${text}\u001b[22m`,
};

/** Colours only for a terminal, and not when NO_COLOR is set (to anything but nothing, https://no-color.org). */
export function paintFor(isTerminal: boolean, env: Readonly<Record<string, string | undefined>>): Paint {
  const unwanted = (env.NO_COLOR ?? '') !== '' || env.TERM === 'dumb';
  return isTerminal && !unwanted ? COLOURED : PLAIN;
}

/** `debug`: with stack and causes also where the message says all that most people need. */
export function describeError(error: unknown, version: string, paint: Paint, debug = false): ErrorText {
  if (error instanceof SebsError) {
    const text = error instanceof SpecError ? describeProblems(error, paint) : describeExpected(error, paint);
    const trace = debug ? `\n${paint.dim(traceOf(error))}` : '';
    return { text: text + trace, exitCode: error.exitCode };
  }
  const text = isDiskFull(error) ? describeExpected(diskFull(error), paint) : describeBug(error, version, paint);
  return { text, exitCode: EXIT.bug };
}

/** Any write can meet it, of Node.js or of DuckDB, which knows it by its words alone. */
function isDiskFull(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? error.code : undefined;
  return code === 'ENOSPC' || code === 'EDQUOT' || /no space left on device|disk quota exceeded/i.test(error.message);
}

function diskFull(error: Error): SebsError {
  return new SebsError('DISK', error.message, EXIT.bug, {
    cause: error,
    hint: 'free space on that disk; what was measured is kept, so go on with: sebs resume <run>, or, where all was measured, sebs process <run>',
  });
}

function describeExpected({ message, hint }: SebsError, paint: Paint): string {
  const next = hint === undefined ? '' : `\n${paint.dim('hint:')} ${printable(hint)}`;
  return `${paint.red('error:')} ${printable(message)}${next}`;
}

/** What was typed, or stands in a file, is repeated in messages; what in it would steer a terminal is shown instead. */
export function printable(text: string): string {
  return text.replace(STEERING, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const STEERING =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is shown
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

function describeProblems({ problems }: SpecError, paint: Paint): string {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return [
    ...problems.map((problem) => printable(formatProblem(problem))),
    `${paint.red('error:')} ${count} in what you wrote`,
  ].join('\n');
}

function describeBug(error: unknown, version: string, paint: Paint): string {
  return [
    `${paint.red('This is a bug of sebs')}, not a mistake of yours. Please report it with the lines below.`,
    `sebs ${version}, Node.js ${process.version}, ${process.platform} ${process.arch}`,
    traceOf(error),
  ].join('\n');
}

function traceOf(error: unknown): string {
  return (error instanceof Error ? (error.stack ?? error.message) : String(error)) + causesOf(error);
}

/** The chain of causes; bounded, because nothing forbids a circle. */
function causesOf(error: unknown): string {
  let text = '';
  let cause = error instanceof Error ? error.cause : undefined;
  for (let depth = 0; cause !== undefined && depth < 5; depth += 1) {
    text += `\ncaused by: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`;
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return text;
}
