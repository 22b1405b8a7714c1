// The benchmarks that come with sebs, run for real: packed, imported and called in every language, each answer judged by
// its validator; and what validators must refuse.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Benchmark, loadCatalogue } from '../../src/benchmarks/catalogue.js';
import { type PreparedInput, prepareInput, validateOutput } from '../../src/benchmarks/input.js';
import type { AnswerFacts } from '../../src/benchmarks/input-module.js';
import { buildCodePackage } from '../../src/benchmarks/package.js';
import type { ObjectStorage } from '../../src/storage/storage.js';
import { leftOut } from '../support/left-out.js';
import {
  callHandler,
  directoryStorage,
  type HandlerAnswer,
  PYTHON,
  packageOptions,
  temporaryFolder,
} from './support.js';

const withoutPython = PYTHON === undefined && leftOut('the benchmarks in Python', 'python3 is missing');
const LANGUAGES = ['python', 'nodejs'];
const IDS = ['010.sleep', '110.dynamic-html', '311.compression'];
const BUCKET = 'sebs-test';
let benchmarks: ReadonlyMap<string, Benchmark>;

beforeAll(async () => {
  benchmarks = (await loadCatalogue({ paths: [], ids: IDS })).benchmarks;
});

interface Fixture {
  storage: ObjectStorage;
  prepare(id: string, size: string, seed?: number): Promise<PreparedInput>;
  call(language: string, input: PreparedInput, times?: number): Promise<HandlerAnswer[]>;
  judge(input: PreparedInput, output: unknown, answer?: AnswerFacts): Promise<string | null>;
}

async function fixture(): Promise<Fixture> {
  const { storage } = await directoryStorage();
  await storage.createBucket(BUCKET);
  const cacheDir = join(temporaryFolder(), 'cache');
  return {
    storage,
    prepare: (id, size, seed = 42) =>
      prepareInput({ benchmark: benchmarks.get(id) as Benchmark, size, seed, storage, bucket: BUCKET }),
    call: async (language, input, times = 1) => {
      const code = await buildCodePackage(packageOptions(input.benchmark, language, { cacheDir }));
      const events = Array.from({ length: times }, () => JSON.parse(Buffer.from(input.body).toString()) as unknown);
      return callHandler(language, code, events, storage.functionEnv('host'));
    },
    judge: (input, output, answer = {}) => validateOutput({ input, output, answer, storage }),
  };
}

describe.each(LANGUAGES)('in %s', (language) => {
  describe.skipIf(language === 'python' && withoutPython)('every benchmark', () => {
    it.each(IDS)('%s answers every input correctly, again and again in one sandbox', async (id) => {
      const { prepare, call, judge } = await fixture();
      for (const size of ['test', 'small', 'large']) {
        const input = await prepare(id, size);
        const times = size === 'test' ? 3 : 1;
        for (const { result } of await call(language, input, times))
          expect(await judge(input, result), size).toBeNull();
      }
    });

    it('010.sleep takes the time that it was asked to take', async () => {
      const { prepare, call } = await fixture();
      const begin = performance.now();
      await call(language, await prepare('010.sleep', 'large'));
      expect(performance.now() - begin).toBeGreaterThanOrEqual(999);
    });

    it('311.compression measures its parts, and its archive satisfies another reader', async () => {
      const { prepare, call, storage } = await fixture();
      const input = await prepare('311.compression', 'test');
      const [answer] = (await call(language, input)) as [HandlerAnswer];
      const { key, zip_bytes, input_bytes } = answer.result as Record<string, number> & { key: string };
      expect(answer.measurement).toEqual({
        download_us: expect.any(Number),
        compute_us: expect.any(Number),
        upload_us: expect.any(Number),
        download_bytes: input_bytes,
        upload_bytes: zip_bytes,
      });
      if (PYTHON === undefined) return;
      const file = join(temporaryFolder(), 'archive.zip');
      writeFileSync(file, await storage.download(BUCKET, key));
      const listing = execFileSync(PYTHON.executable, ['-m', 'zipfile', '-t', file], { encoding: 'utf8' });
      expect(listing).toBe('Done testing\n');
    });
  });
});

