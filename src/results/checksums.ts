// Seals of a run folder. Comes in: a run folder; goes out: raw/CHECKSUMS and derived/CHECKSUMS in the format of
// `sha256sum` (sorted, so equal content gives equal bytes), their root hashes, and what differs from them.
// raw/provider/<n>/ may be added after raw/ was sealed: each has a CHECKSUMS of its own, so sealed files never change.
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join, relative, sep } from 'node:path';
import { sha256 } from '../hash.js';
import { type RunFolder, readManifest } from './run-folder.js';

const LIST = 'CHECKSUMS';

export interface Difference {
  /** Relative to the run folder, with `/`. */
  file: string;
  /** not sealed: the run was never closed, or derived/ never made. seal: the list itself is not the one the manifest names. */
  kind: 'changed' | 'missing' | 'added' | 'not sealed' | 'seal';
  /** In words. */
  text: string;
}

/** Writes raw/CHECKSUMS; returns the root hash, which is the SHA-256 of that file. */
export function sealRaw(folder: RunFolder): string {
  return sealFolder(folder.raw);
}

/** Writes derived/CHECKSUMS over everything in derived/, figures included; returns the root hash. */
export function sealDerived(folder: RunFolder): string {
  return sealFolder(folder.derived);
}

/** Seals what one collect has added. */
export function sealProvider(folder: RunFolder, collect: number): string {
  return sealFolder(join(folder.provider, String(collect)));
}

/** Writes CHECKSUMS over all files below a folder; a sub-folder with a seal of its own is left out. */
export function sealFolder(root: string): string {
  const list = filesBelow(root)
    .map((file) => checksumLine(hashFile(join(root, file)), file))
    .join('');
  const next = join(root, `${LIST}.next`);
  writeFileSync(next, list);
  renameSync(next, join(root, LIST));
  return sha256(list);
}

/** As sha256sum does: a name with a line break or a backslash is escaped, and the line then begins with one. */
function checksumLine(hash: string, file: string): string {
  const name = file.replace(/\\/g, '\\\\').replace(/\n/g, '\\n');
  return `${name === file ? '' : '\\'}${hash}  ${name}\n`;
}

/** What differs between the files and their seals; empty when nothing does. */
export function verify(folder: RunFolder): Difference[] {
  const sealed = [folder.raw, ...sealedFolders(folder.provider), folder.derived];
  const differences = sealed.flatMap((root) => differencesBelow(folder, root));
  const seals = existsSync(folder.manifest) ? (readManifest(folder).seals ?? {}) : {};
  for (const name of ['raw', 'derived'] as const) {
    const list = join(folder[name], LIST);
    const expected = seals[name];
    if (expected === undefined || !existsSync(list) || sha256(readFileSync(list)) === expected) continue;
    const text = `${name}/${LIST} is not the list whose hash manifest.json names`;
    differences.push({ file: `${name}/${LIST}`, kind: 'seal', text });
  }
  return differences;
}

function differencesBelow(folder: RunFolder, root: string): Difference[] {
  const name = (file: string) => relative(folder.path, join(root, file)).split(sep).join('/');
  const list = join(root, LIST);
  if (!existsSync(list)) {
    return [{ file: name(LIST), kind: 'not sealed', text: `${name('')}/ has no ${LIST}: it was never closed` }];
  }
  const expected = readList(list);
  const present = new Set(filesBelow(root));
  const differences: Difference[] = [];
  for (const [file, hash] of expected) {
    if (!present.has(file)) differences.push({ file: name(file), kind: 'missing', text: `${name(file)} is missing` });
    else if (hashFile(join(root, file)) !== hash) {
      differences.push({ file: name(file), kind: 'changed', text: `${name(file)} is not what was sealed` });
    }
  }
  for (const file of present) {
    if (expected.has(file)) continue;
    differences.push({ file: name(file), kind: 'added', text: `${name(file)} was added after the seal` });
  }
  return differences;
}

function readList(path: string): Map<string, string> {
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  return new Map(
    lines.map((line) => {
      const escapedName = line.startsWith('\\');
      const [hash = '', ...rest] = line.slice(escapedName ? 1 : 0).split('  ');
      const file = rest.join('  ');
      return [
        escapedName ? file.replace(/\\([\\n])/g, (_all, one: string) => (one === 'n' ? '\n' : '\\')) : file,
        hash,
      ];
    }),
  );
}

/** Folders below one that carry a seal of their own. */
function sealedFolders(root: string): string[] {
  if (!existsSync(root)) return [];
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, entry.name, LIST)))
    .map((entry) => join(root, entry.name))
    .sort();
}

/** Paths with `/`, in code-unit order, without the seals themselves and folders that have their own. */
function filesBelow(root: string, below = ''): string[] {
  return readdirSync(join(root, below), { withFileTypes: true })
    .flatMap((entry) => {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) return existsSync(join(root, path, LIST)) ? [] : filesBelow(root, path);
      return entry.isFile() && path !== LIST && path !== `${LIST}.next` ? [path] : [];
    })
    .sort();
}

/** By pieces: an invocations file may be larger than the memory. */
function hashFile(path: string): string {
  const hash = createHash('sha256');
  const piece = Buffer.allocUnsafe(1 << 20);
  const file = openSync(path, 'r');
  try {
    for (let read = readSync(file, piece); read > 0; read = readSync(file, piece)) hash.update(piece.subarray(0, read));
  } finally {
    closeSync(file);
  }
  return hash.digest('hex');
}
