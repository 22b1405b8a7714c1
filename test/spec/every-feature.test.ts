// One suite with every part of the language: it loads, it is planned the same every time, and no key is missing in it.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { benchmarkIds } from '../../src/benchmarks/catalogue.js';
import { makePlan } from '../../src/plan/plan.js';
import { planText } from '../../src/plan/text.js';
import { loadSuite } from '../../src/spec/load.js';
import { checkAgainstCatalogue } from '../../src/spec/rules.js';
import { keysAllowed, type Schema, schemaOf, schemasAt } from '../../src/spec/schemas.js';
import { capabilities } from '../support/plan-fixtures.js';
import { catalogueFor, ROOT } from './support.js';

const file = `${ROOT}test/spec/fixtures/every-feature.yaml`;
const env = { EVERY_FEATURE_URL: 'http://127.0.0.1:9/', EVERY_FEATURE_TOKEN: 'not a secret' };
const written = parse(readFileSync(file, 'utf8'), { merge: true }) as Record<string, Record<string, unknown>>;

/** Keys that the schema knows and the suite does not use. */
function unused(path: readonly string[], value: unknown): string[] {
  const schema: Schema = schemaOf('suite');
  return keysAllowed(schemasAt(schema, written, path)).filter((key) => !Object.hasOwn(value as object, key));
}

describe('the suite with every feature', () => {
  it('uses every key of the language', () => {
    const { order, replicates, limits, report, factors, experiments } = written;
    const precise = experiments?.precise as { repetitions: { until: unknown } };
    expect(readFileSync(file, 'utf8').split('\n').length).toBeGreaterThanOrEqual(300);
    expect(unused([], written)).toEqual([]);
    expect(unused(['order'], order)).toEqual([]);
    expect(unused(['order', 'windows'], order?.windows)).toEqual([]);
    expect(unused(['replicates'], replicates)).toEqual([]);
    expect(unused(['limits'], limits)).toEqual([]);
    expect(unused(['report'], report)).toEqual([]);
    expect(unused(['factors'], factors)).toEqual(['network', 'cold_level']);
    expect(unused(['experiments', 'precise', 'repetitions'], precise.repetitions)).toEqual([]);
    expect(unused(['experiments', 'precise', 'repetitions', 'until'], precise.repetitions.until)).toEqual([]);
  });

  it('loads, and has the plan that is written down for it', async () => {
    const loaded = await loadSuite({ file, env, benchmarkIds: await benchmarkIds() });
    const catalogue = await catalogueFor(loaded);
    expect(checkAgainstCatalogue(loaded, catalogue)).toEqual([]);
    const { suite } = loaded;
    const facts = suite.platforms.map((entry) => ({
      entry,
      capabilities: capabilities(entry.type === 'http' ? { bringsOwnFunction: true } : {}),
    }));
    const { plan, problems } = makePlan(suite, catalogue, facts);
    expect(problems).toEqual([]);
    expect(JSON.stringify(makePlan(suite, catalogue, facts).plan)).toBe(JSON.stringify(plan));
    // What refers to the environment is kept as it is.
    expect(JSON.stringify(plan)).not.toContain('not a secret');
    const url = ['$', '{EVERY_FEATURE_URL}'].join('');
    expect(plan.platforms.find(({ id }) => id === 'mine')?.options).toMatchObject({ url });
    await expect(`${planText(plan)}\n`).toMatchFileSnapshot('../golden/spec-every-feature.txt');
  });
});
