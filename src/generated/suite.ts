// Generated from schemas/suite.schema.json by `npm run generate`. Do not edit.

/**
 * A kind of platform; `sebs list platforms` says what each can do.
 *
 * This interface was referenced by `Suite`'s JSON-Schema
 * via the `definition` "platformType".
 */
export type PlatformType = 'process' | 'local' | 'simulated' | 'http';
/**
 * This interface was referenced by `Suite`'s JSON-Schema
 * via the `definition` "platform".
 */
export type Platform = Platform1;
/**
 * Where functions keep objects: in a folder of this host, or in a server that speaks S3.
 *
 * This interface was referenced by `Suite`'s JSON-Schema
 * via the `definition` "storage".
 */
export type StorageChoice =
  | string
  | {
      /**
       * Which kind; `sebs list platforms` says what each platform offers.
       */
      kind: 'directory' | 'minio';
      /**
       * A server of your own; without it a run starts one and ends it again.
       */
      endpoint?: string;
      /**
       * Region that requests are signed for.
       */
      region?: string;
      /**
       * Access key of your server.
       */
      access_key?: string;
      /**
       * Secret key of your server.
       */
      secret_key?: string;
      /**
       * A bucket of your server that exists already; runs keep inputs and results in it.
       */
      bucket?: string;
    };
/**
 * Where functions keep items of tables: in a server that speaks DynamoDB's protocol.
 *
 * This interface was referenced by `Suite`'s JSON-Schema
 * via the `definition` "nosql".
 */
export type NosqlChoice =
  | string
  | {
      /**
       * Which kind; `sebs list platforms` says what each platform offers.
       */
      kind: 'dynamodb';
      /**
       * A server of your own; without it a run starts one and ends it again.
       */
      endpoint?: string;
      /**
       * Region that requests are signed for.
       */
      region?: string;
      /**
       * Access key of your server.
       */
      access_key?: string;
      /**
       * Secret key of your server.
       */
      secret_key?: string;
    };
/**
 * Languages of the functions: `python`, `nodejs`, or with a version `python@3.11`.
 *
 * @minItems 1
 * @maxItems 20000
 */
export type Language = string | [LanguageLevel & string & string, ...(LanguageLevel & string & string)[]];
/**
 * This interface was referenced by `Suite`'s JSON-Schema
 * via the `definition` "languageLevel".
 */
export type LanguageLevel = string;
/**
 * Processor architectures.
 *
 * @minItems 1
 * @maxItems 20000
 */
export type Architecture = string | [ArchitectureLevel & string & string, ...(ArchitectureLevel & string & string)[]];
/**
 * This interface was referenced by `Suite`'s JSON-Schema
 * via the `definition` "architectureLevel".
 */
export type ArchitectureLevel = 'x64' | 'arm64';
/**
 * Memory of a function, in MB.
 *
 * @minItems 1
 * @maxItems 20000
 */
export type Memory = number | [MemoryLevel & number & number, ...(MemoryLevel & number & number)[]];
/**
 * This interface was referenced by `Suite`'s JSON-Schema
 * via the `definition` "memoryLevel".
 */
export type MemoryLevel = number;
/**
 * Time limit of one invocation, such as `60s` or `500ms`.
 *
 * @minItems 1
 * @maxItems 20000
 */
export type Timeout = string | [Duration & string & string, ...(Duration & string & string)[]];
/**
 * This interface was referenced by `Suite`'s JSON-Schema
 * via the `definition` "duration".
 */
export type Duration = string;
/**
 * Kind of the code package that is deployed.
 *
 * @minItems 1
 * @maxItems 20000
 */
export type Package = string | [PackageLevel & string & string, ...(PackageLevel & string & string)[]];
/**
 * This interface was referenced by `Suite`'s JSON-Schema
 * via the `definition` "packageLevel".
 */
export type PackageLevel = 'directory' | 'zip' | 'container';
/**
 * How an invocation enters the platform.
 *
 * @minItems 1
 * @maxItems 20000
 */
export type Trigger = string | [TriggerLevel & string & string, ...(TriggerLevel & string & string)[]];
/**
 * This interface was referenced by `Suite`'s JSON-Schema
 * via the `definition` "triggerLevel".
 */
export type TriggerLevel = 'http' | 'sdk' | 'http-async' | 'sdk-async';
/**
 * Whether every request opens a connection of its own (`fresh`) or uses an open one again (`keep-alive`).
 *
 * @minItems 1
 * @maxItems 20000
 */
