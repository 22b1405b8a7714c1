// Helpers of the tests of spec/: the catalogue as it is in the repository, and suites as texts.
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { benchmarkIds, type Catalogue, loadCatalogue } from '../../src/benchmarks/catalogue.js';
import { type Problem, SpecError } from '../../src/errors.js';
import { loadSuite } from '../../src/spec/load.js';
import type { LoadedSuite } from '../../src/spec/resolved.js';
import { checkAgainstCatalogue } from '../../src/spec/rules.js';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What every test suite starts from; a text to put other keys behind. */
export const BASE = `version: 1
name: test
platforms: [process]
benchmarks: [010.sleep]
experiments: { cold-warm: { type: perf-cost } }
`;

export function yamlFilesIn(folder: string): string[] {
  return readdirSync(`${ROOT}${folder}`)
    .filter((name) => name.endsWith('.yaml'))
    .sort();
}

export async function load(text: string, file = 'suite.yaml', env: Record<string, string> = {}): Promise<LoadedSuite> {
  return loadSuite({ file, text, env, benchmarkIds: await benchmarkIds() });
}

/** Loads a suite as a command does, with the benchmarks it names. Throws SpecError with all problems. */
export async function loadWithCatalogue(
  file: string,
  text: string,
  env: Record<string, string> = {},
): Promise<LoadedSuite> {
  const loaded = await load(text, file, env);
  const problems = checkAgainstCatalogue(loaded, await catalogueFor(loaded));
  if (problems.length > 0) throw new SpecError(problems);
  return loaded;
}

export async function catalogueFor({ suite }: LoadedSuite): Promise<Catalogue> {
  return loadCatalogue({
    paths: suite.benchmarks.flatMap(({ id, path }) => (path === undefined ? [] : [{ id, path }])),
    ids: suite.benchmarks.flatMap(({ id, path }) => (path === undefined ? [id] : [])),
  });
}

/** The problems of a suite; empty when it has none. Anything but a SpecError is thrown on. */
export async function problemsOf(action: Promise<unknown>): Promise<readonly Problem[]> {
  try {
    await action;
    return [];
  } catch (error) {
    if (error instanceof SpecError) return error.problems;
    throw error;
  }
}

/** As the user sees them. */
export async function messagesOf(action: Promise<unknown>): Promise<string> {
  try {
    await action;
    return '';
  } catch (error) {
    if (error instanceof SpecError) return error.message;
    throw error;
  }
}
