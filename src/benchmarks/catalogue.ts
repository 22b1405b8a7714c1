// Stage 1–2, benchmarks: finds the benchmark folders (ours under benchmarks/, a user's own by path), validates each
// benchmark.yaml, and says what each provides. Comes in: folders and the ids that are asked for; goes out: a Catalogue.
// Listing ids reads folder names only; files are parsed and hashed for the benchmarks that are asked for, so a run does
// not pay for those it does not use.
import type { Dirent } from 'node:fs';
import { access, readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../errors.js';
import type { BenchmarkFile } from '../generated/benchmark.js';
import { loadYamlFile } from '../spec/yaml-file.js';
import { hashFiles, sourceFiles, staysInside } from './source-tree.js';

export interface Benchmark {
  id: string;
  /** Absolute folder. */
  path: string;
  file: BenchmarkFile;
  /** SHA-256 of the folder's tree: every file with its relative path, sub-folders included. */
  sourceSha256: string;
}

export interface Catalogue {
  /** By id; a user's own benchmarks included. */
  benchmarks: ReadonlyMap<string, Benchmark>;
}

export interface CatalogueOptions {
  /** Folders of the form <group>/<id>/; absent: the benchmarks that come with sebs. */
  roots?: readonly string[];
  /** A user's own benchmarks. Their ids win over those of the roots. */
  paths: readonly { id: string; path: string }[];
  /** Benchmarks of the roots to load; absent: all of them. Those of `paths` are always loaded. */
  ids?: readonly string[];
}

/** Where the handler of a language may lie, relative to the language's folder, in the order in which it is looked for. */
const HANDLER_FILES: Readonly<Record<string, readonly string[]>> = {
  python: ['.py', '/__init__.py'],
  nodejs: ['.mjs', '.js', '.cjs'],
};

/** Below a root, these hold no benchmarks. */
const NO_GROUPS: ReadonlySet<string> = new Set(['wrappers', 'node_modules']);

/** `benchmarks/` of this package; at the same distance from src/ and from dist/. */
export function ownBenchmarksRoot(): string {
  return fileURLToPath(new URL('../../benchmarks', import.meta.url));
}

/** Ids of all benchmarks below the roots, in order. Reads folder names, nothing else. */
export async function benchmarkIds(roots: readonly string[] = [ownBenchmarksRoot()]): Promise<string[]> {
  return [...(await findBenchmarks(roots)).keys()].sort();
}

/**
 * Loads benchmarks. Throws UsageError for an unknown id, a folder without benchmark.yaml or without the code it
 * declares, and SpecError (file:line:col) for a benchmark.yaml that does not fit its schema.
 */
export async function loadCatalogue(options: CatalogueOptions): Promise<Catalogue> {
  const found = await findBenchmarks(options.roots ?? [ownBenchmarksRoot()]);
  const wanted = new Map<string, string>();
  for (const id of options.ids ?? found.keys()) wanted.set(id, folderOf(id, found, options.paths));
  for (const { id, path } of options.paths) wanted.set(id, resolve(path));
  const loaded = await Promise.all([...wanted].map(([id, path]) => loadBenchmark(id, path)));
  return { benchmarks: new Map(loaded.map((benchmark) => [benchmark.id, benchmark])) };
}

/** One benchmark from its folder. Throws as `loadCatalogue` does. */
export async function loadBenchmark(id: string, path: string): Promise<Benchmark> {
  const file = join(path, 'benchmark.yaml');
  if (!(await exists(file)))
    throw new UsageError(`benchmark '${id}': ${path} has no benchmark.yaml`, {
      hint: 'a benchmark is a folder with benchmark.yaml, input.mjs and a sub-folder for each language; `sebs init benchmark NAME` makes one',
    });
  const { value } = await loadYamlFile<BenchmarkFile>(file, 'benchmark');
  for (const [language, entry] of Object.entries(value.languages))
    await checkCode(id, path, language, entry.handler ?? 'function');
  if (!(await exists(join(path, 'input.mjs'))))
    throw new UsageError(`benchmark '${id}': ${path} has no input.mjs`, {
      hint: 'input.mjs exports generate and validate; docs/writing-a-benchmark.md shows it',
    });
  return { id, path, file: value, sourceSha256: await hashFiles(await sourceFiles(path)) };
}

async function checkCode(id: string, path: string, language: string, handler: string): Promise<void> {
  if (!/^[a-z0-9][a-z0-9_+-]*$/i.test(language))
    throw new UsageError(
      `benchmark '${id}': '${language}' in ${join(path, 'benchmark.yaml')} is no name of a sub-folder`,
    );
  if (!staysInside(handler))
    throw new UsageError(`benchmark '${id}': handler '${handler}' leaves the folder ${join(path, language)}`, {
      hint: 'name the module relative to the folder of its language, without its ending, e.g. function',
    });
  const folder = join(path, language);
  if (!(await isFolder(folder)))
    throw new UsageError(
      `benchmark '${id}': benchmark.yaml names the language '${language}', but there is no ${folder}`,
    );
  const candidates = (HANDLER_FILES[language] ?? []).map((ending) => join(folder, `${handler}${ending}`));
  const present = await Promise.all(candidates.map(exists));
  if (candidates.length > 0 && !present.includes(true))
    throw new UsageError(`benchmark '${id}': there is no handler module '${handler}' in ${folder}`, {
      hint: `looked for ${candidates.map((candidate) => candidate.slice(folder.length + 1)).join(', ')}`,
    });
}

async function findBenchmarks(roots: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const root of roots) {
    for (const group of await foldersIn(root)) {
      if (NO_GROUPS.has(group)) continue;
      for (const id of await foldersIn(join(root, group))) {
        const path = join(root, group, id);
        const other = found.get(id);
        if (other !== undefined) throw new UsageError(`benchmark '${id}' is there twice: in ${other} and in ${path}`);
        found.set(id, path);
      }
    }
  }
  return found;
}

function folderOf(id: string, found: ReadonlyMap<string, string>, own: CatalogueOptions['paths']): string {
  const path = own.find((entry) => entry.id === id)?.path ?? found.get(id);
  if (path === undefined)
    throw new UsageError(`there is no benchmark '${id}'`, {
      hint: `known benchmarks: ${[...found.keys()].sort().join(', ')}`,
    });
  return resolve(path);
}

async function foldersIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch((error: NodeJS.ErrnoException): Dirent[] => {
    if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
    throw new UsageError(`there is no folder of benchmarks at ${path}`);
  });
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .sort();
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (facts) => facts.isDirectory(),
    () => false,
  );
}