export type Connection = string | [ConnectionLevel & string & string, ...(ConnectionLevel & string & string)[]];
/**
 * This interface was referenced by `Suite`'s JSON-Schema
 * via the `definition` "connectionLevel".
 */
export type ConnectionLevel = 'fresh' | 'keep-alive';
/**
 * Names of inputs of the benchmark (`test`, `small`, `large` in those of the catalogue), or events of your own: `{ event: { width: 200 } }`.
 *
 * @minItems 1
 * @maxItems 1000
 */
export type Input =
  string | {} | [InputLevel & (string | {}) & (string | {}), ...(InputLevel & (string | {}) & (string | {}))[]];
/**
 * This interface was referenced by `Suite`'s JSON-Schema
 * via the `definition` "inputLevel".
 */
export type InputLevel =
  | string
  | {
      /**
       * What the function is sent: a map or a list, or the name of a file of JSON, relative to this file.
       */
      event: {} | unknown[] | string;
      /**
       * What the event goes by, in the report for example.
       */
      name?: string;
    };
/**
 * Requests that are released together; a repetition is one such batch.
 *
 * @minItems 1
 * @maxItems 20000
 */
export type Concurrency = number | [ConcurrencyLevel & number & number, ...(ConcurrencyLevel & number & number)[]];
/**
 * This interface was referenced by `Suite`'s JSON-Schema
 * via the `definition` "concurrencyLevel".
 */
export type ConcurrencyLevel = number;
/**
 * Network that sandboxes are on, where the platform has a choice: `bridge`, one of their own, or `host`, that of this machine.
 *
 * @minItems 1
 * @maxItems 20000
 */
export type Network = string | [NetworkLevel & string & string, ...(NetworkLevel & string & string)[]];
/**
 * This interface was referenced by `Suite`'s JSON-Schema
 * via the `definition` "networkLevel".
 */
export type NetworkLevel = 'bridge' | 'host';
/**
 * How cold a cold start is, where the platform can tell levels apart: a `new` container, one that was stopped and is started again (`restarted`), one that was paused and goes on (`resumed`), or a new one with the page cache of this machine dropped before (`page-cache-dropped`). Other starts have no such level.
 *
 * @minItems 1
 * @maxItems 20000
 */
export type ColdLevel = string | [ColdLevelLevel & string & string, ...(ColdLevelLevel & string & string)[]];
/**
 * This interface was referenced by `Suite`'s JSON-Schema
 * via the `definition` "coldLevelLevel".
 */
export type ColdLevelLevel = 'new' | 'restarted' | 'resumed' | 'page-cache-dropped';
/**
 * The id of a benchmark, or an entry with settings that hold for it instead of the factors.
 *
 * This interface was referenced by `Suite`'s JSON-Schema
 * via the `definition` "benchmark".
 */
export type BenchmarkEntry =
  | string
  | {
      /**
       * Id of the benchmark (`sebs list benchmarks`).
       */
      id?: string;
      /**
       * Folder of a benchmark of your own, relative to the suite's file. It goes by the folder's name, or by `id` when that is given too.
       */
      path?: string;
      language?: Language;
      architecture?: Architecture;
      memory?: Memory;
      timeout?: Timeout;
      package?: Package;
      trigger?: Trigger;
      connection?: Connection;
      input?: Input;
      concurrency?: Concurrency;
      network?: Network;
      cold_level?: ColdLevel;
    };
/**
 * This interface was referenced by `Suite`'s JSON-Schema
 * via the `definition` "experiment".
 */
export type Experiment = Experiment1;
/**
 * A kind of experiment; `sebs list experiments` says what each measures.
 *
 * This interface was referenced by `Suite`'s JSON-Schema
 * via the `definition` "experimentType".
 */
export type ExperimentType = 'perf-cost';
/**
 * This interface was referenced by `Suite`'s JSON-Schema
 * via the `definition` "reference".
 */
export type Reference = string;
/**
 * This interface was referenced by `Suite`'s JSON-Schema
 * via the `definition` "startLevel".
 */
export type StartLevel = 'cold' | 'warm' | 'burst' | 'sequential';
/**
 * This interface was referenced by `Suite`'s JSON-Schema
 * via the `definition` "id".
 */
export type Id = string;

/**
 * A suite of sebs: which benchmarks run where, with which settings, and how they are measured.
 */
