// Which suite a command is about: a file, or one that the command line stands for, narrowed and changed by options. Comes
// in: what was typed; goes out: the source that run-suite.ts reads. A suite that is in no file is shown on stderr.
import { basename, resolve } from 'node:path';
import { cacheDirectory } from '../cache/cache.js';
import { UsageError } from '../errors.js';
import { experimentTypes } from '../experiments/registry.js';
import { platformTypes } from '../platforms/registry.js';
import type { SuiteSource } from '../read-suite.js';
import { yamlScalar, yamlText } from '../spec/yaml-text.js';
import type { CommandContext } from './command.js';

/** Each a list as it is typed, `128,256`. */
export interface QuickOptions {
  benchmark?: readonly string[];
  platform?: string;
  language?: string;
  memory?: string;
  timeout?: string;
  input?: string;
  concurrency?: string;
  starts?: string;
  repetitions?: number;
}

export interface SuiteOptions extends QuickOptions {
  /** The suite itself, when it is not read from the file. */
  text?: string;
  set?: readonly string[];
  filter?: readonly string[];
  /** Rehearse it on models of its platforms. */
  simulate?: boolean;
}

const AXES = ['language', 'memory', 'timeout', 'input', 'concurrency'] as const;

export function sourceOf(
  suiteFile: string | undefined,
  options: SuiteOptions,
  { env, stderr }: Pick<CommandContext, 'env' | 'stderr'>,
): SuiteSource {
  const { set = [], filter = [], benchmark = [], simulate = false } = options;
  const source = { env, cacheDir: cacheDirectory(env), set, filter, simulate };
  if (suiteFile !== undefined && benchmark.length === 0) {
    refuseAxes(options);
    return { ...source, suiteFile, ...(options.text === undefined ? {} : { text: options.text }) };
  }
  if (suiteFile !== undefined)
    throw new UsageError(`there is a suite (${suiteFile}) and a --benchmark`, {
      hint: 'a suite names its benchmarks; narrow it with --filter benchmark=ID',
    });
  if (benchmark.length === 0)
    throw new UsageError('there is no suite', { hint: 'name a file, or a --benchmark for a quick look' });
  const text = yamlText(quickSuite(benchmark, options));
  stderr.write(`# the suite that this stands for\n${text}\n`);
  return { ...source, suiteFile: 'quick.yaml', text };
}

/** With a file, an axis is set where it belongs: which of several places is meant cannot be guessed. */
function refuseAxes(options: SuiteOptions): void {
  const [axis] = ([...AXES, 'platform', 'starts', 'repetitions'] as const).filter(
    (name) => options[name] !== undefined,
  );
  if (axis === undefined) return;
  throw new UsageError(`--${axis} goes with --benchmark, not with a suite in a file`, {
    hint: 'narrow a suite with --filter AXIS=LEVEL, change it with --set PATH=VALUE',
  });
}

/** The suite that the options stand for. */
export function quickSuite(benchmarks: readonly string[], options: QuickOptions): Record<string, unknown> {
  const type = experimentTypes()[0]?.type;
  const platform = platformTypes()[0];
  if (type === undefined || platform === undefined) throw new Error('a registry is empty');
  const { starts, repetitions } = options;
  const factors = AXES.flatMap((axis) => (options[axis] === undefined ? [] : [[axis, listOf(options[axis])]]));
  const [first = ''] = benchmarks;
  return {
    version: 1,
    name: `quick-${basename(first)}`.toLowerCase().replace(/[^a-z0-9.-]/g, '-'),
    platforms: options.platform?.split(',') ?? [platform],
    benchmarks: benchmarks.flatMap((text) => text.split(',')).map(entryOf),
    ...(factors.length === 0 ? {} : { factors: Object.fromEntries(factors) as unknown }),
    experiments: {
      look: {
        type,
        ...(starts === undefined ? {} : { starts: starts.split(',') }),
        ...(repetitions === undefined ? {} : { repetitions }),
      },
    },
  };
}

/** An id never holds a slash; a folder is named by a path, as the shell would run a program. */
function entryOf(benchmark: string): string | { path: string } {
  return /[/\\]/.test(benchmark) ? { path: resolve(benchmark) } : benchmark;
}

function listOf(text: string): unknown[] {
  return text.split(',').map(yamlScalar);
}
