// Stage 3, packaging: builds a benchmark's code package once per content hash and keeps it in the cache. Comes in: a
// benchmark, a language and its runtime, the wrapper of a platform; goes out: a folder that can be started anywhere:
// the wrapper at the top, the function in function/ with its storage clients, its dependencies, and sebs-package.json,
// which says what it is. The hash covers everything that goes in, so a hit runs no command at all.
import { lstat, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fromCache } from '../cache/cache.js';
import { sizeOf } from '../cache/maintain.js';
import { PackageError } from '../errors.js';
import { hashOf } from '../hash.js';
import type { LockHolder } from '../host/lock.js';
import type { Benchmark } from './catalogue.js';
import { type InstallOptions, installDependencies, type Runtime } from './dependencies.js';
import { installedPackages, lockSha256, type Target } from './requirements.js';
import { runInitScripts, runPackageScript, sebsFiles, sebsHandler } from './sebs-package.js';
import { copyFiles, hashFiles, type SourceFile, sourceFiles } from './source-tree.js';

export interface CodePackage {
  /** SHA-256 over everything that went in: source tree, wrapper, client modules, dependency lock, runtime version. */
  sha256: string;
  kind: string;
  /** Folder (kind directory) or file of the artefact, in the cache. */
  path: string;
  sizeBytes: number;
  /** e.g. "python 3.11.7". */
  runtime: string;
  sourceSha256: string;
  lockSha256?: string;
  /** What was installed, e.g. "jinja2==3.1.6". */
  dependencies: readonly string[];
  /** Whether it came from the cache. */
  cached: boolean;
}

export interface BuildPackageOptions {
  benchmark: Benchmark;
  language: string;
  /** All of the version goes into the hash: a new patch release builds anew, so `runtime` of the package stays true. */
  runtime: Runtime;
  architecture: string;
  /** benchmarks/wrappers/<platform>/<language>: copied to the top of the package, but for modules/. */
  wrapperDir: string;
  kind: 'directory';
  cacheDir: string;
  signal: AbortSignal;
  /** Environment of pip and npm. */
  env: Readonly<Record<string, string | undefined>>;
  /** Where dependencies are installed, when not on this machine; what is made elsewhere is another package. */
  builder?: { name: string; execute: NonNullable<InstallOptions['execute']> };
  /** Called when another process builds the same package. */
  onWait?(holder: LockHolder): void;
}

/** sebs-package.json, at the top of every package. */
interface PackageFile {
  handler: string;
  language: string;
  /** e.g. "python 3.11.7". */
  runtime: string;
  benchmark: string;
  sha256: string;
  kind: string;
  architecture: string;
  lock_sha256?: string;
  dependencies: string[];
  /** All files but this one. */
  size_bytes: number;
  /** Over their names and sizes: a package from which a file was taken by hand is built again. */
  tree_sha256: string;
}

/** What is known of it before it is made. */
type PackageRecipe = Omit<PackageFile, 'dependencies' | 'size_bytes' | 'tree_sha256'>;

/** What goes into a package, before anything is installed. */
interface Ingredients {
  wrapper: SourceFile[];
  function: SourceFile[];
  modules: SourceFile[];
}

/** Raised when the layout of packages changes, so that older ones in the cache are not taken. */
const LAYOUT = 3;
const FACTS = 'sebs-package.json';

/**
 * Builds a package, or takes it from the cache; it stays there for as long as this process lives. Throws PackageError
 * with the command that failed and the end of its output, and the signal's reason when it was aborted.
 */
export async function buildCodePackage(options: BuildPackageOptions): Promise<CodePackage> {
  const { benchmark, language, kind, cacheDir, signal, onWait } = options;
  if (benchmark.file.languages[language] === undefined)
    throw new PackageError(`benchmark '${benchmark.id}' has no code in ${language}`, {
      hint: `it has ${Object.keys(benchmark.file.languages).join(', ')}`,
    });
  const ingredients = await gather(options);
  const facts = await factsOf(options, ingredients);
  const cached = await fromCache<PackageFile>({
    cacheDir,
    kind: 'packages',
    hash: facts.sha256,
    signal,
    ...(onWait === undefined ? {} : { onWait }),
    read: (folder) => readFacts(folder, facts.sha256),
    make: (folder) => makePackage(folder, options, ingredients, facts),
  });
  return {
    sha256: facts.sha256,
    kind,
    path: cached.folder,
    sizeBytes: cached.facts.size_bytes,
    runtime: facts.runtime,
    sourceSha256: benchmark.sourceSha256,
    ...(facts.lock_sha256 === undefined ? {} : { lockSha256: facts.lock_sha256 }),
    dependencies: cached.facts.dependencies,
    cached: cached.hit,
  };
}

