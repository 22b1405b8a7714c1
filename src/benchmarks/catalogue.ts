// Stage 1–2, benchmarks: finds the benchmark folders (ours under benchmarks/, a user's own by path), validates each
// benchmark.yaml, and says what each provides.
import type { BenchmarkFile } from '../generated/benchmark.js';

export interface Benchmark {
  id: string;
  /** Absolute folder. */
  path: string;
  file: BenchmarkFile;
  /** SHA-256 of the folder's tree: every file with its relative path, sub-folders included. */
  sourceSha256: string;
}

export interface Catalogue {
  /** By id; a user's own benchmarks included. */
  benchmarks: ReadonlyMap<string, Benchmark>;
}
