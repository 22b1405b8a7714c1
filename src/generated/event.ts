// Generated from schemas/event.schema.json by `npm run generate`. Do not edit.

/**
 * One line of the standard output of `sebs run --json` and `sebs resume --json`. New members and new types of events may be added within a schema version: a reader passes over what it does not know.
 */
export type RunEvent =
  PlanEvent | TaskEvent | BlockEvent | ProgressEvent | CellEndedEvent | WarningEvent | FinishedEvent;

/**
 * The first line, once the run folder is there. plan.json in the folder has the rest.
 */
export interface PlanEvent {
  type: 'plan';
  schema_version: 1;
  /**
   * UTC, ISO-8601; so are all `at`.
   */
  at: string;
  /**
   * Id of the run.
   */
  run: string;
  /**
   * Run folder.
   */
  folder: string;
  suite: string;
  /**
   * Cells to be measured, those that earlier parts ended included.
   */
  cells: number;
  /**
   * Cells that were planned out.
   */
  skipped: number;
  invocations: Range;
  duration_s: Range;
  /**
   * null: no price is known.
   */
  usd: Range | null;
}
export interface Range {
  min: number;
  max: number;
}
/**
 * A package, input or deployment is being made, or is there.
 */
export interface TaskEvent {
  type: 'task';
  at: string;
  /**
   * Id in plan.json.
   */
  task: string;
  title: string;
  state: 'started' | 'done' | 'failed' | 'skipped';
  duration_us?: number;
  reason?: string;
}
/**
 * A portion of a cell's repetitions begins or is over.
 */
export interface BlockEvent {
  type: 'block';
  at: string;
  cell: string;
  /**
   * From 0.
   */
  block: number;
  state: 'started' | 'done';
}
/**
 * At most two a second, and one after the last block. Numbers are of the whole run, earlier parts included.
 */
export interface ProgressEvent {
  type: 'progress';
  at: string;
  /**
   * Attempts that count, failed ones included.
   */
  counted: number;
  failed: number;
  planned: Range;
  cells_ended: number;
}
export interface CellEndedEvent {
  type: 'cell_ended';
  at: string;
  cell: string;
  /**
   * The settings in which it differs from the others.
   */
  label: string;
  status: 'complete' | 'incomplete' | 'failed';
  reason?: string;
  counted: number;
  failed: number;
}
export interface WarningEvent {
  type: 'warning';
  at: string;
  level: 'warning' | 'error';
  text: string;
}
/**
 * The last line, always, unless the process is killed or stopped at once.
 */
export interface FinishedEvent {
  type: 'finished';
  schema_version: 1;
  at: string;
  /**
   * The same as that of the process.
   */
  exit_code: number;
  run?: string;
  folder?: string;
  /**
   * report.html.
   */
  report?: string;
  /**
   * derived/summary.json.
   */
  summary?: string;
  /**
   * The file asked for with --junit.
   */
  junit?: string;
  /**
   * Why nothing was measured, or what broke the run off.
   */
  error?: {
    message: string;
    /**
     * The next step.
     */
    hint?: string;
    /**
     * All that is wrong with the suite.
     */
    problems?: {
      file: string;
      line: number;
      column: number;
      path: string;
      message: string;
      hint?: string;
    }[];
  };
}
