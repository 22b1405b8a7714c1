// Stage 1 of the pipeline: a suite's file becomes a resolved suite, or one error with everything that is wrong with it.
//
//   file ── read ──> text ── parse ──> data with places ── validate (schema) ─┬─> problems, if any, all at once
//                                                       └─ rules ─────────────┘
//                                                       └─ resolve (shorthands, defaults) ──> ResolvedSuite
import { access } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { SpecError } from '../errors.js';
import type { Suite } from '../generated/suite.js';
import { sha256 } from '../hash.js';
import { checkText, readText } from './file-text.js';
import { inOrder, toProblem } from './finding.js';
import { resolveSuite } from './resolve.js';
import type { LoadedSuite } from './resolved.js';
import { applyRules } from './rules.js';
import { validateShape } from './validate.js';
import { benchmarksOf } from './written.js';
import { parseYaml } from './yaml-document.js';

export interface LoadOptions {
  /** As the user gave it; messages repeat it, and relative paths in the suite start at its folder. */
  file: string;
  /** Given: the suite's text, and nothing is read; for suites made on the command line. */
  text?: string;
  /** Environment of the process, for values that the suite refers to. */
  env: Readonly<Record<string, string | undefined>>;
  /** Ids of the catalogue. */
  benchmarkIds: readonly string[];
}

/** Throws SpecError with all problems in the order of the file, and nothing else. */
export async function loadSuite(options: LoadOptions): Promise<LoadedSuite> {
  const { file, benchmarkIds } = options;
  const folder = dirname(resolve(file));

  // 1. Read.
  const text = options.text ?? (await readText(file));
  checkText(file, text);
  // 2. Parse.
  const document = parseYaml(file, text);
  // 3. Validate by the schema, and 4. by the rules, which look past mistakes of shape: all is shown at once.
  const emptyFolders = await foldersWithoutBenchmark(document.value, folder);
  const findings = [
    ...validateShape(document, 'suite'),
    ...applyRules({ suite: document.value, folder, benchmarkIds, emptyFolders }),
  ];
  const problems = findings.map((finding) => toProblem(finding, document.locate(finding.path, finding.at)));
  if (document.problems.length + problems.length > 0) throw new SpecError(inOrder([...document.problems, ...problems]));
  // 5. Resolve.
  return {
    suite: resolveSuite(document.value as Suite, folder),
    files: [{ path: file, text, sha256: sha256(text) }],
    locate: (path) => document.locate(path),
    isWritten: document.has,
  };
}

async function foldersWithoutBenchmark(suite: unknown, folder: string): Promise<Set<string>> {
  // The schema allows no more entries; a longer list is refused without a look at the disk for each.
  const own = benchmarksOf(suite, folder)
    .slice(0, 1000)
    .flatMap((entry) => entry.folder ?? []);
  const checked = await Promise.all(
    own.map(async (path) => ((await isThere(join(path, 'benchmark.yaml'))) ? [] : [path])),
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
