// Generated from schemas/journal.schema.json by `npm run generate`. Do not edit.

/**
 * One line of raw/journal.jsonl: everything that happened besides outcomes, in the order it happened.
 */
export type JournalLine =
  | PartStarted
  | PartEnded
  | TaskLine
  | BlockStarted
  | BatchLine
  | BlockDone
  | CellEnded
  | DecisionLine
  | WindowLine
  | NoteLine;

export interface PartStarted {
  type: 'part_started';
  part: number;
  at: string;
}
export interface PartEnded {
  type: 'part_ended';
  part: number;
  at: string;
  why: 'complete' | 'signal' | 'limit' | 'failed';
  detail?: string;
}
export interface TaskLine {
  type: 'task';
  part: number;
  at: string;
  task: string;
  state: 'started' | 'done' | 'failed' | 'skipped';
  /**
   * How long it took.
   */
  us?: number;
  detail?: string;
}
export interface BlockStarted {
  type: 'block_started';
  part: number;
  at: string;
  cell: string;
  block: number;
  /**
   * Client's monotonic clock, from the start of the part.
   */
  us?: number;
  /**
   * Load average of the client host over one minute.
   */
  load_1m?: number;
}
export interface BatchLine {
  type: 'batch';
  part: number;
  cell: string;
  block: number;
  batch: number;
  role: 'counted' | 'warmup';
  /**
   * Which of the cell's repetitions it fills; absent for warm-ups.
   */
  repetition?: number;
  /**
   * Attempt ids by slot; written before the first is sent.
   */
  attempts: string[];
}
export interface BlockDone {
  type: 'block_done';
  part: number;
  at: string;
  cell: string;
  block: number;
  us?: number;
}
export interface CellEnded {
  type: 'cell_ended';
  part: number;
  at: string;
  cell: string;
  status: 'complete' | 'incomplete' | 'failed';
  reason?: string;
  /**
   * Attempts of the cell that count.
   */
  counted?: number;
  /**
   * Attempts that were to count, at least.
   */
  planned?: number;
}
/**
 * A look at the precision of a cell, after a round, with the estimator of the report; a resumed run does not look again.
 */
export interface DecisionLine {
  type: 'decision';
  part: number;
  at: string;
  cell: string;
  /**
   * The round that it followed, from 0.
   */
  round: number;
  metric: string;
  quantile: number;
  /**
   * Rows that the estimate rests on.
   */
  n: number;
  value: number | null;
  /**
   * Half the width of the interval as a share of the value; null where there is no interval.
   */
  half_width: number | null;
  decision: 'continue' | 'stop';
  why: string;
}
/**
 * The blocks of a suite with `order.windows` wait for their window of time.
 */
export interface WindowLine {
  type: 'window';
  part: number;
  at: string;
  /**
   * From 0.
   */
  window: number;
  state: 'waiting' | 'begun';
  /**
   * When a window that is waited for begins.
   */
  until?: string;
}
export interface NoteLine {
  type: 'note';
  part: number;
  at: string;
  level: 'info' | 'warning' | 'error';
  text: string;
  cell?: string;
}
