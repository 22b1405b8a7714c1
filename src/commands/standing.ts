// `sebs local start|stop`: functions that stay up after the command has ended, to be called by hand or by another tool,
// with their memory sampled. Comes in: a benchmark and settings; goes out: how to call each function. What was made is in
// a folder of its own (ledger, logs, samples), by which `stop` finds and removes it.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { prepareInput } from '../benchmarks/input.js';
import { cacheDirectory } from '../cache/cache.js';
import { EXIT, UsageError } from '../errors.js';
import { openPlatforms, type PlatformEntry } from '../open-platforms.js';
import type { Deployment, PlatformDriver } from '../platforms/driver.js';
import { planOf, type ReadSuite, readSuite } from '../read-suite.js';
import { openLedger } from '../run/ledger.js';
import { newRunId } from '../run/names.js';
import type { OpenPlatform } from '../run/state.js';
import { formatBytes, plural } from '../units.js';
import { adHocSuite, unplaced } from './ad-hoc-suite.js';
import type { CommandContext, CommandResult } from './command.js';
import { endSampler, type SampleSummary, startSampler, summariesOf } from './standing-samples.js';
import { table } from './table.js';

export interface StartOptions {
  platform: string;
  language?: string;
  memory?: number;
  input?: string;
  instances: number;
  /** In ms; 0: memory is not sampled. */
  sampleEvery: number;
}

interface StandingFunction {
  sandbox: string;
  benchmark: string;
  runtime: string;
  memory_mb: number | null;
  url: string;
  /** A file of this host that says how much memory it holds. */
  memory_file?: string;
}

interface Standing {
  id: string;
  platform: PlatformEntry;
  functions: StandingFunction[];
  event: unknown;
  sampler_pid?: number;
}

const STATE = 'standing.json';

export async function start(benchmark: string, options: StartOptions, context: CommandContext): Promise<CommandResult> {
  const read = await suiteOf(benchmark, options, context);
  const id = newRunId(read.loaded.suite.name);
  const folder = join(standingFolder(context), id);
  mkdirSync(join(folder, 'logs'), { recursive: true });
  const ledger = openLedger(join(folder, 'ledger.jsonl'));
  const platforms = await openPlatforms(read.loaded.suite.platforms, surroundings(id, folder, ledger, context));
  const [open] = platforms.values();
  const [platform] = read.loaded.suite.platforms;
  if (open === undefined || platform === undefined) throw new Error('a suite of one platform opened none');
  const { driver } = open;
  try {
    if (driver.capabilities.sandboxesOutliveClient !== true)
      throw new UsageError(`functions on ${open.type} end with sebs`, { hint: 'start them on another platform' });
    const { functions, event } = await startAll(read, open, options);
    const standing: Standing = { id, platform, functions, event: event ?? null };
    const files = functions.flatMap(({ sandbox, memory_file }) =>
      memory_file ? [[sandbox, memory_file] as const] : [],
    );
    if (options.sampleEvery > 0 && files.length > 0)
      standing.sampler_pid = startSampler(join(folder, 'memory.csv'), files, options.sampleEvery);
    writeFileSync(join(folder, STATE), `${JSON.stringify(standing, null, 2)}\n`);
    return { exitCode: EXIT.ok, text: startedText(standing), data: standing };
  } catch (error) {
    // Nothing is told to the user, so nothing may stay.
    await driver.close();
    rmSync(folder, { recursive: true, force: true });
    throw error;
  } finally {
    ledger.close();
  }
}

export async function stop(id: string | undefined, context: CommandContext): Promise<CommandResult> {
  const stopped: { id: string; memory: SampleSummary[] }[] = [];
  for (const standing of chosen(id, context)) {
    const folder = join(standingFolder(context), standing.id);
    if (standing.sampler_pid !== undefined) await endSampler(standing.sampler_pid, folder);
    const ledger = openLedger(join(folder, 'ledger.jsonl'));
    const platforms = await openPlatforms([standing.platform], surroundings(standing.id, folder, ledger, context));
    try {
      for (const platform of platforms.values()) {
        for (const resource of ledger.open()) await platform.remove(resource);
        await platform.driver.close();
      }
    } finally {
      ledger.close();
    }
    stopped.push({ id: standing.id, memory: summariesOf(join(folder, 'memory.csv')) });
    rmSync(join(folder, STATE));
  }
  return { exitCode: EXIT.ok, text: stopped.map(stoppedText).join('\n\n') || 'nothing is running', data: stopped };
}

function suiteOf(benchmark: string, options: StartOptions, { env }: CommandContext): Promise<ReadSuite> {
  const { platform, language, memory, input } = options;
  const suite = adHocSuite({
    verb: 'standing',
    benchmarks: [benchmark],
    ...(input === undefined ? {} : { entry: { input } }),
    platform,
    factors: { language, memory },
    experiment: { starts: ['warm'], repetitions: 1 },
  });
  const text = JSON.stringify(suite, null, 2);
  return unplaced(readSuite({ suiteFile: 'standing.yaml', text, env, cacheDir: cacheDirectory(env) }));
}

