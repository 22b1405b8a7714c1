// `npm run bench`: runs every benchmark of this folder, one after the other, each in a process of its own. They print
// what they measure and the machine; nothing here is a test. Ends with 1 when one of them could not finish.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));
const own = basename(fileURLToPath(import.meta.url));
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.mjs') && name !== own && name !== 'machine.mjs')
  .sort();
const failed = [];
for (const name of names) {
  console.log(`\n== bench/${name}`);
  const { status } = spawnSync(process.execPath, [join(folder, name)], { stdio: 'inherit' });
  if (status !== 0) failed.push(name);
}
if (failed.length > 0) {
  console.error(`\ndid not finish: ${failed.join(', ')}`);
  process.exitCode = 1;
}
