// Stage 1 and 3, benchmarks: a folder of source code as a list of files and as one hash. Comes in: a folder; goes out:
// its files in a fixed order, and a SHA-256 over paths, executable bits and contents. Everything that is copied into a
// package comes from this list, so what is hashed and what is packed cannot differ.
import { createHash } from 'node:crypto';
import { chmod, cp, mkdir, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { EXIT, SebsError } from '../errors.js';

export interface SourceFile {
  /** '/'-separated, relative to the folder. */
  path: string;
  /** Where the content is read from; a symbolic link is already resolved. */
  absolute: string;
  executable: boolean;
}

/** What tools leave in a source folder; it is neither hashed nor packed. */
const LEFT_BY_TOOLS: ReadonlySet<string> = new Set(['node_modules', '__pycache__', '.git', '.DS_Store']);

/**
 * All files below a folder, sub-folders included, in code-unit order of their paths. A symbolic link to a file inside
 * the folder counts as that file. Throws SebsError `SOURCE` for a link that leaves the folder or that names a folder,
 * and for anything that is neither file nor folder.
 */
export async function sourceFiles(folder: string): Promise<SourceFile[]> {
  const root = await realpath(folder);
  const files = await filesBelow(root, root, '');
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** One hash for the content of a list of files. */
export async function hashFiles(files: readonly SourceFile[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) {
    const content = createHash('sha256')
      .update(await readFile(file.absolute))
      .digest('hex');
    hash.update(`${file.path}\0${file.executable ? 'x' : '-'}\0${content}\n`);
  }
  return hash.digest('hex');
}

export async function copyFiles(files: readonly SourceFile[], folder: string): Promise<void> {
  for (const file of files) {
    const target = join(folder, file.path);
    await mkdir(dirname(target), { recursive: true });
    await cp(file.absolute, target);
    await chmod(target, file.executable ? 0o755 : 0o644);
  }
}

/** Whether a path, relative to some folder, stays inside it. */
export function staysInside(relative: string): boolean {
  if (relative === '' || relative.startsWith('/') || /^[A-Za-z]:/.test(relative) || relative.includes('\0'))
    return false;
  return relative.split(/[/\\]/).every((part) => part !== '..' && part !== '.' && part !== '');
}

async function filesBelow(root: string, folder: string, prefix: string): Promise<SourceFile[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = entries
    .filter((entry) => !LEFT_BY_TOOLS.has(entry.name) && !entry.name.endsWith('.pyc'))
    .map((entry) => {
      const path = `${prefix}${entry.name}`;
      const absolute = join(folder, entry.name);
      if (entry.isDirectory()) return filesBelow(root, absolute, `${path}/`);
      return sourceFile(root, path, absolute, entry.isSymbolicLink());
    });
  return (await Promise.all(found)).flat();
}

async function sourceFile(root: string, path: string, absolute: string, link: boolean): Promise<SourceFile[]> {
  const target = link ? await linkTarget(root, path, absolute) : absolute;
  const { mode, isFile } = await factsOf(target);
  if (!isFile)
    throw sourceError(root, path, link ? 'is a link to something that is no file' : 'is neither a file nor a folder');
  return [{ path, absolute: target, executable: (mode & 0o100) !== 0 }];
}

async function linkTarget(root: string, path: string, absolute: string): Promise<string> {
  const target = await realpath(absolute).catch(() => undefined);
  if (target === undefined) throw sourceError(root, path, 'is a link to nothing');
  if (!target.startsWith(root + sep)) throw sourceError(root, path, 'is a link that leaves the folder');
  return target;
}

async function factsOf(path: string): Promise<{ mode: number; isFile: boolean }> {
  const facts = await stat(path);
  return { mode: facts.mode, isFile: facts.isFile() };
}

function sourceError(root: string, path: string, what: string): SebsError {
  return new SebsError('SOURCE', `${join(root, path)} ${what}`, EXIT.usage, {
    hint: 'put a copy of the content into the folder: only what is inside it is hashed and packed',
  });
}
