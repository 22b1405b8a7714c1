// The errors a user can meet, and the exit code each ends in. Library code throws these; only cli.ts turns them into
// text and an exit code. A message names the file and line or the resource, and the cause; the hint is the next step.

export const EXIT = {
  ok: 0,
  bug: 1,
  usage: 2,
  cells: 3,
  threshold: 4,
  sigint: 130,
  sigterm: 143,
} as const;

export interface ErrorDetails {
  hint?: string;
  cause?: unknown;
}

/** An error the user can do something about. Anything else that is thrown is a bug of ours (exit 1). */
export class SebsError extends Error {
  readonly code: string;
  readonly exitCode: number;
  readonly hint: string | undefined;

  constructor(code: string, message: string, exitCode: number, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'SebsError';
    this.code = code;
    this.exitCode = exitCode;
    this.hint = details.hint;
  }
}

/** One thing that is wrong with a suite. Line and column count from 1. */
export interface Problem {
  file: string;
  line: number;
  column: number;
  /** Where in the document, e.g. `experiments.cold-warm.repetitions`; empty for the document as a whole. */
  path: string;
  message: string;
  hint?: string;
}

/** The suite, or another file the user wrote, is wrong: all problems at once. Exit 2. */
export class SpecError extends SebsError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super('SPEC', problems.map(formatProblem).join('\n'), EXIT.usage);
    this.name = 'SpecError';
    this.problems = problems;
  }
}

/** `file:line:col path: message (hint)`, as editors and terminals can jump to. */
export function formatProblem(problem: Problem): string {
  const where = `${problem.file}:${problem.line}:${problem.column}`;
  const path = problem.path === '' ? '' : ` ${problem.path}:`;
  const hint = problem.hint === undefined ? '' : ` (${problem.hint})`;
  return `${where}${path} ${problem.message}${hint}`;
}

/** The command line, or something it names, is wrong. Exit 2. */
export class UsageError extends SebsError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('USAGE', message, EXIT.usage, details);
    this.name = 'UsageError';
  }
}

/** A platform or a resource of it failed. Fails the cells that need it, not the run (exit 3 at the end). */
export class PlatformError extends SebsError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('PLATFORM', message, EXIT.cells, details);
    this.name = 'PlatformError';
  }
}

/** A code package could not be built: names the command and its output. Fails the cells that need it. */
export class PackageError extends SebsError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('PACKAGE', message, EXIT.cells, details);
    this.name = 'PackageError';
  }
}

/** The message of anything that can be thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
