// `sebs list WHAT`: what there is to choose from, and what has been run. Comes in: one of four nouns; goes out: a table,
// or the same as data. Each noun imports what it needs itself: run folders need no YAML.
import type { Benchmark } from '../benchmarks/catalogue.js';
import { EXIT } from '../errors.js';
import type { Capabilities } from '../platforms/driver.js';
import { platformTypes } from '../platforms/registry.js';
import type { CommandContext, CommandResult } from './command.js';
import { askPlatform, plainPlatform } from './platform-drivers.js';
import { table } from './table.js';

export const LISTS = ['benchmarks', 'platforms', 'experiments', 'runs'] as const;
export type ListName = (typeof LISTS)[number];

export async function list(what: ListName, context: CommandContext): Promise<CommandResult> {
  const lists: Record<ListName, () => Promise<Listing> | Listing> = {
    benchmarks: listBenchmarks,
    platforms: () => listPlatforms(context),
    experiments: listExperiments,
    runs: () => listAllRuns(context.reportsDir),
  };
  return { exitCode: EXIT.ok, ...(await lists[what]()) };
}

type Listing = Pick<CommandResult, 'text' | 'data'>;

async function listBenchmarks(): Promise<Listing> {
  const { loadCatalogue } = await import('../benchmarks/catalogue.js');
  const { benchmarks } = await loadCatalogue({ paths: [] });
  const all = [...benchmarks.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const shown = all.filter(({ file }) => !file.internal);
  return {
    data: all.map(({ id, path, file }) => ({ id, path, ...file })),
    text: table(
      ['benchmark', 'languages', 'inputs', 'what it does'],
      shown.map(({ id, file }) => [id, languagesOf(file), Object.keys(file.inputs).join(' '), file.description ?? '']),
    ),
  };
}

function languagesOf({ languages }: Benchmark['file']): string {
  return Object.entries(languages)
    .map(([name, { versions }]) => (versions === undefined ? name : `${name}@${versions.join(',')}`))
    .join(' ');
}

interface PlatformEntry {
  type: string;
  capabilities: Capabilities;
}

async function listPlatforms({ env }: CommandContext): Promise<Listing> {
  const entries: PlatformEntry[] = [];
  for (const type of platformTypes()) {
    const capabilities = await askPlatform(
      { platform: plainPlatform(type), env },
      async ({ driver }) => driver.capabilities,
    );
    entries.push({ type, capabilities });
  }
  return { data: entries, text: entries.map(platformText).join('\n\n') };
}

function platformText({ type, capabilities: can }: PlatformEntry): string {
  const languages = Object.entries(can.languages).map(([name, versions]) => `${name} ${versions.join(', ')}`);
  const lines: [string, string][] = [
    ['languages', languages.join('; ') || 'none on this machine'],
    ...Object.entries(can.missing).map(([name, hint]): [string, string] => [`no ${name}`, hint]),
    ['architectures', can.architectures.join(', ')],
    ['memory', can.memory === null ? 'no setting' : `${can.memory.min} to ${can.memory.max} MB`],
    ['time limit', `up to ${can.maxTimeoutS} s`],
    ['triggers', can.triggers.join(', ')],
    ['packages', can.packageKinds.join(', ')],
    ['cold starts', can.forceColdStart ? 'can be forced' : 'cannot be forced'],
    ['storage', can.storage.join(', ') || 'none'],
    ['NoSQL', can.nosql.join(', ') || 'none'],
    ...can.notYetSeen.map((what): [string, string] => ['not yet seen', what]),
  ];
  return [type, ...lines.map(([name, value]) => `  ${name.padEnd(14)} ${value}`)].join('\n');
}

async function listExperiments(): Promise<Listing> {
  const { experimentTypes } = await import('../experiments/registry.js');
  const types = experimentTypes();
  return {
    data: types,
    text: table(
      ['experiment', 'what it measures'],
      types.map(({ type, summary }) => [type, summary]),
    ),
  };
}

async function listAllRuns(reportsDir: string): Promise<Listing> {
  const { listedRuns, runsText } = await import('./list-runs.js');
  const runs = await listedRuns(reportsDir);
  const text = runs.length === 0 ? `no runs in ${reportsDir} yet: sebs run <suite.yaml> makes one` : runsText(runs);
  return { data: runs, text };
}
