// No command loads a library before it needs it: what is imported as soon as a command's file is, followed through the
// built files. A library that a command needs later comes by `import()`, which is not followed.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../support/cli.js';

const commands = join(ROOT, 'dist', 'commands');
const SUITE = ['ajv', 'fastest-levenshtein', 'yaml'];
const LOADS: Readonly<Record<string, readonly string[]>> = {
  'invoke.js': ['yaml'],
  'package.js': [...SUITE, 'pure-rand'],
  'plan.js': ['yaml'],
  'regression.js': SUITE,
  'run.js': ['yaml'],
  'standing.js': [...SUITE, 'pure-rand'],
  'suite-options.js': SUITE,
  'validate.js': ['pure-rand', 'yaml'],
};

test('the command line itself loads its parser alone', () => {
  expect(librariesOf(join(ROOT, 'dist', 'cli.js'))).toEqual(['commander']);
});

const files = readdirSync(commands).filter((name) => name.endsWith('.js'));

test.each(files)('%s loads what its first step needs, and no more', (file) => {
  const allowed = LOADS[file] ?? [];
  expect(librariesOf(join(commands, file)).filter((library) => !allowed.includes(library))).toEqual([]);
});

test('the walk sees imports: what a run begins with is found', () => {
  expect(files).toContain('statistics.js');
  expect(librariesOf(join(commands, 'package.js'))).toEqual(expect.arrayContaining(['ajv', 'yaml']));
});

function librariesOf(file: string, seen = new Set<string>(), found = new Set<string>()): string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(/^(?:import|export)\b[^;]*?from '([^']+)'/gm)) {
    if (name.startsWith('.')) librariesOf(join(dirname(file), name), seen, found);
    else if (!name.startsWith('node:'))
      found.add(
        name
          .split('/')
          .slice(0, name.startsWith('@') ? 2 : 1)
          .join('/'),
      );
  }
  return [...found].sort();
}
