// Where sebs itself lives: the folder with package.json, schemas/, templates/ and benchmarks/, the same from src/ (tests)
// and from dist/ (installed). Files that are part of the package are found from here and never from the working folder.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Absolute, without a slash at the end. */
export const PACKAGE_ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/[/\\]$/, '');

export function packageVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
