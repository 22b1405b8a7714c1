// Compiles a few files of src/ into a folder of its own, so that tests can run them in real processes without asking
// whether the rest of the tree compiles at this moment. Comes in: files; goes out: the folder that mirrors src/.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface Compiled {
  folder: string;
  remove(): void;
}

export function compile(...files: readonly string[]): Compiled {
  const folder = mkdtempSync(join(tmpdir(), 'sebs-compiled-'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const config = {
    extends: join(ROOT, 'tsconfig.json'),
    compilerOptions: options(folder),
    files: files.map(inSource),
    include: [],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status, stdout } = spawnSync(process.execPath, [compiler, '-p', join(folder, 'tsconfig.json')], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${files.join(', ')} do not compile:\n${stdout}`);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function options(folder: string): Record<string, unknown> {
  return { rootDir: join(ROOT, 'src'), outDir: folder, declaration: false, sourceMap: false };
}

function inSource(file: string): string {
  return join(ROOT, 'src', file);
}
