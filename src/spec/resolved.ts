// Stage 1's product: the suite with every shorthand expanded and every default filled in. All later stages take only
// this; what the user wrote (`Suite`, generated from the schema) is known to spec/ alone. Plain JSON, hashed and
// stored as suite.resolved.yaml.
import type { Cell, Limits, Plan, PlannedOrder, PlannedReport } from '../generated/plan.js';

/** `version` null: the platform's newest that the benchmark runs on, decided by the planner. */
export interface LanguageLevel {
  language: string;
  version: string | null;
}

/** The levels of each axis at one place of the suite. An axis that is absent is not set there. */
export interface AxisLevels {
  language?: LanguageLevel[];
  architecture?: string[];
  memory_mb?: number[];
  timeout_s?: number[];
  package?: string[];
  trigger?: Cell['trigger'][];
  connection?: Cell['connection'][];
  input?: string[];
  concurrency?: number[];
  network?: NonNullable<Cell['network']>[];
  cold_level?: NonNullable<Cell['cold_level']>[];
}

/**
 * Some of the cells: those that have one of the levels of every axis that is named. Axes of the matrix go by their
 * resolved names, `starts` by `start`; what else is no field of a cell is one of its `settings`.
 */
export type CellSelector = Readonly<Record<string, readonly unknown[]>>;

export interface ResolvedPlatform {
  id: string;
  type: string;
  /** The entry without its type and axes, validated against the platform's schema. */
  options: Record<string, unknown>;
  axes: AxisLevels;
}

export interface ResolvedBenchmark {
  id: string;
  /** Absolute folder of a user's own benchmark; absent for one of the catalogue. */
  path?: string;
  axes: AxisLevels;
}

export interface ResolvedExperiment {
  id: string;
  type: string;
  starts: Cell['start'][];
  repetitions: Cell['repetitions'];
  /** An A/A copy of every cell (methodology D21). */
  control: boolean;
  /** Ids; absent: all of the suite. */
  platforms?: string[];
  benchmarks?: string[];
  axes: AxisLevels;
  /** What the experiment's own schema adds. */
  settings: Record<string, unknown>;
}

export interface ResolvedSuite {
  version: 1;
  name: string;
  description?: string;
  seed: number;
  platforms: ResolvedPlatform[];
  benchmarks: ResolvedBenchmark[];
  axes: AxisLevels;
  experiments: ResolvedExperiment[];
  /** Cells that are left out. */
  exclude: CellSelector[];
  /** From the command line: cells that are not these are left out. */
  filter?: CellSelector;
  order: PlannedOrder;
  /** Deployments per cell. */
  replicates: { deployments: number };
  unsupported: 'skip' | 'error';
  limits: Limits;
  /** Events of the suite's own, by the input they go by. */
  events?: NonNullable<Plan['events']>;
  teardown: 'always' | 'on-success' | 'keep';
  report: Omit<PlannedReport, 'baseline'> & { baseline?: CellSelector };
}

export type SuitePath = readonly (string | number)[];

/** A loaded suite with what error messages and the manifest need. */
export interface LoadedSuite {
  suite: ResolvedSuite;
  /** The files it was read from, as given on the command line or by `extends`, first the suite itself. */
  files: { path: string; text: string; sha256: string }[];
  /** Settings of the command line, in their order. */
  set: string[];
  /** Filters of the command line. */
  filter: string[];
  /** Position of a path in the document, or of its nearest parent; counts from 1. */
  locate(path: SuitePath): { file: string; line: number; column: number };
  /** Whether a path stands in the document; false for what a default filled in. */
  isWritten(path: SuitePath): boolean;
}
