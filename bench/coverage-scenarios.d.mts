import type { Random } from '../src/random.js';
import type { estimateMetrics } from '../src/results/statistics/metric.js';
import type { Sample } from '../src/results/statistics/sample.js';

export interface Scenario {
  name: string;
  common: number;
  follow: number;
  shape(z: number): number;
  mean: number;
}

export interface Coverage {
  /** Share of the intervals given that hold the truth; NaN where none was given. */
  held: number;
  /** Share of the runs in which an interval was given. */
  given: number;
}

export declare const SCENARIOS: readonly Scenario[];
export declare const STATISTICS: readonly ['mean', 'p50', 'p90', 'p95', 'p99'];
export declare function drawValues(scenario: Scenario, blocks: number, rows: number, random: Random): number[];
export declare function sampleOf(values: readonly number[], blocks: number, rowsIndependent?: boolean): Sample;
export declare function coverageOf(
  estimate: typeof estimateMetrics,
  scenario: Scenario,
  settings: {
    blocks: number;
    rows: number;
    runs: number;
    resamples: number;
    random: Random;
    rowsIndependent?: boolean;
  },
): Record<(typeof STATISTICS)[number], Coverage>;
