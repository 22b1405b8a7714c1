// Stage 1 of the pipeline: a suite's file becomes a resolved suite, or one error with everything that is wrong with it.
//
//   files ── read, parse, lay over one another ──> data with places ── validate (schema) ─┬─> problems, all at once
//                                                         │         └─ rules, references ─┘
//                                                         └─ resolve (shorthands, defaults) ──> ResolvedSuite
import { access } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { SpecError } from '../errors.js';
import type { Suite } from '../generated/suite.js';
import { sha256 } from '../hash.js';
import { nameEvents } from './events.js';
import { filterOf } from './filter.js';
import { inOrder, toProblem } from './finding.js';
import { readLayers } from './layers.js';
import { nameOfSetting, withSettings } from './overrides.js';
import { checkReferences } from './references.js';
import { resolveSuite } from './resolve.js';
import type { LoadedSuite, SuitePath } from './resolved.js';
import { applyRules } from './rules.js';
import { schemaOf } from './schemas.js';
import { validateShape } from './validate.js';
import { benchmarksOf, type FolderOf } from './written.js';

export interface LoadOptions {
  /** As the user gave it; messages repeat it, and relative paths in the suite start at its folder. */
  file: string;
  /** Given: the suite's text, and nothing is read; for suites made on the command line. */
  text?: string;
  /** Environment of the process, for values that the suite refers to. */
  env: Readonly<Record<string, string | undefined>>;
  /** Ids of the catalogue. */
  benchmarkIds: readonly string[];
  /** Settings of the command line, such as `factors.memory=[128]`, in their order. */
  set?: readonly string[];
  /** Filters of the command line, such as `platform=docker`. */
  filter?: readonly string[];
}

/** Throws SpecError with all problems, file by file, and nothing else. */
export async function loadSuite(options: LoadOptions): Promise<LoadedSuite> {
  const { file, text, benchmarkIds, env, set = [], filter = [] } = options;

  // 1. Read and parse the suite and what it extends; settings of the command line lie over them.
  const layers = await readLayers(file, text);
  const document = withSettings(layers.document, set);
  const { value } = document;
  const folderOf = (path: SuitePath): string => dirname(resolve(document.locate(path).file));
  // 2. Validate by the schema, and 3. by the rules, which look past mistakes of shape: all is shown at once.
  const emptyFolders = await foldersWithoutBenchmark(value, folderOf);
  const findings = [
    ...validateShape(document, 'suite'),
    ...applyRules({ suite: value, folderOf, benchmarkIds, emptyFolders }),
    ...checkReferences(document, schemaOf('suite'), env),
  ];
  const problems = [
    ...document.problems,
    ...findings.map((finding) => toProblem(finding, document.locate(finding.path, finding.at))),
  ];
  const names = [...layers.files.map(({ path }) => path), ...set.map(nameOfSetting)];
  if (problems.length > 0) throw new SpecError(inOrder(problems, names));
  // 4. Resolve.
  const named = await nameEvents(value, (path) => document.locate(path).file);
  const unreadable = named.findings.map((finding) => toProblem(finding, document.locate(finding.path, finding.at)));
  if (unreadable.length > 0) throw new SpecError(inOrder(unreadable, names));
  const resolved = resolveSuite(named.suite as Suite, folderOf, filterOf(filter, value));
  return {
    suite: Object.keys(named.events).length === 0 ? resolved : { ...resolved, events: named.events },
    files: [...layers.files, ...named.files].map((read) => ({ ...read, sha256: sha256(read.text) })),
    set: [...set],
    filter: [...filter],
    locate: (path) => document.locate(path),
    isWritten: document.has,
  };
}

async function foldersWithoutBenchmark(suite: unknown, folderOf: FolderOf): Promise<Set<string>> {
  // The schema allows no more entries; a longer list is refused without a look at the disk for each.
  const own = benchmarksOf(suite, folderOf)
    .slice(0, 1000)
    .flatMap((entry) => entry.folder ?? []);
  const checked = await Promise.all(
    own.map(async (path) => {
      // Benchmarks of SeBS have a config.json in its place.
      const there = await Promise.all(['benchmark.yaml', 'config.json'].map((name) => isThere(join(path, name))));
      return there.includes(true) ? [] : [path];
    }),
  );
  return new Set(checked.flat());
}

async function isThere(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch {
    return false;
  }
}
