// docs/writing-a-benchmark.md contains a whole benchmark: it is taken from there, packed, run and judged.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadBenchmark } from '../../src/benchmarks/catalogue.js';
import { prepareInput, validateOutput } from '../../src/benchmarks/input.js';
import { buildCodePackage } from '../../src/benchmarks/package.js';
import { leftOut } from '../support/left-out.js';
import {
  callHandler,
  directoryStorage,
  homeIn,
  PYTHON,
  packageOptions,
  temporaryFolder,
  writeTree,
} from './support.js';

const GUIDE = new URL('../../docs/writing-a-benchmark.md', import.meta.url);

function benchmarkOfTheGuide(): string {
  const blocks = readFileSync(GUIDE, 'utf8').matchAll(/^```\w+ file=(\S+)\n([\s\S]*?)^```$/gm);
  const files = Object.fromEntries([...blocks].map(([, name, content]) => [name as string, content as string]));
  expect(Object.keys(files).sort()).toEqual(['benchmark.yaml', 'input.mjs', 'nodejs/main.mjs', 'python/function.py']);
  return writeTree(join(temporaryFolder(), 'word-count'), files);
}

const withoutPython = PYTHON === undefined && leftOut('the Python code of the guide', 'python3 is missing');

it.each(['python', 'nodejs'])('the benchmark in the guide works in %s', async (language) => {
  if (language === 'python' && withoutPython) return;
  const benchmark = await loadBenchmark('word-count', benchmarkOfTheGuide());
  const { storage } = await directoryStorage();
  await storage.createBucket('bucket');
  const code = await buildCodePackage(packageOptions(benchmark, language));
  for (const size of ['test', 'small', 'large']) {
    const input = await prepareInput({ benchmark, size, seed: 42, storage, home: homeIn('bucket') });
    const handler = benchmark.file.languages[language]?.handler;
    const [answer] = await callHandler(language, code, [input.event], storage.functionEnv('host'), handler);
    const bytes = input.objects[0]?.bytes;
    expect(answer?.measurement).toEqual({ download_us: expect.any(Number), download_bytes: bytes });
    const judge = () => validateOutput({ input, output: answer?.result, storage });
    expect(await judge()).toBeNull();
    expect(await judge()).toBe('the output is one of an earlier request');
  }
});
