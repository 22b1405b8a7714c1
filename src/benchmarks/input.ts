// Stage 3, inputs and outputs of benchmarks. Comes in: a benchmark, the name of an input, a seed, a storage; goes out:
// the event as the bytes that are sent, encoded once, with its objects uploaded; and for each output null or the reason
// why it is wrong (methodology D41: a fast wrong answer is a failure). input.mjs is the benchmark author's code: whatever
// it returns is checked, and whatever it throws is named; judging an output never throws.
import { withinDeadline } from '../deadline.js';
import { messageOf } from '../errors.js';
import { hashOf, sha256, shortHash } from '../hash.js';
import { randomFor } from '../random.js';
import type { NosqlStorage } from '../storage/nosql.js';
import type { ObjectStorage, RunHome } from '../storage/storage.js';
import type { Benchmark } from './catalogue.js';
import {
  type AnswerFacts,
  describe,
  type GeneratedInput,
  type GenerateOptions,
  type InputModule,
  inputError,
  loadInputModule,
  type PreparedItem,
  type PreparedObject,
  type StoragePlace,
  type ValidatorNosql,
  type ValidatorStorage,
} from './input-module.js';
import { sebsInputModule } from './sebs-input.js';
import { staysInside } from './source-tree.js';
import { validatorTools } from './tools.js';

export interface PreparedInput {
  benchmark: Benchmark;
  module: InputModule;
  size: string;
  seed: number;
  event: unknown;
  /** JSON of the event in UTF-8, encoded once. */
  body: Uint8Array;
  bodyBytes: number;
  /** Over event and objects; where they are stored, which differs between runs, is left out. */
  sha256: string;
  objects: readonly PreparedObject[];
  /** Items of tables that were written, by the names that functions use. */
  items: readonly PreparedItem[];
  /** How many objects were uploaded now; the others were there already. */
  uploaded: number;
  place: StoragePlace | null;
  /** Tokens that outputs of this input have shown; grows with every output that is judged. */
  seen: Set<string>;
  /** An event of the suite's own: judged only by a validator that is made for such. */
  isOwn: boolean;
}

export interface PrepareInputOptions {
  benchmark: Benchmark;
  /** A name under `inputs` of benchmark.yaml, or what `own` goes by. */
  size: string;
  seed: number;
  /** An event of the suite's own, sent as it is instead of a generated one. */
  own?: { event: unknown };
  /** null: none; an error for a benchmark that declares `modules: [storage]`. */
  storage: ObjectStorage | null;
  /** Has been opened; null without storage. */
  home: RunHome | null;
  /** Has the benchmark's tables. Absent: none; an error for a benchmark that declares `modules: [nosql]`. */
  nosql?: NosqlStorage | null;
  signal?: AbortSignal;
}

export interface ValidateOutputOptions {
  input: PreparedInput;
  output: unknown;
  answer?: AnswerFacts;
  language?: string;
  storage: ObjectStorage | null;
  nosql?: NosqlStorage | null;
}

const VALIDATOR_DEADLINE_MS = 60_000;
const GENERATOR_DEADLINE_MS = 300_000;
const UPLOADS_AT_ONCE = 16;

/**
 * Makes an input and uploads those of its objects that are not there yet. Throws SebsError `INPUT` for a generator
 * that fails or returns something else than an event.
 */
export async function prepareInput(options: PrepareInputOptions): Promise<PreparedInput> {
  const { benchmark, size, seed, own } = options;
  const module = await moduleOf(benchmark);
  const place = placeOf(options);
  const random = randomFor(seed, 'input', benchmark.id, size);
  const generated = own ?? (await generate(module, benchmark, { size, seed, random, storage: place }));
  const text = eventText(benchmark, generated.event);
  const { objects: made = [], items: given = [] }: Partial<GeneratedInput> = generated;
  const contents = contentsOf(benchmark, made, place);
  const objects = contents.map(({ key, data }) => ({ key, bytes: data.byteLength, sha256: sha256(data) }));
  const items = itemsOf(benchmark, given, options.nosql ?? null);
  const body = new TextEncoder().encode(text);
  for (const { table, item } of items) await options.nosql?.put(options.nosql.tableOf(benchmark.id, table), item);
  return {
    benchmark,
    module,
    size,
    seed,
    event: JSON.parse(text) as unknown,
    body,
    bodyBytes: body.byteLength,
    sha256: hashOf({
      event: withoutPlace(text, place, options.home),
      objects,
      ...(items.length === 0 ? {} : { items }),
    }),
    objects,
    items,
    uploaded: place === null ? 0 : await uploadMissing(contents, place, options),
    place,
    seen: new Set(),
    isOwn: own !== undefined,
  };
}

function moduleOf(benchmark: Benchmark): Promise<InputModule> {
  return benchmark.layout === 'sebs' ? sebsInputModule(benchmark) : loadInputModule(benchmark);
}

/** Judges one output: null, or why it is wrong. Never throws: a validator that fails is itself the reason. */
export async function validateOutput(options: ValidateOutputOptions): Promise<string | null> {
  const { input, output, answer = {}, language, storage, nosql = null } = options;
  const { benchmark, module, size, seed, event, objects, place } = input;
  const judge = input.isOwn ? module.validateEvent : module.validate;
  if (judge === undefined) return null;
  try {
    const verdict = await withinDeadline(
      VALIDATOR_DEADLINE_MS,
      'verdict',
      judge({
        size,
        seed,
        event,
        output,
        answer,
        ...(language === undefined ? {} : { language }),
        objects,
        storage: place === null || storage === null ? null : validatorStorage(storage, place),
        nosql: nosql === null ? null : validatorNosql(nosql, benchmark.id),
        tools: validatorTools(input.seen),
      }),
    );
    if (verdict === null || typeof verdict === 'string') return verdict;
    return `the validator of ${benchmark.id} returned ${describe(verdict)}, not null or a reason`;
  } catch (error) {
    const name = error instanceof Error ? error.name : typeof error;
    return `the validator of ${benchmark.id} failed: ${name}: ${messageOf(error)}`;
  }
}