async function gather({ benchmark, language, wrapperDir }: BuildPackageOptions): Promise<Ingredients> {
  if (!(await isFolder(wrapperDir)))
    throw new PackageError(`there is no wrapper for ${language}: ${wrapperDir} is no folder`);
  const wrapper = await sourceFiles(wrapperDir);
  const code = await sourceFiles(join(benchmark.path, language));
  const clients = wrapper
    .filter(({ path }) => path.startsWith('modules/'))
    .map((file) => ({ ...file, path: file.path.slice('modules/'.length) }));
  const layout = benchmark.layout === 'sebs' ? await sebsFiles(language, benchmark.file.modules ?? []) : [];
  const modules = [...partsOf(clients, benchmark.file.modules ?? []), ...layout];
  const missing = (benchmark.file.modules ?? []).find(
    (module) => !modules.some(({ path }) => path.startsWith(`${module}.`)),
  );
  if (missing !== undefined)
    throw new PackageError(`benchmark '${benchmark.id}' needs the module '${missing}', and ${wrapperDir} has none`);
  const clash = modules.find((module) => code.some(({ path }) => path === module.path));
  if (clash !== undefined)
    throw new PackageError(`${join(benchmark.path, language, clash.path)} has the name of a client that sebs packs`, {
      hint: 'rename the file, or take the module out of benchmark.yaml',
    });
  return { wrapper: wrapper.filter(({ path }) => !path.startsWith('modules/')), function: code, modules };
}

/** A module is `<module>.*` with its parts `<module>[_-]*`; what is shared between modules comes with any. */
function partsOf(clients: readonly SourceFile[], modules: readonly string[]): SourceFile[] {
  const names = modules.length === 0 ? [] : [...modules, 'shared'];
  return clients.filter(({ path }) => names.includes(path.split(/[._-]/)[0] ?? ''));
}

async function factsOf(options: BuildPackageOptions, ingredients: Ingredients): Promise<PackageRecipe> {
  const { benchmark, language, runtime, architecture, kind, builder } = options;
  const lock = await lockSha256(targetOf(options), join(benchmark.path, language));
  const own = benchmark.file.languages[language]?.handler ?? 'function';
  const facts = {
    handler: benchmark.layout === 'sebs' ? sebsHandler(language) : own,
    language,
    runtime: `${language} ${runtime.version}`,
    benchmark: benchmark.id,
    kind,
    architecture,
    ...(lock === undefined ? {} : { lock_sha256: lock }),
  };
  // Not in it: input.mjs and README of the benchmark, which are no part of the package; scripts may read anything.
  const contents = {
    ...(benchmark.layout === 'sebs' ? { source: benchmark.sourceSha256 } : {}),
    wrapper: await hashFiles(ingredients.wrapper),
    function: await hashFiles(ingredients.function),
    modules: await hashFiles(ingredients.modules),
  };
  const madeIn = builder === undefined ? {} : { builder: builder.name };
  const sha256 = hashOf({ layout: LAYOUT, system: process.platform, ...madeIn, ...facts, ...contents });
  return { ...facts, sha256 };
}

async function makePackage(
  folder: string,
  options: BuildPackageOptions,
  ingredients: Ingredients,
  facts: PackageRecipe,
): Promise<void> {
  const { benchmark, language, runtime, env, signal, builder } = options;
  const sebs = benchmark.layout === 'sebs';
  const code = join(folder, 'function');
  await mkdir(code);
  await copyFiles(ingredients.wrapper, folder);
  await copyFiles(ingredients.function, code);
  await copyFiles(ingredients.modules, code);
  if (language === 'python' && !ingredients.function.some(({ path }) => path === '__init__.py'))
    await writeFile(join(code, '__init__.py'), '');
  const source = join(benchmark.path, language);
  const target = targetOf(options);
  const install: InstallOptions = { folder, source, target, runtime, env, signal, execute: builder?.execute };
  if (sebs) await runInitScripts(benchmark, install);
  await installDependencies(install);
  if (sebs) await runPackageScript(benchmark, install);
  const complete: PackageFile = {
    ...facts,
    dependencies: await installedPackages(language, folder),
    size_bytes: await sizeOf(folder),
    tree_sha256: await treeSha256(folder),
  };
  await writeFile(join(folder, FACTS), `${JSON.stringify(complete, null, 2)}\n`);
}

function targetOf({ benchmark, language, runtime, architecture }: BuildPackageOptions): Target {
  return { language, version: runtime.version, architecture, layout: benchmark.layout };
}

/** Facts are written last, and the folder is renamed after that; still, files may have been taken out of it since. */
async function readFacts(folder: string, sha256: string): Promise<PackageFile | undefined> {
  try {
    const facts = JSON.parse(await readFile(join(folder, FACTS), 'utf8')) as PackageFile;
    return facts.sha256 === sha256 && facts.tree_sha256 === (await treeSha256(folder)) ? facts : undefined;
  } catch {
    return undefined;
  }
}

async function treeSha256(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => path !== FACTS)
    .sort();
  const sizes = await Promise.all(files.map(async (path) => (await lstat(join(folder, path))).size));
  return hashOf(files.map((path, position) => [path, sizes[position] ?? 0]));
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (facts) => facts.isDirectory(),
    () => false,
  );
}
