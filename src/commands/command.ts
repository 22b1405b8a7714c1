// What every command is given and gives back. Commands are plain functions: options in, data and text out. They print
// nothing and end nothing; cli.ts shows the result on stdout and turns the exit code into the process's.
import type { StopSignal } from '../stop-signal.js';

export interface CommandContext {
  env: Readonly<Record<string, string | undefined>>;
  /** As the user typed it, without the program's name; recorded in the manifest. */
  argv: readonly string[];
  /** Where progress goes. */
  stderr: NodeJS.WritableStream;
  /** Whether a person watches stderr: a terminal, and not CI. */
  interactive: boolean;
  /** Folder of the run folders. */
  reportsDir: string;
  signals: StopSignal;
}

export interface CommandResult {
  /** One of EXIT in errors.ts. */
  exitCode: number;
  /** For people, without colours and without a newline at the end. */
  text: string;
  /** The same for programs; `--json` prints it. */
  data: unknown;
}
