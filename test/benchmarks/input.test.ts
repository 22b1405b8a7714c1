import { describe, expect, it, vi } from 'vitest';
import { loadBenchmark, loadCatalogue } from '../../src/benchmarks/catalogue.js';
import {
  type PreparedInput,
  type PrepareInputOptions,
  prepareInput,
  validateOutput,
} from '../../src/benchmarks/input.js';
import { SebsError } from '../../src/errors.js';
import { directoryStorage, homeIn, INPUT_MJS, ownBenchmark } from './support.js';

const STORAGE_YAML = 'version: 1\nlanguages: { nodejs: {} }\nmodules: [storage]\ninputs: { test: a }\n';

async function prepare(files: Record<string, string>, changes: Partial<PrepareInputOptions> = {}) {
  const benchmark = await loadBenchmark('own', ownBenchmark(files));
  return prepareInput({ benchmark, size: 'test', seed: 1, storage: null, home: homeIn('bucket'), ...changes });
}

function generating(body: string): Record<string, string> {
  return {
    'input.mjs': `export function generate({ size, seed, random, storage }) { ${body} }\nexport const validate = () => null;\n`,
  };
}

function validating(body: string): Record<string, string> {
  return {
    'input.mjs': `export const generate = () => ({ event: {} });\nexport async function validate({ output, tools }) { ${body} }\n`,
  };
}

describe("an event of a suite's own", () => {
  const refusing =
    "export const generate = () => { throw new Error('not asked'); };\nexport const validate = () => 'not asked';\n";

  it('is sent as it is, without the generator, and judged by no validator that was made for others', async () => {
    const input = await prepare({ 'input.mjs': refusing }, { size: 'mine', own: { event: { n: 1 } } });
    expect(new TextDecoder().decode(input.body)).toBe('{"n":1}');
    expect(await validateOutput({ input, output: {}, storage: null })).toBeNull();
  });

  it('is judged by validateEvent where the benchmark has it', async () => {
    const judging = `${refusing}export const validateEvent = ({ size, event, output }) => output.n === event.n ? null : size + ' differs';\n`;
    const input = await prepare({ 'input.mjs': judging }, { size: 'mine', own: { event: { n: 1 } } });
    expect(await validateOutput({ input, output: { n: 1 }, storage: null })).toBeNull();
    expect(await validateOutput({ input, output: { n: 2 }, storage: null })).toBe('mine differs');
  });
});

const judge = (input: PreparedInput, output: unknown = {}) => validateOutput({ input, output, storage: null });