export interface Suite {
  /**
   * Version of the suite language.
   */
  version: 1;
  /**
   * Name of the suite; part of the name of every run folder.
   */
  name: string;
  /**
   * What the suite is for, in a sentence; the report shows it.
   */
  description?: string;
  /**
   * Seed of everything that is drawn: the order of the blocks, generated inputs, the bootstrap.
   */
  seed?: number;
  /**
   * Another suite that this one is laid over, relative to this file: maps merge, lists replace, and an empty value (`null`) removes a key.
   */
  extends?: string;
  /**
   * Where to run: a list of platform types, or a map from an id of yours to a platform and its settings.
   *
   * @minItems 1
   * @maxItems 100
   */
  platforms:
    | [PlatformType & string & string, ...(PlatformType & string & string)[]]
    | {
        [k: string]: Platform;
      };
  /**
   * What to run: ids of the catalogue (`sebs list benchmarks`), or entries with settings of their own.
   *
   * @minItems 1
   * @maxItems 20000
   */
  benchmarks?: [BenchmarkEntry, ...BenchmarkEntry[]];
  factors?: Factors;
  /**
   * How it is measured: a map from an id of yours to an experiment.
   */
  experiments: {
    [k: string]: Experiment;
  };
  /**
   * Cells to leave out: those that have one of the levels of every axis that an entry names.
   *
   * @minItems 1
   * @maxItems 10000
   */
  exclude?: [Cells, ...Cells[]];
  /**
   * What happens to cells that a platform, a benchmark or this host cannot run: an error before anything is measured, or left out and listed with the reason.
   */
  unsupported?: 'error' | 'skip';
  order?: Order;
  replicates?: Replicates;
  limits?: SuiteLimits;
  /**
   * When the functions that were created are removed again: always, only when all cells were measured, or never.
   */
  teardown?: 'always' | 'on-success' | 'keep';
  report?: Report;
}
export interface Platform1 {
  type: PlatformType;
  storage?: StorageChoice;
  nosql?: NosqlChoice;
  language?: Language;
  architecture?: Architecture;
  memory?: Memory;
  timeout?: Timeout;
  package?: Package;
  trigger?: Trigger;
  connection?: Connection;
  input?: Input;
  concurrency?: Concurrency;
  network?: Network;
  cold_level?: ColdLevel;
  [k: string]: unknown;
}
/**
 * With which settings: a list is an axis of the matrix, a single value an axis with one level. A benchmark entry replaces them, a platform replaces those, an experiment replaces all.
 *
 * This interface was referenced by `Suite`'s JSON-Schema
 * via the `definition` "factors".
 */
export interface Factors {
  language?: Language;
  architecture?: Architecture;
  memory?: Memory;
  timeout?: Timeout;
  package?: Package;
  trigger?: Trigger;
  connection?: Connection;
  input?: Input;
  concurrency?: Concurrency;
  network?: Network;
  cold_level?: ColdLevel;
}
export interface Experiment1 {
  type: ExperimentType;
  /**
   * How often each cell is measured: batches of `concurrency` requests, divided into `order.blocks` blocks. Fewer than 36 give no confidence interval of p90, fewer than 72 none of p95. A map measures `min` in any case and goes on, at most to `max`, until the cell is precise.
   */
  repetitions?:
    | number
    | {
        /**
         * Repetitions in any case.
         */
        min: number;
        /**
         * Repetitions at most.
         */
        max: number;
        until?: Until;
      };
  /**
   * Ids of the platforms this experiment keeps to.
   *
   * @minItems 1
   * @maxItems 100
   */
  platforms?: [Reference & string & string, ...(Reference & string & string)[]];
  /**
   * Ids of the benchmarks this experiment keeps to.
   *
   * @minItems 1
   * @maxItems 20000
   */
  benchmarks?: [Reference & string & string, ...(Reference & string & string)[]];
  factors?: Factors;
  /**
   * Adds to each cell an A/A copy with deployments of its own. What the two differ by is noise, and no smaller difference is claimed.
   */
  control?: boolean;
  [k: string]: unknown;
}
/**
 * When a cell is precise enough. It is looked at after a round, with the estimator of the report.
 */
