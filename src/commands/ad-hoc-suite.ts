// Suites that nobody wrote, for commands that are given benchmarks instead of a file. Comes in: benchmarks and settings;
// goes out: the suite as data. Which platform and experiment are meant when nothing is said is the registries' order.
import { existsSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { SpecError, UsageError } from '../errors.js';
import { experimentTypes } from '../experiments/registry.js';
import { platformTypes } from '../platforms/registry.js';

export interface AdHocSuite {
  /** Beginning of its name; those of the benchmarks follow. */
  verb: string;
  benchmarks: readonly string[];
  /** Beside id or path of each benchmark. */
  entry?: Readonly<Record<string, unknown>>;
  platform: string | undefined;
  factors: Readonly<Record<string, unknown>>;
  /** Beside its type. */
  experiment: Readonly<Record<string, unknown>>;
}

export function adHocSuite({ verb, benchmarks, entry = {}, platform, factors, experiment }: AdHocSuite) {
  const type = platform ?? defaultPlatform();
  const experimentType = experimentTypes()[0]?.type;
  if (experimentType === undefined) throw new Error('the registry of experiments is empty');
  const name = `${verb}-${benchmarks.map((benchmark) => basename(benchmark)).join('-')}`;
  return {
    version: 1,
    name: name
      .toLowerCase()
      .replace(/[^a-z0-9.-]/g, '-')
      .slice(0, 60),
    platforms: { [type]: { type } },
    benchmarks: benchmarks.map((benchmark) => ({
      ...(isFolder(benchmark) ? { path: resolve(benchmark) } : { id: benchmark }),
      ...entry,
    })),
    factors: Object.fromEntries(Object.entries(factors).filter(([, value]) => value !== undefined)),
    experiments: { once: { type: experimentType, ...experiment } },
  };
}

export function defaultPlatform(): string {
  const [first] = platformTypes();
  if (first === undefined) throw new Error('the registry of platforms is empty');
  return first;
}

/** What is wrong with a suite that nobody wrote has no line: it is the command line that is wrong. */
export async function unplaced<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (cause) {
    if (!(cause instanceof SpecError)) throw cause;
    const [first, ...others] = cause.problems;
    if (first === undefined || others.length > 0)
      throw new UsageError(
        cause.problems.map(({ message, hint }) => (hint ? `${message} (${hint})` : message)).join('\n'),
        {
          cause,
          hint: 'sebs list benchmarks and sebs list platforms show what there is',
        },
      );
    throw new UsageError(first.message, { cause, ...(first.hint === undefined ? {} : { hint: first.hint }) });
  }
}

/** An id never holds a slash; a folder is named by a path, as the shell would run a program. */
function isFolder(benchmark: string): boolean {
  if (!/[/\\]/.test(benchmark)) return false;
  if (existsSync(benchmark) && statSync(benchmark).isDirectory()) return true;
  throw new UsageError(`there is no folder ${benchmark}`, {
    hint: 'name a benchmark of `sebs list benchmarks`, or the folder of your own',
  });
}