describe.skipIf(withoutPython)('both languages', () => {
  it.each([
    ['010.sleep', (result) => ({ ...(result as object), slept_us: 0, token: '' })],
    ['110.dynamic-html', (result) => String(result).replace(/<time>.*<\/code> of/, 'of')],
    ['311.compression', (result) => ({ ...(result as object), key: '', zip_bytes: 0 })],
  ] as [string, (result: unknown) => unknown][])('of %s give equal results', async (id, comparable) => {
    const { prepare, call } = await fixture();
    const input = await prepare(id, 'test');
    const [python, nodejs] = await Promise.all(LANGUAGES.map((language) => call(language, input)));
    expect(comparable(python?.[0]?.result)).toEqual(comparable(nodejs?.[0]?.result));
  });
});

describe('the work of a size', () => {
  it.each(IDS)('of %s grows from size to size', async (id) => {
    const { prepare } = await fixture();
    const work = await Promise.all(
      ['test', 'small', 'large'].map(async (size) => {
        const { event, objects } = await prepare(id, size);
        const { sleep_s, count } = event as { sleep_s?: number; count?: number };
        return sleep_s ?? count ?? objects.reduce((sum, object) => sum + object.bytes, 0);
      }),
    );
    const [test, small, large] = work as [number, number, number];
    expect(small / test).toBeGreaterThan(9.5);
    expect(large / small).toBeGreaterThan(9.5);
  });
});

type Mutation = [what: string, change: (result: never, other: never) => unknown, reason: RegExp];

/** `other` is a correct output for the input of another size. */
const REJECTED: Record<string, Mutation[]> = {
  '010.sleep': [
    ['nothing', () => undefined, /no object/],
    ['an empty output', () => ({}), /slept for undefined/],
    ['a truncated output', ({ sleep_s, nonce }: Record<string, number>) => ({ sleep_s, nonce }), /slept_us is no/],
    ["another size's output", (_: never, other: unknown) => other, /slept for 0\.1 s, 0\.01 s/],
    ['another nonce', (result: { nonce: number }) => ({ ...result, nonce: result.nonce + 1 }), /of another event/],
    ['a sleep too short', (result: object) => ({ ...result, slept_us: 7_999 }), /woke up after 7999 µs/],
    ['no token', (result: object) => ({ ...result, token: '' }), /no token/],
  ] as Mutation[],
  '110.dynamic-html': [
    ['nothing', () => null, /no text/],
    ['an empty output', () => '', /does not say when/],
    ['a truncated output', (page: string) => page.slice(0, -10), /differs at character/],
    [
      'half an output',
      (page: string) => page.slice(0, page.length / 2),
      /does not say when it was rendered|has \d items, not 10/,
    ],
    ["another size's output", (_: never, other: unknown) => other, /has 1000 items, not 10/],
    ['one item less', (page: string) => page.replace(/<li>\d+<\/li>/, ''), /has 9 items, not 10/],
    ['one item more', (page: string) => page.replace('<li>', '<li>1</li><li>'), /has 11 items, not 10/],
    [
      'a number off by one',
      (page: string) => page.replace(/(\d+)<\/li><\/ol>/, (_all, last: string) => `${Number(last) + 1}</li></ol>`),
      /differs at character/,
    ],
    ['a name that was not escaped', (page: string) => page.replaceAll('&lt;', '<'), /differs at character/],
    ["an earlier event's nonce", (page: string) => page.replace(/(request <code>)\d/, '$1x'), /differs at character/],
    ['no time', (page: string) => page.replace(/<time>[^<]*/, '<time>now'), /at no time/],
  ] as Mutation[],
  '311.compression': [
    ['nothing', () => undefined, /no object/],
    ['an empty output', () => ({}), /is in bucket 'undefined'/],
    ['no key', (result: object) => ({ ...result, key: undefined }), /key 'undefined' is not below/],
    ['a key elsewhere', (result: object) => ({ ...result, key: '311.compression/in.zip' }), /is not below/],
    ['a key that leaves', (r: { key: string }) => ({ ...r, key: `${r.key}/../../../../x` }), /leaves its bucket/],
    ["another size's output", (_: never, other: unknown) => other, /100 files were packed, not 10/],
    ['one file less', (result: { files: number }) => ({ ...result, files: result.files - 1 }), /9 files/],
    ['a byte more', (r: { input_bytes: number }) => ({ ...r, input_bytes: r.input_bytes + 1 }), /bytes were packed/],
    [
      'another size of archive',
      (r: { zip_bytes: number }) => ({ ...r, zip_bytes: r.zip_bytes - 1 }),
      /the archive has/,
    ],
    ['an archive that is not there', (r: { key: string }) => ({ ...r, key: `${r.key}x` }), /there is no archive/],
  ] as Mutation[],
};

