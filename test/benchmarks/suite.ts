// What every benchmark that comes with sebs must show, run for real: packed, imported and called in every language, each
// answer judged by its validator; the work of its sizes; equal results of all languages; and what its validator refuses.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Benchmark, loadCatalogue } from '../../src/benchmarks/catalogue.js';
import { type PreparedInput, prepareInput, validateOutput } from '../../src/benchmarks/input.js';
import type { AnswerFacts } from '../../src/benchmarks/input-module.js';
import { buildCodePackage } from '../../src/benchmarks/package.js';
import type { ObjectStorage } from '../../src/storage/storage.js';
import { leftOut } from '../support/left-out.js';
import { callHandler, directoryStorage, type HandlerAnswer, homeIn, PYTHON, packageOptions } from './support.js';

export const BUCKET = 'sebs-test';

/** `other` is a correct output for the input of another size. */
export type Mutation = [what: string, change: (result: never, other: never) => unknown, reason: RegExp];

export interface BenchmarkSuite {
  id: string;
  languages: readonly string[];
  /** An output without what no two outputs share. */
  comparable(result: unknown): unknown;
  /** How much work an input is, in any unit; it grows about tenfold from size to size. */
  work(input: PreparedInput): number;
  /** `measurement` of an answer, by key; absent: it measures nothing of its own. */
  measures?: readonly string[];
  rejected: readonly Mutation[];
}

export interface Fixture {
  storage: ObjectStorage;
  prepare(id: string, size: string, seed?: number): Promise<PreparedInput>;
  call(language: string, input: PreparedInput, times?: number): Promise<HandlerAnswer[]>;
  judge(input: PreparedInput, output: unknown, answer?: AnswerFacts): Promise<string | null>;
}

/** A maker of fixtures that share a cache of packages, which is gone after the tests of the file. */
export function fixtures(ids: readonly string[]): () => Promise<Fixture> {
  const cacheDir = mkdtempSync(join(tmpdir(), 'sebs-test-cache-'));
  const catalogue = loadCatalogue({ paths: [], ids });
  catalogue.catch(() => undefined);
  afterAll(() => rmSync(cacheDir, { recursive: true, force: true }));
  return async () => {
    const { benchmarks } = await catalogue;
    const { storage } = await directoryStorage();
    await storage.createBucket(BUCKET);
    return {
      storage,
      prepare: (id, size, seed = 42) =>
        prepareInput({ benchmark: benchmarks.get(id) as Benchmark, size, seed, storage, home: homeIn(BUCKET) }),
      call: async (language, input, times = 1) => {
        const code = await buildCodePackage(packageOptions(input.benchmark, language, { cacheDir }));
        const events = Array.from({ length: times }, () => JSON.parse(Buffer.from(input.body).toString()) as unknown);
        return callHandler(language, code, events, storage.functionEnv('host'));
      },
      judge: (input, output, answer = {}) => validateOutput({ input, output, answer, storage }),
    };
  };
}

/** The tests that all benchmarks share. Building packages and the largest input take their time. */
export function describeBenchmark(suite: BenchmarkSuite, fixture = fixtures([suite.id])): void {
  const { id, languages } = suite;
  const withoutPython =
    PYTHON === undefined && languages.includes('python') && leftOut(`${id} in Python`, 'python3 is missing');
  const here = languages.filter((language) => language !== 'python' || !withoutPython);
  const [reference = 'nodejs'] = here.toReversed();

  describe.each(here)(`${id} in %s`, (language) => {
    it('answers every input correctly, again and again in one sandbox', { timeout: 120_000 }, async () => {
      const { prepare, call, judge } = await fixture();
      for (const size of ['test', 'small', 'large']) {
        const input = await prepare(id, size);
        for (const { result, measurement } of await call(language, input, size === 'test' ? 3 : 1)) {
          expect(await judge(input, result), size).toBeNull();
          expect(Object.keys(measurement ?? {}).sort()).toEqual([...(suite.measures ?? [])].sort());
        }
      }
    });
  });

  describe(id, () => {
    if (languages.length > 1)
      it.skipIf(here.length < 2)('gives equal results in all its languages', { timeout: 120_000 }, async () => {
        const { prepare, call } = await fixture();
        const input = await prepare(id, 'test');
        const answers = await Promise.all(here.map((language) => call(language, input)));
        const [first, ...others] = answers.map(([answer]) => suite.comparable(answer?.result));
        for (const other of others) expect(other).toEqual(first);
      });

    it('takes about ten times the work from size to size', async () => {
      const { prepare } = await fixture();
      const sizes = await Promise.all(['test', 'small', 'large'].map((size) => prepare(id, size)));
      const [test, small, large] = sizes.map((input) => suite.work(input)) as [number, number, number];
      expect(small / test).toBeGreaterThan(9);
      expect(large / small).toBeGreaterThan(9);
    });

    it('has a validator that refuses every wrong output, and still takes the right one', {
      timeout: 120_000,
    }, async () => {
      const { prepare, call, judge } = await fixture();
      const [input, larger] = [await prepare(id, 'test'), await prepare(id, 'small')];
      const [right] = await call(reference, input);
      const [other] = await call(reference, larger);
      for (const [what, change, reason] of suite.rejected) {
        const wrong = (change as (result: unknown, other: unknown) => unknown)(right?.result, other?.result);
        expect(await judge(input, wrong), what).toMatch(reason);
      }
      expect(await judge(input, right?.result)).toBeNull();
    });

    it('has a validator that refuses an output of an earlier request, of the same event or of another seed', {
      timeout: 120_000,
    }, async () => {
      const { prepare, call, judge } = await fixture();
      const input = await prepare(id, 'test');
      const [right] = await call(reference, input);
      expect(await judge(input, right?.result)).toBeNull();
      expect(await judge(input, right?.result)).toMatch(/of an earlier request/);
      const otherSeed = await prepare(id, 'test', 43);
      const [fresh] = await call(reference, input);
      expect(await judge(otherSeed, fresh?.result)).not.toBeNull();
    });
  });
}
