// Stage 3, inputs of benchmarks: what input.mjs of a benchmark exports and is given, and how it is loaded. Comes in: a
// benchmark; goes out: its two functions. The types here are the whole interface between sebs and the author of a
// benchmark on the host's side; docs/writing-a-benchmark.md shows them in use.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { EXIT, messageOf, SebsError } from '../errors.js';
import type { Random } from '../random.js';
import type { Item } from '../storage/nosql.js';
import type { StoredObject } from '../storage/storage.js';
import type { Benchmark } from './catalogue.js';
import type { ValidatorTools } from './tools.js';

/** Where a function finds its input objects and puts its output objects. */
export interface StoragePlace {
  bucket: string;
  /** Prefix of the objects that `generate` returns, without '/' at its end. */
  input: string;
  /** Prefix for whatever the function writes, without '/' at its end. */
  output: string;
}

/** What `generate` in input.mjs is given. Its result may depend on nothing else: the same options, the same event. */
export interface GenerateOptions {
  size: string;
  seed: number;
  /** Keyed by benchmark, size and seed. */
  random: Random;
  /** null for a benchmark that does not declare `modules: [storage]`. */
  storage: StoragePlace | null;
}

export interface GeneratedInput {
  /** Sent as JSON with every request of the input. */
  event: unknown;
  /** Uploaded before the first request; keys are relative to `storage.input`. */
  objects?: { key: string; data: Uint8Array | string }[];
  /** Written before the first request; `table` is a name under `tables` of benchmark.yaml. */
  items?: PreparedItem[];
}

/** What the wrapper says about the invocation that an output belongs to. Absent: unknown. */
export interface AnswerFacts {
  /** Time around the handler, in µs. */
  benchmarkUs?: number;
}

/** The part of the storage that a validator may use: one bucket. */
export interface ValidatorStorage extends StoragePlace {
  download(key: string): Promise<Uint8Array>;
  list(prefix: string): Promise<StoredObject[]>;
  /** Removes one object; it being gone already is fine. */
  remove(key: string): Promise<void>;
}

/** The part of NoSQL storage that a validator may use: the tables of its benchmark. */
export interface ValidatorNosql {
  /** undefined: there is none. */
  get(table: string, key: Item): Promise<Item | undefined>;
  /** All items of one primary key. */
  query(table: string, primary: Item): Promise<Item[]>;
}

/** What `validate` in input.mjs is given. */
export interface ValidateOptions {
  size: string;
  seed: number;
  event: unknown;
  /** What the function returned (`result.output` of the wrapper's answer). */
  output: unknown;
  answer: AnswerFacts;
  /** Language of the function; absent: unknown. */
  language?: string;
  /** The objects that were uploaded, keys relative to `storage.input`. */
  objects: readonly PreparedObject[];
  storage: ValidatorStorage | null;
  nosql: ValidatorNosql | null;
  tools: ValidatorTools;
}

/** The exports of input.mjs. */
export interface InputModule {
  generate(options: GenerateOptions): Promise<GeneratedInput> | GeneratedInput;
  /** null: the output is right; else the reason why not, in one sentence. */
  validate(options: ValidateOptions): Promise<string | null> | string | null;
  /** The same for an event of a suite's own, whose `size` is its name. Absent: outputs of such are not judged. */
  validateEvent?(options: ValidateOptions): Promise<string | null> | string | null;
}

export interface PreparedItem {
  table: string;
  item: Item;
}

export interface PreparedObject {
  key: string;
  bytes: number;
  sha256: string;
}

/** Imports input.mjs. Throws SebsError `INPUT` naming the file when it cannot be loaded or lacks an export. */
export async function loadInputModule(benchmark: Benchmark): Promise<InputModule> {
  const file = inputFile(benchmark);
  // The hash makes a changed file another module: a process that lives long sees edits.
  const url = `${pathToFileURL(file).href}?${benchmark.sourceSha256.slice(0, 16)}`;
  const module = await (import(url) as Promise<Partial<InputModule>>).catch((error: unknown) => {
    throw inputError(benchmark, `cannot be loaded: ${messageOf(error)}`, error);
  });
  const { generate, validate, validateEvent } = module;
  if (typeof generate !== 'function' || typeof validate !== 'function')
    throw inputError(benchmark, `exports no function '${typeof generate === 'function' ? 'validate' : 'generate'}'`);
  return { generate, validate, ...(typeof validateEvent === 'function' ? { validateEvent } : {}) };
}

function inputFile({ path, layout }: Benchmark): string {
  return join(path, layout === 'sebs' ? 'input.py' : 'input.mjs');
}

/** Names the file and the next step; fails the cells that need the input. */
export function inputError(benchmark: Benchmark, what: string, cause?: unknown): SebsError {
  return new SebsError('INPUT', `benchmark '${benchmark.id}': ${inputFile(benchmark)} ${what}`, EXIT.cells, {
    hint: 'docs/writing-a-benchmark.md shows what input.mjs exports',
    cause,
  });
}

/** For messages about values of a wrong kind. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`;
}
