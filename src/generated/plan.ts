// Generated from schemas/plan.schema.json by `npm run generate`. Do not edit.

/**
 * plan.json: what a suite comes to, as plain data. The same suite, seed, catalogue and capabilities give the same bytes.
 */
export interface Plan {
  schema_version: 1;
  suite: {
    name: string;
    description?: string;
    /**
     * SHA-256 of the resolved suite.
     */
    sha256: string;
  };
  seed: number;
  order: PlannedOrder;
  limits: Limits;
  unsupported: 'skip' | 'error';
  teardown: 'always' | 'on-success' | 'keep';
  platforms: PlannedPlatform[];
  /**
   * Platforms that are models: what they give is no measurement.
   */
  simulated?: string[];
  packages: PlannedPackage[];
  deployments: PlannedDeployment[];
  cells: Cell[];
  /**
   * Cells of the suite that are not measured: with any, the run is partial.
   */
  skipped: SkippedCell[];
  /**
   * Cells that the suite itself leaves out: without them it is still whole. Absent: none.
   */
  excluded?: SkippedCell[];
  tasks: Task[];
  /**
   * Events of the suite's own, by the input that they go by. Absent: none.
   */
  events?: {
    [k: string]: OwnEvent;
  };
  estimate: Estimate;
  report?: PlannedReport;
  /**
   * Cell -> the cell it is compared with. A baseline maps to itself; null: no baseline. A/A copies are left out. Absent when the suite names none.
   */
  baselines?: {
    [k: string]: string | null;
  };
}
export interface PlannedOrder {
  blocks: number;
  shuffle: boolean;
  windows?: PlannedWindows;
  /**
   * platform: a lane for each remote platform. Absent: one.
   */
  lanes?: 'one' | 'platform';
}
/**
 * Absent: one window.
 */
export interface PlannedWindows {
  count: number;
  /**
   * From the end of one window to the beginning of the next, in seconds.
   */
  gap_s: number;
}
/**
 * This interface was referenced by `Plan`'s JSON-Schema
 * via the `definition` "limits".
 */
export interface Limits {
  /**
   * Money for the whole run.
   */
  usd?: number;
  /**
   * Wall time for the measuring, in seconds.
   */
  duration_s?: number;
  /**
   * Attempts of every role.
   */
  invocations?: number;
  /**
   * Share of failed attempts at which a cell is given up, looked at after 20 attempts.
   */
  failures?: number;
}
export interface PlannedPlatform {
  id: string;
  type: string;
  options: {
    [k: string]: unknown;
  };
}
/**
 * This interface was referenced by `Plan`'s JSON-Schema
 * via the `definition` "package".
 */
export interface PlannedPackage {
  id: string;
  platform: string;
  benchmark: string;
  language: string;
  language_version: string;
  architecture: string;
  /**
   * zip, container or directory
   */
  kind: string;
  source_sha256: string;
}
/**
 * This interface was referenced by `Plan`'s JSON-Schema
 * via the `definition` "deployment".
 */
export interface PlannedDeployment {
  id: string;
  platform: string;
  /**
   * null: a function that is there already.
   */
  benchmark: string | null;
  /**
   * Id of the package it is made from; null: a function that is there already.
   */
  package: string | null;
  memory_mb: number | null;
  timeout_s: number;
  /**
   * Absent where the platform has no choice.
   */
  network?: 'bridge' | 'host';
  replicate: number;
}
/**
 * This interface was referenced by `Plan`'s JSON-Schema
 * via the `definition` "cell".
 */
export interface Cell {
  /**
   * Hash of the settings below.
   */
  id: string;
  /**
   * Id of the experiment in the suite.
   */
  experiment: string;
  experiment_type: string;
  /**
   * Id of the platform in the suite.
   */
  platform: string;
  benchmark: string | null;
  benchmark_version: number | null;
  language: string | null;
  language_version: string | null;
  architecture: string | null;
  memory_mb: number | null;
  timeout_s: number;
  package: string | null;
  trigger: 'http' | 'sdk' | 'http-async' | 'sdk-async';
  connection: 'fresh' | 'keep-alive';
  input: string | null;
  start: 'cold' | 'warm' | 'burst' | 'sequential';
  concurrency: number;
  /**
   * Absent where the platform has no choice.
   */
  network?: 'bridge' | 'host';
  /**
   * How cold a cold start is; absent for other starts and where the platform has no levels.
   */
  cold_level?: 'new' | 'restarted' | 'resumed' | 'page-cache-dropped';
  /**
   * Further axes of the experiment.
   */
  settings: {
    [k: string]: unknown;
  };
  repetitions: Repetitions;
  /**
   * Its deployments, one per replicate. Block b of the cell is measured on number b modulo their count.
   */
  deployments: string[];
  /**
   * Only for A/A copies: id of the cell that this one repeats, with deployments of its own.
   */
  control_of?: string;
}
export interface Repetitions {
  min: number;
  max: number;
  until?: Precision;
}
/**
 * Absent: no rounds beyond min.
 */
export interface Precision {
  metric: string;
  quantile: number;
  ci: number;
  /**
   * As a share of the estimate.
   */
  half_width: number;
}
/**
 * This interface was referenced by `Plan`'s JSON-Schema
 * via the `definition` "skipped".
 */
export interface SkippedCell {
  /**
   * The settings in one line.
   */
  label: string;
  /**
   * platform: it cannot. benchmark: it does not provide it. host: this machine lacks something. excluded: the suite or the command line says so. limit: left out.
   */
  because: 'platform' | 'benchmark' | 'host' | 'excluded' | 'limit';
  reason: string;
  settings?: {
    [k: string]: unknown;
  };
  /**
   * Where in the suite it comes from.
   */
  path?: (string | number)[];
}
/**
 * This interface was referenced by `Plan`'s JSON-Schema
 * via the `definition` "task".
 */
export interface Task {
  /**
   * Kind and hash of what the task depends on.
   */
  id: string;
  kind:
    | 'image'
    | 'package'
    | 'provision'
    | 'upload'
    | 'deploy'
    | 'measure'
    | 'collect'
    | 'teardown'
    | 'summarise'
    | 'report';
  title: string;
  needs: string[];
  platform?: string;
  package?: string;
  deployment?: string;
  benchmark?: string;
  input?: string;
  experiment?: string;
}
export interface OwnEvent {
  /**
   * SHA-256 of the event as JSON with sorted keys.
   */
  sha256: string;
  /**
   * What is sent.
   */
  event: {
    [k: string]: unknown;
  };
}
/**
 * This interface was referenced by `Plan`'s JSON-Schema
 * via the `definition` "estimate".
 */
export interface Estimate {
  invocations: Range;
  duration_s: Range;
  /**
   * null: no price is known for any platform
   */
  usd: Range | null;
  /**
   * Platforms whose price is not known, where that of others is.
   */
  unpriced?: string[];
}
/**
 * This interface was referenced by `Plan`'s JSON-Schema
 * via the `definition` "range".
 */
export interface Range {
  min: number;
  max: number;
}
export interface PlannedReport {
  /**
   * What names the baseline cells, by axis as in a suite. Absent: nothing is compared with a baseline.
   */
  baseline?: {
    [k: string]: unknown;
  };
  match: ('memory' | 'price')[];
  formats: ('html' | 'csv' | 'parquet')[];
}
