// Stage 1–2, benchmarks: finds the benchmark folders (ours under benchmarks/, a user's own by path), validates each
// benchmark.yaml, and says what each provides. Comes in: folders and the ids that are asked for; goes out: a Catalogue.
// Listing ids reads folder names only; files are parsed and hashed for the benchmarks that are asked for, so a run does
// not pay for those it does not use.
import type { Dirent } from 'node:fs';
import { access, readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SpecError, UsageError } from '../errors.js';
import type { BenchmarkFile } from '../generated/benchmark.js';
import { loadYamlFile } from '../spec/yaml-file.js';
import { hasSebsLayout, readSebsConfig } from './sebs-layout.js';
import { hashFiles, sourceFiles, staysInside } from './source-tree.js';

export interface Benchmark {
  id: string;
  /** Absolute folder. */
  path: string;
  file: BenchmarkFile;
  /** Set where the folder has config.json and input.py, as SeBS lays benchmarks out. */
  layout?: 'sebs';
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

const HANDLER_HINT = 'the handler is a module in the folder of its language, named without its ending, e.g. function';

/** Below a root, these hold no benchmarks. */
const NO_GROUPS: ReadonlySet<string> = new Set(['wrappers', 'sebs-layout', 'node_modules']);

/** `benchmarks/` of this package; at the same distance from src/ and from dist/. */
export function ownBenchmarksRoot(): string {
  return fileURLToPath(new URL('../../benchmarks', import.meta.url));
}

/** Ids of all benchmarks below the roots, in order. Reads folder names, nothing else. */
export async function benchmarkIds(roots: readonly string[] = [ownBenchmarksRoot()]): Promise<string[]> {
  return [...(await findBenchmarks(roots)).keys()].sort();
}

/**
 * Loads benchmarks. Throws UsageError for an unknown id and for a folder without benchmark.yaml or input.mjs, and
 * SpecError (file:line:col) for a benchmark.yaml that does not fit its schema or names code that is not there.
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
  if (await hasSebsLayout(path)) {
    const file = await readSebsConfig(path);
    return { id, path, file, layout: 'sebs', sourceSha256: await hashFiles(await sourceFiles(path)) };
  }
  const file = join(path, 'benchmark.yaml');
  if (!(await exists(file)))
    throw new UsageError(`benchmark '${id}': ${path} has no benchmark.yaml`, {
      hint: 'a benchmark is a folder with benchmark.yaml, input.mjs and a sub-folder for each language; `sebs init benchmark NAME` makes one',
    });
  const { value, locate } = await loadYamlFile<BenchmarkFile>(file, 'benchmark');
  const problems = await codeProblems(path, value);
  if (problems.length > 0)
    throw new SpecError(problems.map((problem) => ({ ...problem, ...locate(problem.at), path: problem.at.join('.') })));
  if (!(await exists(join(path, 'input.mjs'))))
    throw new UsageError(`benchmark '${id}': ${path} has no input.mjs`, {
      hint: 'input.mjs exports generate and validate; docs/writing-a-benchmark.md shows it',
    });
  return { id, path, file: value, sourceSha256: await hashFiles(await sourceFiles(path)) };
}

interface CodeProblem {
  at: (string | number)[];
  message: string;
  hint?: string;
}

/** What benchmark.yaml says about code that is not there. */
async function codeProblems(path: string, file: BenchmarkFile): Promise<CodeProblem[]> {
  const problems = Object.entries(file.languages).map(async ([language, entry]): Promise<CodeProblem | undefined> => {
    const at = ['languages', language];
    if (!/^[a-z0-9][a-z0-9_+-]*$/i.test(language))
      return { at, message: `'${language}' is no name of a sub-folder`, hint: 'e.g. python or nodejs' };
    const folder = join(path, language);
    if (!(await isFolder(folder))) return { at, message: `there is no folder ${folder}` };
    const handler = entry.handler ?? 'function';
    const atHandler = entry.handler === undefined ? at : [...at, 'handler'];
    if (!staysInside(handler))
      return { at: atHandler, message: `'${handler}' leaves the folder ${folder}`, hint: HANDLER_HINT };
    const candidates = (HANDLER_FILES[language] ?? []).map((ending) => `${handler}${ending}`);
    const present = await Promise.all(candidates.map((candidate) => exists(join(folder, candidate))));
    if (candidates.length === 0 || present.includes(true)) return undefined;
    return { at: atHandler, message: `there is none of ${candidates.join(', ')} in ${folder}`, hint: HANDLER_HINT };
  });
  return (await Promise.all(problems)).filter((problem) => problem !== undefined);
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
