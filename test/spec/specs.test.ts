// Every example suite is a test: it loads with the benchmarks of the repository, and an editor finds its schema.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadWithCatalogue, ROOT, yamlFilesIn } from './support.js';

/** What suites for a function of the user's refer to. */
const ENV = { MY_FUNCTION_URL: 'http://127.0.0.1:9/' };

const specs = yamlFilesIn('specs');

describe('example suites', () => {
  it('are there', () => {
    expect(specs).toEqual(expect.arrayContaining(['hello.yaml', 'quickstart.yaml']));
    expect(specs.length).toBeGreaterThanOrEqual(7);
  });

  it.each(specs)('%s loads, goes by its own name and names its schema', async (name) => {
    const text = readFileSync(`${ROOT}specs/${name}`, 'utf8');
    const { suite } = await loadWithCatalogue(`specs/${name}`, text, ENV);
    expect(`${suite.name}.yaml`).toBe(name);
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=../schemas/suite.schema.json');
    expect(text.split('\n')[1]).toMatch(/^# \S/);
  });

  it('quickstart asks for Python only where the standard library is enough, and for enough blocks', async () => {
    const { suite } = await loadWithCatalogue('quickstart.yaml', readFileSync(`${ROOT}specs/quickstart.yaml`, 'utf8'));
    const languages = suite.benchmarks.map(({ id, axes }) => [
      id,
      (axes.language ?? suite.axes.language ?? []).map(({ language }) => language),
    ]);
    expect(languages).toEqual([
      ['010.sleep', ['nodejs', 'python']],
      ['110.dynamic-html', ['nodejs']],
      ['311.compression', ['nodejs', 'python']],
    ]);
    expect(suite.unsupported).toBe('skip');
    expect(suite.order.blocks).toBeGreaterThanOrEqual(6);
  });
});
