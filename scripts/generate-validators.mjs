// Makes src/generated/validators.ts: the validation code of the files that users write (suite.yaml, benchmark.yaml),
// compiled ahead of time: at every start it would cost about 30 ms to load the compiler and 80 to run it, its result 7.
// The schemas are the source. `--check` fails when the file is not what they give; a test runs it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';

const schemas = fileURLToPath(new URL('../schemas/', import.meta.url));
const target = fileURLToPath(new URL('../src/generated/validators.ts', import.meta.url));
// Keywords whose members are named by the user of the schema, not by JSON Schema.
const NAMED = new Set(['properties', 'definitions']);
const entries = { suite: 'suite.schema.json', benchmark: 'benchmark.schema.json' };

const ajv = new Ajv({ allErrors: true, allowUnionTypes: true, strict: true, code: { source: true, esm: true } });
for (const folder of ['platforms', 'experiments']) {
  for (const name of readdirSync(schemas + folder).sort()) {
    if (name.endsWith('.schema.json')) ajv.addSchema(read(`${folder}/${name}`), `${folder}/${name}`);
  }
}
for (const name of Object.values(entries)) ajv.addSchema(read(name), name);

const text = toTypeScript(standalone.default(ajv, entries));
const before = readIfThere(target);
if (text !== before) {
  if (process.argv.includes('--check')) {
    console.error('validators.ts differs from its schemas: run `npm run generate`');
    process.exit(1);
  }
  writeFileSync(target, text);
}

function read(name) {
  return withoutNotes(JSON.parse(readFileSync(schemas + name, 'utf8')));
}

// Notes for people and editors are left out: the generated code embeds what it is given. So is an $id, which would turn
// relative references into addresses on the network; here a schema is named by its file.
function withoutNotes(schema) {
  if (schema === null || typeof schema !== 'object') return schema;
  const note = /^(\$id|\$comment|title|description|default|examples|x-.*)$/;
  const kept = Object.entries(schema).filter(([key]) => !note.test(key));
  return Object.fromEntries(kept.map(([key, value]) => [key, NAMED.has(key) ? eachOf(value) : nested(value)]));
}

function eachOf(named) {
  return Object.fromEntries(Object.entries(named).map(([name, schema]) => [name, withoutNotes(schema)]));
}

function nested(value) {
  return Array.isArray(value) ? value.map(withoutNotes) : withoutNotes(value);
}

// The generator writes `require` even into ES modules. Its helpers are CommonJS: a default import is the module in Node.js
// and what the module calls its default in bundlers and test runners.
function toTypeScript(code) {
  const imports = [];
  const body = code
    .replace(/^"use strict";/, '')
    .replace(/require\("(ajv\/dist\/runtime\/[a-z0-9]+)"\)\.default/g, (_call, module) => {
      const name = module.slice(module.lastIndexOf('/') + 1);
      const line = `import ${name} from '${module}.js';`;
      if (!imports.includes(line)) imports.push(line);
      return `(${name}.default ?? ${name})`;
    });
  if (body.includes('require(')) throw new Error('the validation code needs a module that is not bundled');
  const banner = [
    '// Generated from schemas/ by `npm run generate`. Do not edit.',
    '// Shape problems of the files that users write; src/spec/validate.ts turns them into sentences.',
    '// @ts-nocheck',
  ];
  return `${[...banner, ...imports.sort()].join('\n')}\n${body}\n`;
}

function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