describe('an input', () => {
  it.each(['010.sleep', '110.dynamic-html', '311.compression'])(
    'of %s is the same for the same size and seed, and another for others',
    async (id) => {
      const { benchmarks } = await loadCatalogue({ paths: [], ids: [id] });
      const benchmark = benchmarks.get(id);
      if (benchmark === undefined) throw new Error(id);
      const make = async (size: string, seed: number, bucket: string) => {
        const { storage } = await directoryStorage();
        await storage.createBucket(bucket);
        return (await prepareInput({ benchmark, size, seed, storage, home: homeIn(bucket) })).sha256;
      };
      const [first, again, otherSize, otherSeed] = await Promise.all([
        make('test', 1, 'one-bucket'),
        make('test', 1, 'another-bucket'),
        make('small', 1, 'one-bucket'),
        make('test', 2, 'one-bucket'),
      ]);
      expect(again).toBe(first);
      expect(new Set([first, otherSize, otherSeed]).size).toBe(3);
    },
  );

  it('is encoded once, as the bytes that are sent', async () => {
    const input = await prepare({});
    expect(Buffer.from(input.body).toString()).toBe('{"size":"test","seed":1}');
    expect(input).toMatchObject({
      bodyBytes: 24,
      event: { size: 'test', seed: 1 },
      objects: [],
      place: null,
      uploaded: 0,
    });
  });

  it('is uploaded once, below a prefix that changes with the benchmark', async () => {
    const { storage } = await directoryStorage();
    await storage.createBucket('bucket');
    const code = (text: string) => ({
      ...generating(
        `return { event: storage, objects: [{ key: 'a/b', data: '${text}' }, { key: 'c', data: new Uint8Array(3) }] }`,
      ),
      'benchmark.yaml': STORAGE_YAML,
    });
    const files = code('one');
    const benchmark = await loadBenchmark('own', ownBenchmark(files));
    const options = { benchmark, size: 'test', seed: 1, storage, home: homeIn('bucket') };
    const first = await prepareInput(options);
    expect(first.uploaded).toBe(2);
    expect(first.event).toEqual({
      bucket: 'bucket',
      input: expect.stringMatching(/^own\/test\/[0-9a-f]{12}$/),
      output: 'own/out',
    });
    expect(first.objects.map(({ key, bytes }) => [key, bytes])).toEqual([
      ['a/b', 3],
      ['c', 3],
    ]);
    expect((await storage.list('bucket')).map(({ key }) => key)).toEqual([
      `${first.place?.input}/a/b`,
      `${first.place?.input}/c`,
    ]);
    expect((await prepareInput(options)).uploaded).toBe(0);
    await storage.remove('bucket', `${first.place?.input}/c`);
    expect((await prepareInput(options)).uploaded).toBe(1);
    const edited = await prepare(code('two'), { storage });
    expect(edited.uploaded).toBe(2);
    expect(edited.sha256).not.toBe(first.sha256);
  });

  it.each([
    ['throw new Error("no such size")', "failed to generate the input 'test': no such size"],
    ['return 5', "returned a value of type number for the input 'test', not { event }"],
    ['return { event: undefined }', 'returned undefined as event, which is no JSON'],
    ['const a = {}; a.a = a; return { event: a }', 'returned an event that is no JSON: Converting circular'],
    ["return { event: 1, objects: [{ key: 'a', data: '' }] }", 'does not say modules: [storage]'],
  ])('is an error that names the file when generate does: %s', async (body, message) => {
    const error = await prepare(generating(body)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SebsError);
    expect(error).toMatchObject({
      code: 'INPUT',
      message: expect.stringMatching(/^benchmark 'own': \/.*\/input\.mjs /),
    });
    expect((error as SebsError).message).toContain(message);
  });

  it.each([
    ["[{ key: '../a', data: '' }]", 'key "../a", which leaves its prefix'],
    ["[{ key: 'a', data: 5 }]", "object 'a' with a value of type number as data"],
  ])('refuses the objects %s', async (objects, message) => {
    const { storage } = await directoryStorage();
    await storage.createBucket('bucket');
    const files = { ...generating(`return { event: 1, objects: ${objects} }`), 'benchmark.yaml': STORAGE_YAML };
    await expect(prepare(files, { storage })).rejects.toThrow(message);
    await expect(prepare(files)).rejects.toThrow('needs a storage (modules: [storage]), and the platform has none');
  });

  it('says what is wrong with input.mjs itself', async () => {
    await expect(prepare({ 'input.mjs': 'export const generate = 1;' })).rejects.toThrow(
      "exports no function 'generate'",
    );
    await expect(prepare({ 'input.mjs': 'export const generate = () => 1;' })).rejects.toThrow(
      "no function 'validate'",
    );
    await expect(prepare({ 'input.mjs': 'export const = ;' })).rejects.toThrow(/input\.mjs cannot be loaded: /);
  });
});

describe('a validator', () => {
  it('says null or a reason', async () => {
    const input = await prepare({ 'input.mjs': INPUT_MJS });
    expect(await judge(input, { size: 'test' })).toBeNull();
    expect(await judge(input, { size: 'small' })).toBe('wrong size');
  });

  it.each([
    ["throw new TypeError('output is null')", 'the validator of own failed: TypeError: output is null'],
    ["throw 'text'", 'the validator of own failed: string: text'],
    ['output.missing.more;', 'the validator of own failed: TypeError: Cannot read properties of undefined'],
    ['return undefined', 'the validator of own returned undefined, not null or a reason'],
    ['return true', 'the validator of own returned a value of type boolean, not null or a reason'],
    ['await tools.unzip(new Uint8Array(9))', 'the validator of own failed: Error: invalid zip data'],
  ])('that does `%s` is a reason, never an error', async (body, reason) => {
    expect(await judge(await prepare(validating(body)))).toContain(reason);
  });

  it('that gives no verdict is given up', async () => {
    const input = await prepare(validating('await new Promise(() => {})'));
    vi.useFakeTimers();
    try {
      const verdict = judge(input);
      await vi.advanceTimersByTimeAsync(61_000);
      expect(await verdict).toBe('the validator of own failed: Error: no verdict within 60 s');
    } finally {
      vi.useRealTimers();
    }
  });

  it('sees a token once', async () => {
    const input = await prepare(validating("return tools.once(output.token) ? null : 'seen';"));
    expect(await judge(input, { token: 'a' })).toBeNull();
    expect(await judge(input, { token: 'b' })).toBeNull();
    expect(await judge(input, { token: 'a' })).toBe('seen');
  });
});
