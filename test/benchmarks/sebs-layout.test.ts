// A benchmark's folder as SeBS lays it out, used by its path without a change.
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadBenchmark } from '../../src/benchmarks/catalogue.js';
import { prepareInput, validateOutput } from '../../src/benchmarks/input.js';
import { leftOut } from '../support/left-out.js';
import { directoryStorage, homeIn, PYTHON, temporaryFolder } from './support.js';

const FOLDER = fileURLToPath(new URL('fixtures/benchmarks/300.utilities/310.word-count', import.meta.url));
const withoutPython =
  PYTHON === undefined && leftOut('benchmarks of SeBS, whose inputs are Python', 'python3 is missing');

async function prepared(folder: string, size: string, seed = 42) {
  const benchmark = await loadBenchmark('310.word-count', folder);
  const { storage } = await directoryStorage();
  await storage.createBucket('bucket');
  return { storage, input: await prepareInput({ benchmark, size, seed, storage, home: homeIn('bucket') }) };
}

/** A copy whose files may be changed. */
function changed(file: string, content: string): string {
  const folder = join(temporaryFolder(), '310.word-count');
  cpSync(FOLDER, folder, { recursive: true });
  writeFileSync(join(folder, file), content);
  return folder;
}

describe('config.json', () => {
  it('says what a benchmark.yaml would say; languages that sebs does not run are left out', async () => {
    const { file, layout } = await loadBenchmark('310.word-count', FOLDER);
    expect(layout).toBe('sebs');
    expect(file).toMatchObject({
      languages: { python: {}, nodejs: {} },
      modules: ['storage'],
      memory_mb: 256,
      timeout_s: 30,
      inputs: { test: expect.any(String), small: expect.any(String), large: expect.any(String) },
    });
  });

  it.each([
    ['{', /config\.json: is no JSON/],
    ['[]', /config\.json: is no JSON object/],
    ['{"languages": ["java"]}', /names no language that sebs runs/],
    ['{"languages": ["python", "cpp"]}', null],
  ])('%s is refused in words, or not at all', async (content, reason) => {
    const loading = loadBenchmark('310.word-count', changed('config.json', content));
    if (reason === null) expect(Object.keys((await loading).file.languages)).toEqual(['python']);
    else await expect(loading).rejects.toThrow(reason);
  });
});

describe.skipIf(withoutPython)('input.py', () => {
  it('makes the event and uploads its files; the same seed makes the same event', async () => {
    const { input, storage } = await prepared(FOLDER, 'small');
    expect(input.event).toMatchObject({
      bucket: { bucket: 'bucket' },
      object: { key: 'words.txt', repeats: 10 },
    });
    const { bucket } = input.event as { bucket: { input: string } };
    expect((await storage.list('bucket')).map(({ key }) => key)).toEqual([`${bucket.input}/words.txt`]);
    expect((await prepared(FOLDER, 'small')).input.event).toEqual(input.event);
    expect((await prepared(FOLDER, 'small', 43)).input.event).not.toEqual(input.event);
  });

  it('judges outputs, looks into what was stored, and is told the language', async () => {
    const { input, storage } = await prepared(FOLDER, 'test');
    const { bucket, salt } = input.event as { bucket: { output: string }; salt: number };
    const key = `${bucket.output}/counted.12345678.txt`;
    const judge = (output: unknown) => validateOutput({ input, output, language: 'python', storage });
    await storage.upload('bucket', key, Buffer.from(`12 ${salt}\n`));
    expect(await judge({ words: 12, key })).toBeNull();
    expect(await judge({ words: 11, key })).toBe('11 words in python, not 12');
    await storage.upload('bucket', key, Buffer.from('12 0\n'));
    expect(await judge({ words: 12, key })).toBe("stored '12 0\\n'");
    expect(await judge({ words: 12, key: `${key}x` })).toMatch(/no object/);
    expect(await judge({})).toMatch(/None words/);
  });

  it.each([
    ['def generate_input(*_):\n    raise ValueError("no data")\n', /ValueError: no data \(input\.py:2\)/],
    ['import nothing_of_the_kind\n', /No module named 'nothing_of_the_kind'/],
    ['import os\nos._exit(3)\n', /python3 is missing, ended/],
    ['def generate_input(a):\n    return {}\n', /takes 1 positional argument/],
  ])('that fails is named with the reason', async (content, reason) => {
    await expect(prepared(changed('input.py', content), 'test')).rejects.toThrow(reason);
  });
});
