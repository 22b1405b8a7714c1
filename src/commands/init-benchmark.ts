// `sebs init benchmark NAME`: the folder of a user's own benchmark, in Python and Node.js, with inputs that differ and a
// validator that says no. Comes in: a name; goes out: the folder, ready to be named in a suite with `path:`.
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { EXIT, UsageError } from '../errors.js';
import { makeFolder } from '../folders.js';
import { PACKAGE_ROOT } from '../package-root.js';
import type { CommandResult } from './command.js';

export interface InitBenchmarkOptions {
  /** Name of the benchmark and of its folder. */
  name: string;
  /** Where the folder is made. */
  dir: string;
}

// Ids become parts of file names, resource names and storage keys on every platform.
const NAME = /^[a-z0-9][a-z0-9.-]{0,39}$/;

export function initBenchmark({ name, dir }: InitBenchmarkOptions): CommandResult {
  if (!NAME.test(name))
    throw new UsageError(`'${name}' cannot name a benchmark`, {
      hint: 'use lower-case letters, digits, dots and hyphens, at most 40, beginning with a letter or digit',
    });
  const folder = join(dir, name);
  if (existsSync(folder))
    throw new UsageError(`${folder} is already there, and init does not overwrite it`, { hint: 'choose another name' });
  makeFolder(dir);
  cpSync(join(PACKAGE_ROOT, 'templates', 'init', 'benchmark'), folder, { recursive: true });
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of files) writeFileSync(file, readFileSync(file, 'utf8').replaceAll('__NAME__', name));
  return {
    exitCode: EXIT.ok,
    data: { files },
    text: [
      ...files.map((file) => `wrote ${file}`),
      '',
      'Next:',
      `  sebs invoke ${folder.startsWith('.') ? folder : `./${folder}`}    call it once`,
      `  in a suite:  benchmarks: [{ path: ./${name} }]`,
      `${relative('', join(PACKAGE_ROOT, 'docs', 'writing-a-benchmark.md'))} explains each file.`,
    ].join('\n'),
  };
}
