// `sebs package BENCHMARK...|SUITE`: builds code packages and runs nothing. Comes in: benchmarks, or a suite's file; goes
// out: one line per package with path, size, hash, and whether the cache had it. A package that cannot be built does not
// keep the others from being built.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheDirectory } from '../cache/cache.js';
import { EXIT, messageOf, UsageError } from '../errors.js';
import type { PlannedPackage } from '../generated/plan.js';
import { openPlatforms, refusingLedger } from '../open-platforms.js';
import type { CodePackage } from '../platforms/driver.js';
import { planOf, type ReadSuite, readSuite } from '../read-suite.js';
import { formatBytes, plural } from '../units.js';
import { adHocSuite, unplaced } from './ad-hoc-suite.js';
import type { CommandContext, CommandResult } from './command.js';
import { table } from './table.js';

export interface PackageOptions {
  platform?: string;
  language: readonly string[];
  quiet: boolean;
}

type Built = Pick<
  PlannedPackage,
  'platform' | 'benchmark' | 'language' | 'language_version' | 'architecture' | 'kind'
> &
  (
    | { state: 'built' | 'cached'; path: string; size_bytes: number; sha256: string; runtime: string }
    | { state: 'failed'; error: string }
  );

export async function packageCode(
  targets: readonly string[],
  options: PackageOptions,
  context: CommandContext,
): Promise<CommandResult> {
  const packages: Built[] = [];
  for (const read of await suitesOf(targets, options, context))
    packages.push(...(await buildAll(read, options, context)));
  const failed = packages.filter(({ state }) => state === 'failed').length;
  return { exitCode: failed === 0 ? EXIT.ok : EXIT.cells, text: textOf(packages), data: packages };
}

/** Suites as they are; all benchmarks together as one more. */
async function suitesOf(
  targets: readonly string[],
  { platform, language }: PackageOptions,
  { env }: CommandContext,
): Promise<ReadSuite[]> {
  const cacheDir = cacheDirectory(env);
  const files = targets.filter(isSuite);
  const benchmarks = targets.filter((target) => !isSuite(target));
  if (files.length > 0 && (platform !== undefined || language.length > 0))
    throw new UsageError('a suite says itself which platforms and languages it wants', {
      hint: 'leave --platform and --language away, or name benchmarks instead of the file',
    });
  const read = await Promise.all(files.map((suiteFile) => readSuite({ suiteFile, env, cacheDir })));
  if (benchmarks.length === 0) return read;
  const suite = adHocSuite({
    verb: 'package',
    benchmarks,
    platform,
    factors: { language: language.length === 0 ? undefined : language },
    experiment: { starts: ['warm'], repetitions: 1 },
  });
  const text = JSON.stringify(suite, null, 2);
  return [...read, await unplaced(readSuite({ suiteFile: 'package.yaml', text, env, cacheDir }))];
}

function isSuite(target: string): boolean {
  return /\.ya?ml$/.test(target);
}

async function buildAll(
  read: ReadSuite,
  { quiet }: PackageOptions,
  { env, signals, stderr }: CommandContext,
): Promise<Built[]> {
  const scratchDir = mkdtempSync(join(tmpdir(), 'sebs-package-'));
  try {
    const platforms = await openPlatforms(read.loaded.suite.platforms, {
      runId: '',
      logDir: scratchDir,
      scratchDir,
      cacheDir: cacheDirectory(env),
      env,
      ledger: refusingLedger(),
      signal: signals.drain,
      note: (_level, text) => void stderr.write(`${text}\n`),
    });
    try {
      const built: Built[] = [];
      for (const planned of planOf(read, platforms).packages) {
        if (signals.drain.aborted) break;
        const { platform, benchmark, language, language_version: version } = planned;
        if (!quiet) stderr.write(`${benchmark} for ${language}@${version} (${platform})\n`);
        const driver = platforms.get(platform)?.driver;
        if (driver === undefined) throw new Error(`the plan names platform ${platform}, which is not open`);
        built.push(await builtOf(planned, () => driver.buildPackage({ package: planned, catalogue: read.catalogue })));
      }
      return built;
    } finally {
      await Promise.all([...platforms.values()].map(({ driver }) => driver.close()));
    }
  } finally {
    rmSync(scratchDir, { recursive: true, force: true });
  }
}

async function builtOf(planned: PlannedPackage, build: () => Promise<CodePackage>): Promise<Built> {
  const { platform, benchmark, language, language_version, architecture, kind } = planned;
  const what = { platform, benchmark, language, language_version, architecture, kind };
  try {
    const { path, sizeBytes: size_bytes, sha256, runtime, cached } = await build();
    return { ...what, state: cached ? 'cached' : 'built', path, size_bytes, sha256, runtime };
  } catch (error) {
    return { ...what, state: 'failed', error: messageOf(error) };
  }
}

function textOf(packages: readonly Built[]): string {
  if (packages.length === 0) return 'nothing to build';
  const rows = packages.map((one) => [
    one.benchmark,
    'runtime' in one ? one.runtime : `${one.language} ${one.language_version}`,
    one.platform,
    one.kind,
    one.state,
    'sha256' in one ? one.sha256.slice(0, 12) : '',
    'size_bytes' in one ? formatBytes(one.size_bytes) : '',
    'path' in one ? one.path : '',
  ]);
  const errors = packages.flatMap((one) =>
    one.state === 'failed' ? ['', `${one.benchmark} for ${one.language} (${one.platform}): ${one.error}`] : [],
  );
  const failed = errors.length / 2;
  return [
    table(['benchmark', 'runtime', 'platform', 'kind', '', 'hash', 'size', 'path'], rows, [6]),
    ...errors,
    ...(failed === 0 ? [] : ['', `${plural(failed, 'package')} could not be built`]),
  ].join('\n');
}