export interface Until {
  /**
   * What has to be known precisely.
   */
  metric?: 'client_us' | 'benchmark_us';
  /**
   * Which quantile of it: 0.5 is the median.
   */
  quantile?: number;
  /**
   * Level of the confidence interval.
   */
  ci?: number;
  /**
   * Half the width of the interval, as a share of the estimate, at which the cell is done.
   */
  half_width?: string;
}
/**
 * Some of the cells: those that have one of the levels of every axis that is named. Ids of platforms, benchmarks and experiments count as axes.
 *
 * This interface was referenced by `Suite`'s JSON-Schema
 * via the `definition` "cells".
 */
export interface Cells {
  /**
   * Id of an experiment of this suite.
   *
   * @minItems 1
   * @maxItems 20000
   */
  experiment?: string | [Reference & string & string, ...(Reference & string & string)[]];
  /**
   * Id of a platform of this suite.
   *
   * @minItems 1
   * @maxItems 20000
   */
  platform?: string | [Reference & string & string, ...(Reference & string & string)[]];
  /**
   * Id of a benchmark of this suite.
   *
   * @minItems 1
   * @maxItems 20000
   */
  benchmark?: string | [Reference & string & string, ...(Reference & string & string)[]];
  language?: Language;
  architecture?: Architecture;
  memory?: Memory;
  timeout?: Timeout;
  package?: Package;
  trigger?: Trigger;
  connection?: Connection;
  input?: Input;
  concurrency?: Concurrency;
  network?: Network;
  cold_level?: ColdLevel;
  /**
   * How the sandbox that serves a repetition came to be.
   *
   * @minItems 1
   * @maxItems 4
   */
  starts?:
    | string
    | [StartLevel & string & string & string & string]
    | [StartLevel & string & string & string & string, StartLevel & string & string & string & string]
    | [
        StartLevel & string & string & string & string,
        StartLevel & string & string & string & string,
        StartLevel & string & string & string & string
      ]
    | [
        StartLevel & string & string & string & string,
        StartLevel & string & string & string & string,
        StartLevel & string & string & string & string,
        StartLevel & string & string & string & string
      ];
  [k: string]: unknown;
}
/**
 * In which order the repetitions of all cells are measured.
 */
export interface Order {
  /**
   * Into how many blocks the repetitions of a cell are divided. Below 6 no median has a confidence interval where the block is the unit.
   */
  blocks?: number;
  /**
   * Whether the cells are put in a seeded random order of its own in every block.
   */
  shuffle?: boolean;
  windows?: Windows;
  /**
   * `one`: one block at a time over all platforms. `platform`: each remote platform has a lane of its own, and lanes are measured beside each other; recorded.
   */
  lanes?: 'one' | 'platform';
}
/**
 * Spreads the blocks over several windows of time, because platforms behave differently at night. A run of one window says so in its report.
 */
export interface Windows {
  /**
   * Number of windows; each gets an equal share of the blocks.
   */
  count: number;
  /**
   * Time from the end of one window to the beginning of the next.
   */
  gap: string;
}
/**
 * How often what stands above a repetition is repeated.
 */
export interface Replicates {
  /**
   * Deployments of each cell, made alike; the cell's blocks take turns on them, so that what one deployment happens to be like shows as variance.
   */
  deployments?: number;
}
/**
 * Bounds of the run. When one is hit the cells that are left are incomplete, with the reason, and the report is still written.
 */
export interface SuiteLimits {
  /**
   * Most money for the whole run, in US dollars, by the prices the platforms state.
   */
  usd?: number;
  /**
   * Longest wall time of the measuring.
   */
  duration?: string;
  /**
   * Most attempts of every role, warm-up included.
   */
  invocations?: number;
  /**
   * Share of failed attempts at which a cell is given up; looked at after 20 attempts of the cell.
   */
  failures?: string;
}
/**
 * What the report compares, and which files are written.
 */
export interface Report {
  /**
   * What others are compared with: of each cell, the one that has these levels and is the same in everything else that both platforms have.
   */
  baseline?: Cells;
  /**
   * By what sizes of different platforms are compared: equal memory, equal price, or both.
   *
   * @minItems 1
   * @maxItems 2
   */
  match?: ['memory' | 'price'] | ['memory' | 'price', 'memory' | 'price'];
  /**
   * Which files are written.
   *
   * @minItems 1
   * @maxItems 3
   */
  formats?:
    | ['html' | 'csv' | 'parquet']
    | ['html' | 'csv' | 'parquet', 'html' | 'csv' | 'parquet']
    | ['html' | 'csv' | 'parquet', 'html' | 'csv' | 'parquet', 'html' | 'csv' | 'parquet'];
}
