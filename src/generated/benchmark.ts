// Generated from schemas/benchmark.schema.json by `npm run generate`. Do not edit.

/**
 * benchmark.yaml: what a benchmark is, which languages carry it, and the inputs it can be run with.
 */
export interface BenchmarkFile {
  /**
   * Raised whenever the work that the benchmark does changes; comparisons look at it.
   */
  version: number;
  /**
   * One sentence: what it does and which resource it stresses.
   */
  description?: string;
  /**
   * The languages that carry the benchmark. The key names the sub-folder with the code.
   */
  languages: {
    [k: string]: BenchmarkLanguage;
  };
  /**
   * Clients that are packed beside the code.
   */
  modules?: ('storage' | 'nosql')[];
  /**
   * NoSQL tables of a benchmark with `modules: [nosql]`: the names that its functions use, each with the attributes that are its keys. Keys are texts.
   */
  tables?: {
    [k: string]: TableKeys;
  };
  /**
   * Memory when the suite names none, in MB.
   */
  memory_mb?: number;
  /**
   * Time limit of one invocation when the suite names none, in seconds.
   */
  timeout_s?: number;
  /**
   * Names of the inputs (sizes) that input.mjs can make, with a word on what each means.
   */
  inputs: {
    [k: string]: string;
  };
  /**
   * True for functions that only experiments use; `sebs list` shows them apart.
   */
  internal?: boolean;
}
export interface BenchmarkLanguage {
  /**
   * Versions it is known to run on, as strings. Absent: every version the platform has.
   *
   * @minItems 1
   */
  versions?: [string, ...string[]];
  /**
   * Module that exports `handler`, without its ending, relative to the language's folder.
   */
  handler?: string;
}
export interface TableKeys {
  /**
   * Attribute by which items are found.
   */
  primary: string;
  /**
   * Attribute that tells items of one primary key apart.
   */
  secondary?: string;
}
