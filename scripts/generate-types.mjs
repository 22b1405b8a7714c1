// Makes src/generated/*.ts from schemas/**/*.schema.json. The schemas are the source: descriptions, defaults and
// types are written there once. `--check` prints what would change and fails; a test runs it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileFromFile } from 'json-schema-to-typescript';

const schemas = fileURLToPath(new URL('../schemas/', import.meta.url));
const generated = fileURLToPath(new URL('../src/generated/', import.meta.url));
const check = process.argv.includes('--check');
let drift = 0;

for (const file of readdirSync(schemas)
  .filter((name) => name.endsWith('.schema.json'))
  .sort()) {
  const target = `${generated}${basename(file, '.schema.json')}.ts`;
  const text = await compileFromFile(schemas + file, {
    cwd: schemas,
    bannerComment: `// Generated from schemas/${file} by \`npm run generate\`. Do not edit.`,
    style: { singleQuote: true, printWidth: 120 },
    additionalProperties: false,
    unreachableDefinitions: true,
  });
  const before = (() => {
    try {
      return readFileSync(target, 'utf8');
    } catch {
      return '';
    }
  })();
  if (before === text) continue;
  drift += 1;
  if (check) console.error(`${target.slice(generated.length)} differs from its schema: run \`npm run generate\``);
  else writeFileSync(target, text);
}
if (check && drift > 0) process.exit(1);
