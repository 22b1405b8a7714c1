// A user's folder for end-to-end tests: suites, benchmarks of their own, a cache and reports of its own. Comes in: file
// contents; goes out: paths, and the rows of runs. Removed by `end`, which also fails when a process of a run is left.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Invocation } from '../../src/generated/invocation.js';
import type { JournalLine } from '../../src/generated/journal.js';
import type { Manifest } from '../../src/generated/manifest.js';
import type { Plan } from '../../src/generated/plan.js';
import type { Summary } from '../../src/generated/summary.js';
import { type SebsOptions, type SebsResult, sebs } from './cli.js';

export interface Workspace {
  path: string;
  env: Record<string, string>;
  write(file: string, text: string): string;
  /** A benchmark folder in Node.js with this handler; its input is `{}` and any output is right, unless said. */
  benchmark(id: string, handler: string, change?: { input?: string; yaml?: string }): string;
  sebs(args: readonly string[], options?: SebsOptions): Promise<SebsResult>;
  /** Folders of the runs, oldest first. */
  runs(): string[];
  end(): void;
}

export function makeWorkspace(): Workspace {
  const path = mkdtempSync(join(tmpdir(), 'sebs-e2e-'));
  // Temporary files of these runs are counted afterwards, so they get a place of their own; so does the measuring lock,
  // which lets test files run beside each other.
  const temporary = join(path, 'tmp');
  mkdirSync(temporary);
  const env = { XDG_CACHE_HOME: join(path, 'cache'), TMPDIR: temporary };
  const write = (file: string, text: string): string => {
    const target = join(path, file);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
    return target;
  };
  return {
    path,
    env,
    write,
    benchmark(id, handler, { input = DEFAULT_INPUT, yaml = '' } = {}) {
      write(`${id}/benchmark.yaml`, `version: 1\nlanguages: { nodejs: {} }\ninputs: { test: the only one }\n${yaml}`);
      write(`${id}/input.mjs`, input);
      write(`${id}/nodejs/function.mjs`, handler);
      return join(path, id);
    },
    sebs: (args, options = {}) =>
      sebs(args, { cwd: path, timeout: 60_000, ...options, env: { ...env, ...options.env } }),
    runs: () => runFolders(path),
    end() {
      const left = processesOf(path);
      const files = readdirSync(temporary);
      rmSync(path, { recursive: true, force: true });
      if (left.length > 0) throw new Error(`processes are left: ${left.join('; ')}`);
      if (files.length > 0) throw new Error(`temporary files are left: ${files.join(', ')}`);
    },
  };
}

const DEFAULT_INPUT = `
export function generate() { return { event: {} }; }
export function validate() { return null; }
`;

function runFolders(path: string): string[] {
  const reports = join(path, 'reports');
  try {
    return readdirSync(reports, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(reports, entry.name))
      .sort();
  } catch {
    return [];
  }
}

/** Processes whose arguments or environment name the folder; the measured functions' do. */
export function processesOf(path: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
        return command !== '' && (command.includes(path) || environment.includes(path)) ? [`${pid} ${command}`] : [];
      } catch {
        return [];
      }
    });
}

export function rowsOf(run: string): Invocation[] {
  return readFileSync(join(run, 'raw/invocations.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Invocation);
}

export function planOfRun(run: string): Plan {
  return JSON.parse(readFileSync(join(run, 'plan.json'), 'utf8')) as Plan;
}

export function manifestOf(run: string): Manifest {
  return JSON.parse(readFileSync(join(run, 'manifest.json'), 'utf8')) as Manifest;
}

export function journalOf(run: string): JournalLine[] {
  return readFileSync(join(run, 'raw/journal.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as JournalLine);
}

export function summaryOf(run: string): Summary {
  return JSON.parse(readFileSync(join(run, 'derived/summary.json'), 'utf8')) as Summary;
}

/** `cell block index` of every counted row, in order: what must be equal however often a run was cut off. */
export function countedKeys(run: string): string[] {
  return rowsOf(run)
    .filter(({ role }) => role === 'counted')
    .map(({ cell, block, index }) => `${cell} ${block} ${index}`)
    .sort();
}

/** The same, as the plan says it must be. */
export function expectedKeys(plan: Plan): string[] {
  const { blocks } = plan.order;
  return plan.cells
    .flatMap(({ id, repetitions, concurrency }) =>
      Array.from({ length: repetitions.min * concurrency }, (_, index) => {
        const repetition = Math.floor(index / concurrency);
        const block = Array.from({ length: blocks }, (_, number) => number).find(
          (number) => repetition < Math.floor((repetitions.min * (number + 1)) / blocks),
        );
        return `${id} ${block} ${index}`;
      }),
    )
    .sort();
}
