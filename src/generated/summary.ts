// Generated from schemas/summary.schema.json by `npm run generate`. Do not edit.

/**
 * derived/summary.json: every estimate of a run with its n, its interval and the name of its method. Values are unrounded; unknown is null.
 */
export interface Summary {
  schema_version: 1;
  run_id: string;
  /**
   * State of the run as in the manifest; anything but complete makes every figure partial.
   */
  state: string;
  ci_level: number;
  bootstrap_resamples: number;
  seed: number;
  cells: CellSummary[];
  penalties: ColdPenalty[];
  /**
   * Cells of the suite that were planned out, with the reason.
   */
  not_run: NotRun[];
  warnings: string[];
}
/**
 * This interface was referenced by `Summary`'s JSON-Schema
 * via the `definition` "cellSummary".
 */
export interface CellSummary {
  cell: string;
  /**
   * The settings in which it differs from the other cells, in one line.
   */
  label: string;
  /**
   * Cell settings as columns.
   */
  factors: {
    [k: string]: string | number | null;
  };
  status: 'complete' | 'incomplete' | 'failed' | 'not reached';
  reason: string | null;
  attempts: AttemptCounts;
  outcomes: OutcomeCounts;
  /**
   * Failed, discarded and interrupted attempts by reason.
   */
  failures?: FailureCount[];
  /**
   * Counted attempts by observed start.
   */
  start_observed: {
    [k: string]: number;
  };
  /**
   * Attempts whose evidence for the start disagrees (D33).
   */
  start_disagreements?: number;
  blocks: number;
  sandboxes: number;
  failure_rate: Estimate;
  /**
   * By column name: client_us, benchmark_us, …
   */
  metrics: {
    [k: string]: MetricSummary;
  };
  tukey_outliers: OutlierCounts;
  notes?: string[];
}
export interface AttemptCounts {
  counted: number;
  warmup: number;
  discarded: number;
  interrupted: number;
}
/**
 * Of counted attempts.
 */
export interface OutcomeCounts {
  ok: number;
  failed: number;
  timed_out: number;
  throttled: number;
  invalid_output: number;
}
export interface FailureCount {
  role: string;
  kind: string;
  reason: string;
  count: number;
}
/**
 * This interface was referenced by `Summary`'s JSON-Schema
 * via the `definition` "estimate".
 */
export interface Estimate {
  value: number | null;
  /**
   * Rows that entered.
   */
  n: number;
  /**
   * Independent units (rows, blocks or sandboxes) the interval rests on.
   */
  units?: number;
  ci: Interval | null;
  /**
   * Why there is no interval; null when there is one, even one with a single end.
   */
  no_ci: string | null;
  /**
   * True when censored attempts (timeouts) reach this quantile: the value is a lower bound.
   */
  at_least?: boolean;
}
/**
 * This interface was referenced by `Summary`'s JSON-Schema
 * via the `definition` "interval".
 */
export interface Interval {
  /**
   * null: no lower end. A difference or a ratio whose base has no upper end; the other end stands.
   */
  low: number | null;
  /**
   * null: no upper end, because it lies among the timed-out attempts (D26); the lower end stands.
   */
  high: number | null;
  /**
   * Nominal coverage, e.g. 0.95.
   */
  level: number;
  /**
   * e.g. exact order statistics (rows), exact order statistics (block medians), cluster bootstrap (blocks), Clopper–Pearson
   */
  method: string;
}
/**
 * This interface was referenced by `Summary`'s JSON-Schema
 * via the `definition` "metric".
 */
export interface MetricSummary {
  /**
   * Rows that entered, censored ones included.
   */
  n: number;
  /**
   * Timed-out attempts that enter as lower bounds.
   */
  censored?: number;
  min: number | null;
  /**
   * A lower bound when there are censored attempts.
   */
  max: number | null;
  mean: Estimate;
  /**
   * Sample standard deviation (n − 1).
   */
  sd: number | null;
  /**
   * sd / mean.
   */
  cv: number | null;
  p50: Estimate;
  p90: Estimate;
  p95: Estimate;
  p99: Estimate;
  p999?: Estimate1;
  /**
   * p99 / p50, tail to median.
   */
  tmr: number | null;
}
/**
 * p99.9; only from the n at which it can have an interval.
 */
export interface Estimate1 {
  value: number | null;
  /**
   * Rows that entered.
   */
  n: number;
  /**
   * Independent units (rows, blocks or sandboxes) the interval rests on.
   */
  units?: number;
  ci: Interval | null;
  /**
   * Why there is no interval; null when there is one, even one with a single end.
   */
  no_ci: string | null;
  /**
   * True when censored attempts (timeouts) reach this quantile: the value is a lower bound.
   */
  at_least?: boolean;
}
/**
 * Labelled, never deleted (D25), on client_us.
 */
export interface OutlierCounts {
  mild: number;
  severe: number;
}
/**
 * A cold cell against the warm cell that differs only in start (D34).
 *
 * This interface was referenced by `Summary`'s JSON-Schema
 * via the `definition` "penalty".
 */
export interface ColdPenalty {
  cold: string;
  warm: string;
  metric: string;
  cold_median: Estimate;
  warm_median: Estimate;
  difference: Estimate;
  ratio: Estimate2;
}
/**
 * Base: the warm median.
 */
export interface Estimate2 {
  value: number | null;
  /**
   * Rows that entered.
   */
  n: number;
  /**
   * Independent units (rows, blocks or sandboxes) the interval rests on.
   */
  units?: number;
  ci: Interval | null;
  /**
   * Why there is no interval; null when there is one, even one with a single end.
   */
  no_ci: string | null;
  /**
   * True when censored attempts (timeouts) reach this quantile: the value is a lower bound.
   */
  at_least?: boolean;
}
export interface NotRun {
  label: string;
  because: string;
  reason: string;
}