/** The prefix names what the objects are made from, so equal inputs are uploaded once and edited ones never mixed. */
function placeOf({ benchmark, size, seed, storage, home }: PrepareInputOptions): StoragePlace | null {
  if (!(benchmark.file.modules ?? []).includes('storage')) return null;
  if (storage === null || home === null)
    throw inputError(benchmark, 'needs a storage (modules: [storage]), and the platform has none');
  const content = shortHash({ source: benchmark.sourceSha256, size, seed });
  return {
    bucket: home.bucket,
    input: `${home.inputs}${benchmark.id}/${size}/${content}`,
    output: `${home.outputs}${benchmark.id}/out`,
  };
}

async function generate(module: InputModule, benchmark: Benchmark, options: GenerateOptions): Promise<GeneratedInput> {
  let generated: GeneratedInput;
  try {
    generated = await withinDeadline(GENERATOR_DEADLINE_MS, 'event', module.generate(options));
  } catch (error) {
    throw inputError(benchmark, `failed to generate the input '${options.size}': ${messageOf(error)}`, error);
  }
  if (typeof generated !== 'object' || generated === null || !('event' in generated))
    throw inputError(benchmark, `returned ${describe(generated)} for the input '${options.size}', not { event }`);
  return generated;
}

function eventText(benchmark: Benchmark, event: unknown): string {
  try {
    const text = JSON.stringify(event) as string | undefined;
    if (text !== undefined) return text;
  } catch (error) {
    throw inputError(benchmark, `returned an event that is no JSON: ${messageOf(error)}`, error);
  }
  throw inputError(benchmark, `returned ${describe(event)} as event, which is no JSON`);
}

function contentsOf(
  benchmark: Benchmark,
  objects: NonNullable<GeneratedInput['objects']>,
  place: StoragePlace | null,
): { key: string; data: Uint8Array }[] {
  if (objects.length > 0 && place === null)
    throw inputError(benchmark, 'returned objects, but benchmark.yaml does not say modules: [storage]');
  const encoder = new TextEncoder();
  return objects.map(({ key, data }) => {
    if (typeof key !== 'string' || !staysInside(key))
      throw inputError(benchmark, `returned an object with the key ${JSON.stringify(key)}, which leaves its prefix`);
    if (typeof data !== 'string' && !(data instanceof Uint8Array))
      throw inputError(benchmark, `returned the object '${key}' with ${describe(data)} as data, not bytes or text`);
    return { key, data: typeof data === 'string' ? encoder.encode(data) : data };
  });
}

function itemsOf(benchmark: Benchmark, items: readonly PreparedItem[], nosql: NosqlStorage | null): PreparedItem[] {
  const declared = benchmark.file.tables ?? {};
  if ((benchmark.file.modules ?? []).includes('nosql') && nosql === null)
    throw inputError(benchmark, 'needs NoSQL storage (modules: [nosql]), and the platform has none');
  return items.map(({ table, item }) => {
    const keys = declared[table];
    if (keys === undefined)
      throw inputError(benchmark, `returned an item for the table '${table}', which benchmark.yaml does not declare`);
    for (const key of [keys.primary, ...(keys.secondary === undefined ? [] : [keys.secondary])])
      if (typeof item?.[key] !== 'string')
        throw inputError(
          benchmark,
          `returned an item of '${table}' with ${describe(item?.[key])} as '${key}', not text`,
        );
    return { table, item };
  });
}

async function uploadMissing(
  contents: readonly { key: string; data: Uint8Array }[],
  place: StoragePlace,
  { storage, signal }: PrepareInputOptions,
): Promise<number> {
  if (storage === null || contents.length === 0) return 0;
  const present = new Map((await storage.list(place.bucket, `${place.input}/`)).map(({ key, bytes }) => [key, bytes]));
  const missing = contents.filter(({ key, data }) => present.get(`${place.input}/${key}`) !== data.byteLength);
  const queue = [...missing];
  const uploader = async (): Promise<void> => {
    try {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        signal?.throwIfAborted();
        await storage.upload(place.bucket, `${place.input}/${next.key}`, next.data);
      }
    } finally {
      queue.length = 0; // one failed: the others need not go on
    }
  };
  await Promise.all(Array.from({ length: UPLOADS_AT_ONCE }, uploader));
  return missing.length;
}

/** What differs between runs of the same input: bucket and prefixes; that of the input changes with the function's code. */
function withoutPlace(text: string, place: StoragePlace | null, home: RunHome | null): string {
  if (place === null || home === null) return text;
  const named = text.replaceAll(place.input, '<input>').replaceAll(place.bucket, '<bucket>');
  return home.outputs === '' ? named : named.replaceAll(home.outputs, '');
}

function validatorNosql(nosql: NosqlStorage, benchmark: string): ValidatorNosql {
  return {
    get: (table, key) => nosql.get(nosql.tableOf(benchmark, table), key),
    query: (table, primary) => nosql.query(nosql.tableOf(benchmark, table), primary),
  };
}

function validatorStorage(storage: ObjectStorage, place: StoragePlace): ValidatorStorage {
  return {
    ...place,
    download: (key) => storage.download(place.bucket, key),
    list: (prefix) => storage.list(place.bucket, prefix),
    remove: (key) => storage.remove(place.bucket, key),
  };
}
