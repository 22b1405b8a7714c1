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
  comparisons: Comparison[];
  /**
   * null: the suite has no A/A copies.
   */
  noise_floor: NoiseFloor | null;
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
  /**
   * client_us farther from the median than 3.5 by the median absolute deviation (modified z, D25). null: no spread to measure by.
   */
  mad_outliers?: number | null;
  /**
   * null: too few rows, or all alike.
   */
  independence?: Independence | null;
  /**
   * null: fewer than 10 blocks, or all alike.
   */
  stationarity?: Stationarity | null;
  /**
   * null: no batch has two attempts.
   */
  barrier_skew?: BarrierSkew | null;
  /**
   * client_us by what served the attempts, where that is more than one (D9, D16); the largest twelve of each kind.
   */
  strata?: Stratum[];
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
  /**
   * Least share of intervals of this method that held the truth in the simulations of docs/methodology.md (D42): dependent, heavy-tailed and independent data of at least ten blocks.
   */
  attained?: number;
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
 * Are the rows of client_us independent, in the order measured (D15)?
 */
export interface Independence {
  n: number;
  /**
   * Lag-1, of the ranks.
   */
  autocorrelation: number;
  autocorrelation_p: number;
  /**
   * Runs above and below the median.
   */
  runs_p: number;
  /**
   * Kruskal–Wallis between blocks; null: too few blocks.
   */
  blocks_p: number | null;
  /**
   * true: intervals rest on blocks.
   */
  rejected: boolean;
}
/**
 * Tests of the block medians of client_us in the order of time (D18).
 */
export interface Stationarity {
  /**
   * Blocks.
   */
  n: number;
  /**
   * Kendall’s τ of value and time.
   */
  trend_tau: number;
  /**
   * Mann–Kendall.
   */
  trend_p: number;
  /**
   * Change over the whole run as a share of the median (Theil–Sen slope).
   */
  trend_change: number | null;
  /**
   * Pettitt’s test, by permutation.
   */
  step_p: number;
  /**
   * Blocks before the most likely step.
   */
  step_after: number;
  /**
   * Median of the block medians before it.
   */
  step_before_us: number | null;
  /**
   * The same after it.
   */
  step_after_us: number | null;
  /**
   * One of the two tests rejects at 2.5 %: the cell may have no single truth.
   */
  flagged: boolean;
}
/**
 * From the first to the last release of the requests of a batch (D10).
 */
export interface BarrierSkew {
  batches: number;
  p50_us: number;
  max_us: number;
}
/**
 * Rows that one CPU model, deployment or sandbox served.
 */
export interface Stratum {
  by: 'cpu_model' | 'deployment' | 'sandbox_id';
  level: string;
  n: number;
  client_us_p50: number;
  /**
   * How many strata of this kind there are.
   */
  of: number;
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
  /**
   * true: the ratio is not farther from 1 than the noise floor (D21); no claim is made.
   */
  below_noise?: boolean;
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
/**
 * A cell against its baseline, or an A/A copy against what it copies (D7, D21 to D24).
 *
 * This interface was referenced by `Summary`'s JSON-Schema
 * via the `definition` "comparison".
 */
export interface Comparison {
  kind: 'baseline' | 'control';
  cell: string;
  base: string;
  metric: string;
  cell_median: Estimate;
  base_median: Estimate;
  difference: Estimate3;
  ratio: Estimate4;
  shift: Estimate5;
  cliffs_delta: Estimate6;
  /**
   * Mann–Whitney on independent rows or block medians, two-sided.
   */
  p: number | null;
  /**
   * The same after Holm.
   */
  p_adjusted: number | null;
  /**
   * How many comparisons it was adjusted for.
   */
  compared: number;
  /**
   * Kruskal–Wallis over all cells with this base, where they are more than two.
   */
  group_p: number | null;
  /**
   * Smallest change of the median that matters, as a share.
   */
  threshold: number;
  /**
   * Margin of equivalence, as a share.
   */
  margin: number;
  verdict: 'faster' | 'slower' | 'equivalent' | 'inconclusive';
  reason: string;
  /**
   * Smallest change of the median that would have been found in four of five repetitions, as a share.
   */
  smallest_effect: number | null;
}
/**
 * cell − base, of the medians.
 */
export interface Estimate3 {
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
 * cell / base, of the medians.
 */
export interface Estimate4 {
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
 * Hodges–Lehmann: the median of all differences between the units of both.
 */
export interface Estimate5 {
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
 * P(cell slower) − P(cell faster), of the units of both.
 */
export interface Estimate6 {
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
 * The largest change of the median between a cell and its own copy (D21): what this run shows where nothing differs.
 */
export interface NoiseFloor {
  share: number;
  /**
   * A/A copies it rests on.
   */
  controls: number;
}
