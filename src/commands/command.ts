// What every command is given and gives back. Commands are plain functions: options in, data and text out. They print
// nothing and end nothing; cli.ts shows the result on stdout and turns the exit code into the process's.
import type { RunEvent } from '../generated/event.js';
import type { StopSignal } from '../stop-signal.js';

export interface CommandContext {
  env: Readonly<Record<string, string | undefined>>;
  /** As the user typed it, without the program's name; recorded in the manifest. */
  argv: readonly string[];
  /** Where progress goes. */
  stderr: NodeJS.WritableStream;
  /** Whether a person watches stderr: a terminal, and not CI. */
  interactive: boolean;
  /** Width of the terminal that shows the result; absent where it goes elsewhere, which cuts nothing. */
  columns?: number;
  /** Folder of the run folders. */
  reportsDir: string;
  signals: StopSignal;
  /** Where events of a run go, for a program that asked for them; what they say is then not said again at the end. */
  emit?: (event: RunEvent) => void;
  /** Whether GitHub's checks read what we print. */
  github: boolean;
}

export interface CommandResult {
  /** One of EXIT in errors.ts. */
  exitCode: number;
  /** For people, without colours and without a newline at the end. */
  text: string;
  /** The same for programs; `--json` prints it. */
  data: unknown;
}
