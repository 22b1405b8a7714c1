// Generated from schemas/manifest.schema.json by `npm run generate`. Do not edit.

/**
 * manifest.json: where the numbers of a run come from. No credentials, account ids or host names.
 */
export interface Manifest {
  schema_version: 1;
  run_id: string;
  /**
   * partial: some cells are skipped, failed or incomplete.
   */
  state: 'preparing' | 'measuring' | 'complete' | 'partial' | 'interrupted' | 'failed';
  tool: {
    name: 'sebs';
    version: string;
    git_commit?: string;
    git_dirty?: boolean;
    /**
     * Hash of the tool's own compiled code.
     */
    code_sha256?: string;
    lock_sha256?: string;
    node: string;
    v8?: string;
  };
  suite: {
    name: string;
    description?: string;
    raw_sha256: string;
    resolved_sha256: string;
    files?: {
      path: string;
      sha256: string;
    }[];
    rehearsal?: boolean;
    /**
     * What the command line changed: path=value.
     */
    set?: string[];
    /**
     * Which cells the command line kept: axis=levels.
     */
    filter?: string[];
    /**
     * Benchmarks of the user's, where they lay.
     */
    own_benchmarks?: {
      id: string;
      path: string;
    }[];
  };
  /**
   * Statistical settings fixed before the run.
   */
  preregistration: {
    seed: number;
    ci_level: number;
    bootstrap_resamples: number;
    metric?: string;
    quantiles?: number[];
    /**
     * What leaves the latency sample.
     */
    exclusions?: string[];
    /**
     * Share of a median below which a difference is of no practical matter.
     */
    margin?: number;
    stop_rule?: string;
    warmup_rule?: string;
    blocks?: number;
  };
  /**
   * What was under test, by package id.
   */
  packages?: {
    [k: string]: ManifestPackage;
  };
  /**
   * SHA-256 of the data each benchmark and input was given.
   */
  inputs?: {
    [k: string]: string;
  };
  /**
   * What each platform said of itself, by platform id.
   */
  platforms?: {
    [k: string]: {
      [k: string]: unknown;
    };
  };
  /**
   * What each deployed function is, by deployment id: its runtime, limits, and digests of its images.
   */
  deployments?: {
    [k: string]: {
      [k: string]: unknown;
    };
  };
  client: ClientHost;
  /**
   * Ids of platforms that are models: what the run holds of them is no measurement. Absent: there are none.
   */
  simulated?: string[];
  calibration?: Calibration;
  /**
   * The client's event-loop delay while measuring.
   */
  event_loop?: {
    p50_us?: number;
    p99_us?: number;
    max_us?: number;
  };
  /**
   * Throttle, swap, out-of-memory and steal counters before and after.
   */
  host_counters?: {
    [k: string]: unknown;
  };
  parts: ManifestPart[];
  outcome?: RunOutcome;
  /**
   * The plan's last tasks, which work on the sealed raw/ and may be done again: when each was last done.
   */
  derivation?: {
    summarise?: DerivationDone;
    report?: DerivationDone;
  };
  /**
   * One entry per collect.
   */
  collected?: {
    [k: string]: unknown;
  }[];
  warnings?: string[];
  /**
   * Root hashes of raw/ and derived/.
   */
  seals?: {
    [k: string]: string;
  };
}
export interface ManifestPackage {
  sha256: string;
  kind: string;
  size_bytes?: number;
  runtime?: string;
  source_sha256?: string;
  lock_sha256?: string;
  /**
   * What was installed, e.g. jinja2==3.1.6 or uuid@11.1.0, also where nothing was pinned.
   */
  dependencies?: string[];
  cached?: boolean;
  /**
   * Hash of the deployed code as the platform reports it.
   */
  reported_sha256?: string;
}
export interface ClientHost {
  os: string;
  kernel?: string;
  arch?: string;
  cpu_model: string;
  cores: number;
  threads_per_core?: number;
  governor?: string;
  turbo?: string;
  microcode?: string;
  numa_nodes?: number;
  memory_bytes: number;
  swap_bytes?: number;
  cgroup?: 'v1' | 'v2' | 'hybrid' | 'none';
  virtualised?: string;
  container?: string;
  load_average?: number[];
  clock_source?: string;
  ntp_synchronised?: boolean;
  [k: string]: unknown;
}
/**
 * The client's own floor, measured against a built-in echo server before the first block.
 */
export interface Calibration {
  requests: number;
  fresh_p50_us: number;
  fresh_p99_us?: number;
  keep_alive_p50_us: number;
  keep_alive_p99_us?: number;
  timer_resolution_ns?: number;
  /**
   * Cost of writing one record.
   */
  record_us?: number;
  event_loop_delay_p50_us?: number;
  event_loop_delay_p99_us?: number;
  event_loop_delay_max_us?: number;
}
export interface ManifestPart {
  part: number;
  started_at: string;
  ended_at?: string;
  /**
   * On the client's monotonic clock.
   */
  duration_us?: number;
  why_ended?: string;
  argv: string[];
  tool_version?: string;
  measuring_lock?: boolean;
}
export interface RunOutcome {
  /**
   * What the plan asked for at least: all cells, those left out included; repetitions and counted attempts of the others.
   */
  planned?: {
    cells: number;
    repetitions: number;
    attempts: number;
  };
  /**
   * What a limit cut: incomplete cells, and the counted attempts that they lack. Which, and by which limit, is their reason in the summary.
   */
  left_out?: {
    cells: number;
    attempts: number;
  };
  cells?: {
    [k: string]: number;
  };
  attempts?: {
    [k: string]: number;
  };
  /**
   * What all attempts can have cost, by the price tables in `platforms` and the time the client waited for them.
   */
  usd_at_most?: number;
  left_behind?: string[];
  exit_code?: number;
}
/**
 * This interface was referenced by `Manifest`'s JSON-Schema
 * via the `definition` "done".
 */
export interface DerivationDone {
  at: string;
  /**
   * How long it took.
   */
  us: number;
}
