// Whatever happens to a suite, loading and planning it gives a plan or a SpecError whose problems have places inside the
// file: exit 0 or 2, never a stack trace. Some thousand mutations of real suites.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { loadCatalogue } from '../../src/benchmarks/catalogue.js';
import { SpecError } from '../../src/errors.js';
import { makePlan } from '../../src/plan/plan.js';
import { loadSuite } from '../../src/spec/load.js';
import { checkAgainstCatalogue } from '../../src/spec/rules.js';
import { parseYaml } from '../../src/spec/yaml-document.js';
import { platformsOf } from '../support/plan-fixtures.js';
import { ROOT, yamlFilesIn } from './support.js';

// Without `extends`: a mutated file has no place beside the one it names.
const texts = [...yamlFilesIn('specs').map((name) => `specs/${name}`), 'test/spec/fixtures/every-feature.yaml'].map(
  (name) => readFileSync(`${ROOT}${name}`, 'utf8').replace(/^extends: .*$/m, ''),
);
const env = { EVERY_FEATURE_URL: 'http://127.0.0.1:9/', EVERY_FEATURE_TOKEN: 'x' };
const ids = ['010.sleep', '110.dynamic-html', '311.compression'];
const catalogue = loadCatalogue({ paths: [], ids });

async function loadsOrExplains(text: string): Promise<'loaded' | 'refused'> {
  try {
    const loaded = await loadSuite({ file: 'suite.yaml', text, env, benchmarkIds: ids });
    const { suite } = loaded;
    // What was accepted is plain data without holes: it survives being written and read.
    expect(JSON.parse(JSON.stringify(suite))).toEqual(suite);
    const mistakes = checkAgainstCatalogue(loaded, await catalogue);
    if (mistakes.length > 0) return 'refused';
    // A benchmark of the user's own is in no catalogue here.
    if (suite.benchmarks.every(({ path }) => path === undefined)) makePlan(suite, await catalogue, platformsOf(suite));
    return 'loaded';
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    const lines = text.split('\n');
    expect(error.problems.length).toBeGreaterThan(0);
    for (const problem of error.problems) {
      expect(problem.message).toMatch(/\S/);
      expect(problem.file).toBe('suite.yaml');
      expect(problem.line).toBeGreaterThanOrEqual(1);
      expect(problem.line).toBeLessThanOrEqual(lines.length);
      expect(problem.column).toBeGreaterThanOrEqual(1);
      expect(problem.column).toBeLessThanOrEqual((lines[problem.line - 1] ?? '').length + 1);
    }
    const told = error.problems.map(({ line, column, path, message }) => `${line}:${column} ${path} ${message}`);
    expect(new Set(told).size).toBe(told.length);
    return 'refused';
  }
}

const fragment = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.constantFrom(
    '\t',
    '\n',
    ': ',
    '- ',
    '{',
    '}',
    '[',
    ']',
    '&a ',
    '*a',
    '<<: *a',
    '!!set ',
    '|',
    '>',
    '"',
    "'",
    '#',
    '? ',
  ),
  fc.constantFrom(
    '---\n',
    '%YAML 1.1\n',
    '~',
    'null',
    '.nan',
    '.inf',
    '0x1F',
    '1e999',
    '-0',
    '__proto__',
    ['$', '{HOME}'].join(''),
    '\u2028',
  ),
);

const cutAndPaste = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), length: fc.nat(20), paste: fragment });

const anyKey = fc.constantFrom(
  'type',
  'id',
  'path',
  'memory',
  'language',
  'factors',
  '__proto__',
  'constructor',
  '',
  'x',
);
const anyValue = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom('process', 'perf-cost', '010.sleep', 'python@3.11', '60s', '5%', [], {}, [null], [[]], [{}], {
    type: 'process',
  }),
  fc.dictionary(anyKey, fc.jsonValue({ maxDepth: 1 })),
);

/** Replaces, renames or removes one thing of a document, chosen by numbers. */
function changed(
  value: unknown,
  steps: readonly number[],
  change: { key: string; value: unknown; kind: number },
): unknown {
  const [step = 0, ...rest] = steps;
  if (value === null || typeof value !== 'object' || steps.length === 0) return change.value;
  const entries = Object.entries(value);
  const at = entries.length === 0 ? 0 : step % entries.length;
  const changedEntries = entries.flatMap(([key, member], index): [string, unknown][] => {
    if (index !== at) return [[key, member]];
    if (rest.length > 0) return [[key, changed(member, rest, change)]];
    return (
      ([
        [
          [key, change.value],
          [change.key, member],
        ],
        [
          [change.key, change.value],
          [key, member],
        ],
      ][change.kind % 3] as [string, unknown][]) ?? []
    );
  });
  if (Array.isArray(value)) return changedEntries.map(([, member]) => member);
  return Object.fromEntries(changedEntries);
}

describe('mutated suites', () => {
  it('in their text load or are explained', async () => {
    const outcomes = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...texts),
        fc.array(cutAndPaste, { minLength: 1, maxLength: 4 }),
        async (text, cuts) => {
          const mutated = cuts.reduce((before, { at, length, paste }) => {
            const start = Math.floor(at * before.length);
            return before.slice(0, start) + paste + before.slice(start + length);
          }, text);
          outcomes.add(await loadsOrExplains(mutated));
        },
      ),
      { numRuns: 1000 },
    );
    expect(outcomes).toContain('refused');
  }, 180_000);

  it('in their structure load or are explained', async () => {
    const outcomes = new Set<string>();
    const change = fc.record({ key: anyKey, value: anyValue, kind: fc.nat(2) });
    const steps = fc.array(fc.nat(20), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...texts),
        fc.array(fc.tuple(steps, change), { minLength: 1, maxLength: 3 }),
        async (text, changes) => {
          const original = parseYaml('suite.yaml', text).value;
          const mutated = changes.reduce((before, [path, what]) => changed(before, path, what), original);
          outcomes.add(await loadsOrExplains(stringify(mutated) ?? ''));
        },
      ),
      { numRuns: 1000 },
    );
    expect([...outcomes].sort()).toEqual(['loaded', 'refused']);
  }, 180_000);

  it('made of nothing but chance load or are explained', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(fragment).map((parts) => parts.join('')),
        ),
        async (text) => {
          expect(await loadsOrExplains(text)).toBe('refused');
        },
      ),
      { numRuns: 300 },
    );
  }, 180_000);
});