describe.each(IDS)('the validator of %s', (id) => {
  it('refuses every wrong output with its reason, and still takes the right one', async () => {
    const { prepare, call, judge } = await fixture();
    const [input, larger] = [await prepare(id, 'test'), await prepare(id, 'small')];
    const [right] = await call('nodejs', input);
    const [other] = await call('nodejs', larger);
    for (const [what, change, reason] of REJECTED[id] ?? []) {
      const wrong = (change as (result: unknown, other: unknown) => unknown)(right?.result, other?.result);
      expect(await judge(input, wrong), what).toMatch(reason);
    }
    expect(await judge(input, right?.result)).toBeNull();
  });

  it('refuses an output of an earlier request, of the same event or of another seed', async () => {
    const { prepare, call, judge } = await fixture();
    const input = await prepare(id, 'test');
    const [right] = await call('nodejs', input);
    expect(await judge(input, right?.result)).toBeNull();
    expect(await judge(input, right?.result)).toMatch(/of an earlier request/);
    const otherSeed = await prepare(id, 'test', 43);
    const [fresh] = await call('nodejs', input);
    expect(await judge(otherSeed, fresh?.result)).not.toBeNull();
  });
});

describe('the validator of 010.sleep', () => {
  it('refuses an answer that came faster than it claims to have slept', async () => {
    const { prepare, call, judge } = await fixture();
    const input = await prepare('010.sleep', 'test');
    const [right] = (await call('nodejs', input)) as [HandlerAnswer];
    expect(await judge(input, right.result, { benchmarkUs: 300 })).toMatch(/answered after 300 µs, but claims/);
    const { slept_us } = right.result as { slept_us: number };
    expect(await judge(input, right.result, { benchmarkUs: slept_us + 50 })).toBeNull();
  });
});

describe('the validator of 311.compression', () => {
  const replaced: [string, (archive: Uint8Array) => Uint8Array, RegExp][] = [
    ['truncated', (archive) => archive.subarray(0, -30), /cannot be unpacked|is not in the archive/],
    ['empty', () => new Uint8Array(), /cannot be unpacked/],
    ['damaged in its middle', flipped, /cannot be unpacked|other content|bytes in the archive/],
  ];
  it.each(replaced)('refuses an archive that is %s', async (_what, change, reason) => {
    const { prepare, call, judge, storage } = await fixture();
    const input = await prepare('311.compression', 'test');
    const result = (await call('nodejs', input))[0]?.result as { key: string; zip_bytes: number };
    const archive = change(await storage.download(BUCKET, result.key));
    await storage.upload(BUCKET, result.key, archive);
    expect(await judge(input, { ...result, zip_bytes: archive.byteLength })).toMatch(reason);
  });

  it('refuses the archive of another seed in the place of its own', async () => {
    const { prepare, call, judge, storage } = await fixture();
    const [input, other] = [await prepare('311.compression', 'test'), await prepare('311.compression', 'test', 7)];
    const [mine, theirs] = await Promise.all([input, other].map(async (one) => (await call('nodejs', one))[0]?.result));
    const archive = await storage.download(BUCKET, (theirs as { key: string }).key);
    await storage.upload(BUCKET, (mine as { key: string }).key, archive);
    expect(await judge(input, { ...(mine as object), zip_bytes: archive.byteLength })).toMatch(/has other content/);
  });

  it('removes each archive that it has found right, so a run does not fill the disk', async () => {
    const { prepare, call, judge, storage } = await fixture();
    const input = await prepare('311.compression', 'test');
    const answers = await call('nodejs', input, 3);
    for (const { result } of answers) expect(await judge(input, result)).toBeNull();
    expect(await storage.list(BUCKET, '311.compression/out/')).toEqual([]);
    expect(await storage.list(BUCKET, `${input.place?.input}/`)).toHaveLength(10);
  });
});

function flipped(archive: Uint8Array): Uint8Array {
  const middle = Math.floor(archive.length / 2);
  return archive.map((byte, index) => (index === middle ? byte ^ 0xff : byte));
}
