// What dist/ is made from, as one hash: every file of src/, the compiler's settings and its version. Content and not
// modification times, because a checkout sets those to now.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** SHA-256, lower-case hex. `root` is the project's folder. */
export function sourceHash(root) {
  const hash = createHash('sha256');
  const files = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of [
    ...files,
    join(root, 'tsconfig.json'),
    join(root, 'node_modules', 'typescript', 'package.json'),
  ]) {
    hash.update(`${relative(root, file)}\0`);
    hash.update(readFileSync(file));
    hash.update('\0');
  }
  return hash.digest('hex');
}