async function startAll(
  read: ReadSuite,
  open: OpenPlatform,
  { instances }: StartOptions,
): Promise<{ functions: StandingFunction[]; event: unknown }> {
  const { driver } = open;
  const plan = planOf(read, new Map([[open.id, open]]));
  const [cell] = plan.cells;
  const benchmark = read.catalogue.benchmarks.get(cell?.benchmark ?? '');
  if (cell === undefined || benchmark === undefined) throw new UsageError('there is nothing to start');
  if ((benchmark.file.modules ?? []).length > 0)
    throw new UsageError(`${benchmark.id} needs storage, which ends with the run that started it`, {
      hint: 'start a function that needs none, or measure this one with sebs run',
    });
  await driver.prepare();
  const functions: StandingFunction[] = [];
  for (const deployment of plan.deployments) {
    const planned = plan.packages.find(({ id }) => id === deployment.package);
    if (planned === undefined) throw new Error(`the plan has no package ${deployment.package}`);
    const code = await driver.buildPackage({ package: planned, catalogue: read.catalogue });
    const deployed = await driver.deploy({ deployment, package: planned, code, environment: {} });
    for (let n = 0; n < instances; n += 1)
      functions.push(await startOne(driver, deployed, benchmark.id, code.runtime, deployment.memory_mb));
  }
  const { event } = await prepareInput({
    benchmark,
    size: cell.input ?? '',
    seed: plan.seed,
    storage: null,
    home: null,
    signal: new AbortController().signal,
  });
  return { functions, event };
}

/** A placement that is never given back: the sandbox serves whoever calls it. */
async function startOne(
  driver: PlatformDriver,
  deployed: Deployment,
  benchmark: string,
  runtime: string,
  memory_mb: number | null,
): Promise<StandingFunction> {
  const { place, path } = await driver.endpoint(deployed, 'http');
  if (place === undefined) throw new Error('a platform whose sandboxes outlive us places none');
  const placement = await place({ mark: () => undefined, signal: new AbortController().signal });
  return {
    sandbox: placement.sandboxId,
    benchmark,
    runtime,
    memory_mb,
    url: `${placement.origin}${path}`,
    ...(placement.memoryFile === undefined ? {} : { memory_file: placement.memoryFile }),
  };
}

function chosen(id: string | undefined, context: CommandContext): Standing[] {
  const all = standingIn(standingFolder(context));
  if (id === undefined) return all;
  const found = all.filter((standing) => standing.id.startsWith(id) || standing.id.includes(id));
  if (found.length === 1) return found;
  const hint = all.length === 0 ? 'nothing is running' : `running: ${all.map((one) => one.id).join(', ')}`;
  throw new UsageError(`${found.length === 0 ? 'nothing' : 'more than one'} goes by ${id}`, { hint });
}

function standingIn(folder: string): Standing[] {
  try {
    return readdirSync(folder).flatMap((name) => {
      try {
        return [JSON.parse(readFileSync(join(folder, name, STATE), 'utf8')) as Standing];
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}

function standingFolder({ reportsDir }: CommandContext): string {
  // The sampler works in a folder of its own.
  return resolve(reportsDir, 'standing');
}

function surroundings(
  runId: string,
  folder: string,
  ledger: ReturnType<typeof openLedger>,
  { env, signals, stderr }: CommandContext,
): Parameters<typeof openPlatforms>[1] {
  return {
    runId,
    logDir: join(folder, 'logs'),
    scratchDir: folder,
    cacheDir: cacheDirectory(env),
    env,
    ledger,
    signal: signals.drain,
    note: (_level, text) => void stderr.write(`${text}\n`),
  };
}

function startedText({ id, functions, event, sampler_pid }: Standing): string {
  const body = JSON.stringify(event);
  const shown = body.length > 200 ? '@event.json' : `'${body.replaceAll("'", "'\\''")}'`;
  const rows = functions.map(({ benchmark, runtime, memory_mb, url }) => [
    benchmark,
    runtime,
    memory_mb === null ? '' : `${memory_mb} MB`,
    url,
  ]);
  return [
    table(['benchmark', 'runtime', 'memory', 'url'], rows),
    '',
    'Call one:',
    `  curl -s -X POST -H 'content-type: application/json' -d ${shown} ${functions[0]?.url ?? ''}`,
    ...(sampler_pid === undefined ? [] : ['', 'Their memory is sampled until they are stopped.']),
    '',
    `Stop them: sebs local stop ${id}`,
  ].join('\n');
}

function stoppedText({ id, memory }: { id: string; memory: SampleSummary[] }): string {
  const rows = memory.map(({ sandbox, samples, peakBytes, meanBytes }) => [
    sandbox,
    formatBytes(peakBytes),
    formatBytes(meanBytes),
    String(samples),
  ]);
  const stopped = `stopped ${id}`;
  if (rows.length === 0) return stopped;
  return `${stopped}\n\n${table(['sandbox', 'peak memory', 'mean', 'samples'], rows, [1, 2, 3])}\n${plural(rows.length, 'sandbox', 'sandboxes')}`;
}
