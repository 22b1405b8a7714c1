// benchmark.yaml through the same reader: its defaults, its mistakes, its places.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { BenchmarkFile } from '../../src/generated/benchmark.js';
import { type LoadedYaml, loadYamlFile } from '../../src/spec/yaml-file.js';
import { messagesOf, problemsOf } from './support.js';

const folder = mkdtempSync(join(tmpdir(), 'sebs-yaml-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function read(text: string): Promise<LoadedYaml<BenchmarkFile>> {
  const file = join(folder, 'benchmark.yaml');
  writeFileSync(file, text);
  return loadYamlFile<BenchmarkFile>(file, 'benchmark');
}

describe('loadYamlFile', () => {
  it('fills in the defaults of the schema at every level', async () => {
    const { value, locate } = await read(
      'version: 3\nlanguages:\n  python: {}\n  nodejs: { handler: main }\ninputs: { test: a }\n',
    );
    expect(value).toEqual({
      version: 3,
      languages: { python: { handler: 'function' }, nodejs: { handler: 'main' } },
      modules: [],
      memory_mb: 256,
      timeout_s: 60,
      inputs: { test: 'a' },
      internal: false,
    });
    expect(locate(['languages', 'nodejs', 'handler'])).toMatchObject({ line: 4, column: 22 });
  });

  it('explains every mistake', async () => {
    const text =
      'version: 0\nlanguages: { python: { versions: [3.10] } }\nmodules: [storag]\nmemory: 128\ntimeout_s: 0\n';
    const said = await messagesOf(read(text));
    expect(said.replaceAll(join(folder, 'benchmark.yaml'), 'b')).toBe(
      [
        "b:1:1 the key 'inputs' is missing (add `inputs: …`)",
        'b:1:10 version: must be at least 1, not the number 0',
        "b:2:35 languages.python.versions[0]: must be a text, not the number 3.10 (if it is meant as text, put it in quotes: '3.10')",
        "b:3:11 modules[0]: 'storag' is not known here (did you mean 'storage'?)",
        "b:4:1 memory: unknown key (did you mean 'memory_mb'?)",
        'b:5:12 timeout_s: must be more than 0, not the number 0',
      ].join('\n'),
    );
    expect(await problemsOf(read('version: 1\nlanguages: {}\ninputs: {}\n'))).toMatchObject([
      { line: 2, column: 12, path: 'languages', message: 'the map is empty' },
      { line: 3, column: 9, path: 'inputs', message: 'the map is empty' },
    ]);
  });
});
