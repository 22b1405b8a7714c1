// `sebs init [dir]`: a suite that works at once. Comes in: a folder; goes out: suite.yaml (from templates/init, its
// schema comment pointing to this installation's schema) and a .gitignore that keeps run folders out of git. A suite
// that is already there is never overwritten.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { EXIT, UsageError } from '../errors.js';
import { makeFolder } from '../folders.js';
import { PACKAGE_ROOT } from '../package-root.js';
import type { CommandResult } from './command.js';

export interface InitOptions {
  /** Made when it is not there. */
  dir: string;
}

export function init({ dir }: InitOptions): CommandResult {
  const suite = join(dir, 'suite.yaml');
  if (existsSync(suite))
    throw new UsageError(`${suite} is already there, and init does not overwrite it`, {
      hint: 'name another folder: sebs init <dir>',
    });
  makeFolder(dir);
  const template = readFileSync(join(PACKAGE_ROOT, 'templates', 'init', 'suite.yaml'), 'utf8');
  writeFileSync(suite, template.replace('__SCHEMA__', schemaReference(dir)), { flag: 'wx' });
  const ignored = ignoreReports(join(dir, '.gitignore'));
  const files = ignored ? [suite, join(dir, '.gitignore')] : [suite];
  return {
    exitCode: EXIT.ok,
    data: { files },
    text: [
      ...files.map((file) => `wrote ${file}`),
      '',
      'Next:',
      `  sebs plan ${suite}    what it would do`,
      `  sebs run ${suite}     do it; ends with the path of the report`,
    ].join('\n'),
  };
}

/** Relative where sebs is installed inside or beside the folder, so that the suite can be moved together with it. */
function schemaReference(dir: string): string {
  const schema = join(PACKAGE_ROOT, 'schemas', 'suite.schema.json');
  const path = relative(dir, schema);
  const climbs = path.split(sep).filter((part) => part === '..').length;
  if (isAbsolute(path) || climbs > 2) return pathToFileURL(schema).href;
  return path.split(sep).join('/');
}

/** Adds `reports/` unless a line of that meaning is there; returns whether the file changed. */
function ignoreReports(file: string): boolean {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (before.split('\n').some((line) => /^\/?reports\/?\*?$/.test(line.trim()))) return false;
  const gap = before === '' || before.endsWith('\n') ? '' : '\n';
  appendFileSync(file, `${gap}# run folders of sebs\nreports/\n`);
  return true;
}
