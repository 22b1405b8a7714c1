// `sebs invoke BENCHMARK`: one function, once (or a few times), without writing a suite. Comes in: options; goes out:
// an ordinary run, of a suite made here, so that process, report and verify read its folder like any other.
import { existsSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { UsageError } from '../errors.js';
import { experimentTypes } from '../experiments/registry.js';
import { platformTypes } from '../platforms/registry.js';
import type { CommandContext, CommandResult } from './command.js';
import { type RunCommandOptions, run } from './run.js';

export interface InvokeOptions extends RunCommandOptions {
  platform?: string;
  input?: string;
  language?: string;
  memory?: number;
  repetitions: number;
  start: 'cold' | 'warm';
  keep: boolean;
}

export async function invoke(
  benchmark: string,
  options: InvokeOptions,
  context: CommandContext,
): Promise<CommandResult> {
  const text = JSON.stringify(suiteFor(benchmark, options), null, 2);
  return run('invoke.yaml', { ...options, text }, context);
}

/** The suite that stands for the options. JSON is YAML, so its text is what the run folder keeps as suite.yaml. */
export function suiteFor(benchmark: string, options: InvokeOptions): Record<string, unknown> {
  const { input, language, memory, repetitions, start, keep } = options;
  const type = options.platform ?? platformTypes()[0];
  const experiment = experimentTypes()[0]?.type;
  if (type === undefined || experiment === undefined) throw new Error('a registry is empty');
  const own = isFolder(benchmark);
  return {
    version: 1,
    name: `invoke-${basename(benchmark)}`.toLowerCase().replace(/[^a-z0-9.-]/g, '-'),
    platforms: { [type]: { type } },
    benchmarks: [{ ...(own ? { path: resolve(benchmark) } : { id: benchmark }), ...(input && { input }) }],
    factors: { ...(language && { language }), ...(memory !== undefined && { memory }) },
    experiments: { once: { type: experiment, starts: [start], repetitions } },
    // One block per repetition at most: a block that has nothing to do would still start and end sandboxes.
    order: { blocks: Math.min(repetitions, 10) },
    teardown: keep ? 'keep' : 'always',
  };
}

/** An id never holds a slash; a folder is named by a path, as the shell would run a program. */
function isFolder(benchmark: string): boolean {
  if (!/[/\\]/.test(benchmark)) return false;
  if (existsSync(benchmark) && statSync(benchmark).isDirectory()) return true;
  throw new UsageError(`there is no folder ${benchmark}`, {
    hint: 'name a benchmark of `sebs list benchmarks`, or the folder of your own',
  });
}
