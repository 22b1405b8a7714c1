// The schemas are the source of types, validation code, messages and editor help: what is generated is fresh, and
// nothing in them is without its words.
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { matrixAxes } from '../../src/spec/axes.js';
import type { AxisLevels } from '../../src/spec/resolved.js';
import { keysAllowed, memberSchemas, type Schema, schemaOf } from '../../src/spec/schemas.js';
import { ROOT } from './support.js';

const files = ['suite', ...schemasIn('platforms'), ...schemasIn('experiments')];

function schemasIn(folder: string): string[] {
  return readdirSync(`${ROOT}schemas/${folder}`).map((name) => `${folder}/${name.replace('.schema.json', '')}`);
}

function readJson(file: string): Schema {
  return JSON.parse(readFileSync(`${ROOT}schemas/${file}.schema.json`, 'utf8')) as Schema;
}

/** Every property of the suite language by its path, with references followed; each once. */
function properties(schema: Schema, path: string, seen: Map<string, Schema> = new Map()): Map<string, Schema> {
  const parts = [schema.items, schema.additionalProperties, schema.then, schema.else, ...(schema.allOf ?? [])];
  for (const part of parts) if (typeof part === 'object') properties(part, path, seen);
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (property === true) continue;
    seen.set(`${path}.${name}`, property);
    properties(property, `${path}.${name}`, seen);
  }
  return seen;
}

const all = properties(schemaOf('suite'), '');

describe('generated files', () => {
  it.each(['generate-types', 'generate-validators'])(
    '%s finds nothing to change',
    async (script) => {
      const { stderr } = await promisify(execFile)(process.execPath, [`${ROOT}scripts/${script}.mjs`, '--check']);
      expect(stderr).toBe('');
    },
    60_000,
  );
});

describe('the schema of the suite', () => {
  it('has all parts of the language', () => {
    expect(keysAllowed([schemaOf('suite')])).toEqual([
      ...['version', 'name', 'description', 'seed', 'extends', 'platforms', 'benchmarks', 'factors', 'experiments'],
      ...['exclude', 'unsupported', 'order', 'replicates', 'limits', 'teardown', 'report'],
    ]);
    expect(all.size).toBeGreaterThan(40);
  });

  it('describes every property and says what its absence means', () => {
    const silent = [...all].filter(([, schema]) => (schema.description ?? '') === '').map(([path]) => path);
    expect(silent).toEqual([]);
    const unsaid = [...all].filter(([, schema]) => schema.default === undefined && schema['x-default'] === undefined);
    expect(unsaid.map(([path]) => path)).toEqual([]);
    const both = [...all].filter(([, schema]) => schema.default !== undefined && schema['x-default'] !== undefined);
    expect(both.map(([path]) => path)).toEqual([]);
  });

  it('has words for everything that a pattern or a bare type can refuse', () => {
    const wordless: string[] = [];
    const visit = (schema: Schema | true, path: string): void => {
      if (schema === true) return;
      const refuses = schema.pattern !== undefined || schema.const !== undefined || schema.type === 'integer';
      if (refuses && schema['x-expects'] === undefined && schema.allOf === undefined) wordless.push(path);
      for (const [key, part] of Object.entries(schema.properties ?? {})) visit(part, `${path}.${key}`);
      for (const [key, part] of Object.entries(schema.definitions ?? {})) visit(part, `#${key}`);
    };
    for (const file of files) visit(readJson(file), file);
    expect(wordless).toEqual([]);
  });

  it('has defaults that fit', () => {
    const ajv = new Ajv({ strict: false });
    for (const [path, schema] of all) {
      if (schema.default === undefined) continue;
      expect([path, ajv.validate(schema, schema.default)]).toEqual([path, true]);
    }
  });

  it.each(files)('%s is a draft-07 schema whose references are files beside it', (file) => {
    const schema = readJson(file);
    expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#');
    expect(schema.$id).toBeUndefined();
    expect(new Ajv({ strict: false }).validateSchema(schema)).toBe(true);
    const references = [...JSON.stringify(schema).matchAll(/"\$ref":"([^"]*)"/g)].map(
      ([, reference = '']) => reference,
    );
    for (const reference of references)
      expect(reference).toMatch(/^(#\/|(platforms|experiments)\/[a-z-]+\.schema\.json$)/);
  });

  it('can be compiled by a plain validator, as an editor does', () => {
    const ajv = new Ajv({ strict: false });
    for (const file of files) ajv.addSchema(readJson(file), `${file}.schema.json`);
    const validate = ajv.getSchema('suite.schema.json');
    const suite = {
      version: 1,
      name: 'a',
      platforms: ['process'],
      benchmarks: ['b'],
      experiments: { c: { type: 'perf-cost' } },
    };
    expect(validate?.(suite)).toBe(true);
    expect(validate?.({ ...suite, factors: { memory: ['128'] } })).toBe(false);
    expect(validate?.({ ...suite, platforms: { here: { type: 'process', gravity: 1 } } })).toBe(false);
  });

  it.each([
    ['platforms', 'platformType', 'platform'],
    ['experiments', 'experimentType', 'experiment'],
  ])('lists exactly the types that have a file in schemas/%s, each with its branch', (folder, type, entry) => {
    const names = readdirSync(`${ROOT}schemas/${folder}`).map((name) => name.replace('.schema.json', ''));
    const { definitions = {} } = readJson('suite');
    expect([...(definitions[type]?.enum ?? [])].sort()).toEqual(names.sort());
    const branches = (definitions[entry]?.allOf ?? []).map((branch) => [branch.if?.properties?.type, branch.then]);
    expect(branches).toEqual(names.map((name) => [{ const: name }, { $ref: `${folder}/${name}.schema.json` }]));
  });

  it('lets platforms, benchmark entries and factors carry the same axes', () => {
    const axes = matrixAxes().map(({ name }) => name);
    const platform = Object.keys(readJson('suite').definitions?.platform?.properties ?? {});
    const benchmark = Object.keys(readJson('suite').definitions?.benchmark?.properties ?? {});
    expect(platform).toEqual(['type', 'storage', 'nosql', ...axes]);
    expect(benchmark).toEqual(['id', 'path', ...axes]);
    expect(axes).toEqual(Object.keys(memberSchemas([schemaOf('suite')], 'factors')[0]?.properties ?? {}));
  });

  it('resolves each axis to its field of the contract', () => {
    const fields: Record<keyof AxisLevels, true> = {
      language: true,
      architecture: true,
      memory_mb: true,
      timeout_s: true,
      package: true,
      trigger: true,
      connection: true,
      input: true,
      concurrency: true,
      network: true,
      cold_level: true,
    };
    expect(matrixAxes().map(({ field }) => field)).toEqual(Object.keys(fields));
  });
});
