// A complete run folder made of seeded synthetic data, for the tests of results/ and report/. Comes in: a folder and
// what the run should contain; goes out: the folder filled as a real run would leave it, raw/ included. The true
// medians are known (`trueMedianUs`), the same options give the same bytes, and no clock is read.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Invocation } from '../../src/generated/invocation.js';
import type { JournalLine } from '../../src/generated/journal.js';
import type { LedgerLine } from '../../src/generated/ledger.js';
import type { Manifest } from '../../src/generated/manifest.js';
import type { Cell, Plan, PlannedDeployment, PlannedPackage } from '../../src/generated/plan.js';
import { hashOf, sha256, shortHash, stableJson } from '../../src/hash.js';
import { type Random, randomFor, shuffled } from '../../src/random.js';
import { type RunFolder, runFolder } from '../../src/results/run-folder.js';

export interface SampleRunOptions {
  seed?: number;
  blocks?: number;
  /** Counted attempts per cell and block. */
  perBlock?: number;
  benchmarks?: readonly string[];
  languages?: readonly (readonly [language: string, version: string])[];
  memories?: readonly number[];
  starts?: readonly ('cold' | 'warm')[];
  /** Failures, timeouts, discarded and interrupted attempts, a failed and an incomplete cell, a resume. Default true. */
  trouble?: boolean;
  /** Markup, quotes, formulas, line breaks and other scripts in every free text. */
  hostile?: boolean;
  /** What the benchmarks measure themselves: key -> typical value. */
  measurement?: Readonly<Record<string, number>>;
}

const START = Date.UTC(2026, 1, 3, 9, 30, 0);
const TIMEOUT_S = 3;
export const HOSTILE =
  '<script>alert("sebs")</script> & \'quoted\' {{name}} </style>\u2028\u00b5\u4e16\u754c\ud83d\ude80';
export const HOSTILE_FORMULA = '=HYPERLINK("http://127.0.0.1/","x")\n@SUM(A1:A9),;\t</script>';

/** The median of client time that the synthetic data is drawn around, in µs. */
export function trueMedianUs(cell: Pick<Cell, 'benchmark' | 'language' | 'memory_mb' | 'start'>): number {
  const work = (cell.benchmark?.startsWith('311') ? 42_000 : 3_800) * (cell.language === 'python' ? 1 : 0.8);
  const warm = work * Math.max(1, Math.sqrt(256 / (cell.memory_mb ?? 256)));
  return Math.round(cell.start === 'cold' ? warm + coldUs(cell.language) : warm) + 900;
}

function coldUs(language: string | null): number {
  return language === 'python' ? 41_000 : 74_000;
}

export function makeSampleRun(dir: string, options: SampleRunOptions = {}): RunFolder {
  const settings = withDefaults(options);
  const folder = runFolder(dir);
  for (const path of [folder.raw, folder.logs, folder.derived]) mkdirSync(path, { recursive: true });
  const plan = samplePlan(settings);
  const { rows, journal } = sampleRecords(plan, settings);
  const suite = suiteText(settings);
  const resolved = `# every default filled in\nversion: 1\nname: ${JSON.stringify(plan.suite.name)}\nseed: ${settings.seed}\n`;
  write(folder.suite, suite);
  write(folder.resolvedSuite, resolved);
  write(folder.plan, `${JSON.stringify(plan, null, 2)}\n`);
  write(folder.manifest, `${JSON.stringify(sampleManifest(folder.id, plan, settings, suite, resolved), null, 2)}\n`);
  write(folder.invocations, jsonLines(rows));
  write(folder.journal, jsonLines(journal));
  write(folder.ledger, jsonLines(sampleLedger(folder.id)));
  write(`${folder.logs}/${plan.deployments[0]?.id ?? 'none'}/sandbox-1.log`, 'ready\n');
  return folder;
}

type Settings = Required<SampleRunOptions>;

function withDefaults(options: SampleRunOptions): Settings {
  return {
    seed: 42,
    blocks: 10,
    perBlock: 6,
    benchmarks: ['110.dynamic-html', '311.compression'],
    languages: [
      ['python', '3.11'],
      ['nodejs', '20'],
    ],
    memories: [128, 256, 512],
    starts: ['cold', 'warm'],
    trouble: true,
    hostile: false,
    measurement: { compute_us: 2_500, download_us: 400, download_bytes: 20_480 },
    ...options,
  };
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function jsonLines(lines: readonly unknown[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

function at(us: number): string {
  return new Date(START + Math.round(us / 1000)).toISOString();
}

// ---- the plan

function samplePlan(settings: Settings): Plan {
  const benchmarks = settings.hostile ? [...settings.benchmarks.slice(0, -1), HOSTILE] : [...settings.benchmarks];
  const packages: PlannedPackage[] = [];
  const deployments: PlannedDeployment[] = [];
  const cells: Cell[] = [];
  for (const benchmark of benchmarks) {
    for (const [language, version] of settings.languages) {
      const code = { platform: 'here', benchmark, language, language_version: version, architecture: 'x64' };
      const pack = { id: shortHash(code), ...code, kind: 'directory', source_sha256: hashOf(code) };
      packages.push(pack);
      for (const memory_mb of settings.memories) {
        const setting = {
          platform: 'here',
          benchmark,
          package: pack.id,
          memory_mb,
          timeout_s: TIMEOUT_S,
          replicate: 0,
        };
        const deployment = { id: shortHash(setting), ...setting };
        deployments.push(deployment);
        for (const start of settings.starts) cells.push(sampleCell(pack, deployment, start, settings));
      }
    }
  }
  const suite = {
    name: settings.hostile ? HOSTILE : 'sample',
    description: settings.hostile ? HOSTILE_FORMULA : 'How memory changes cold and warm latency',
  };
  const counted = cells.length * settings.blocks * settings.perBlock;
  return {
    schema_version: 1,
    suite: { ...suite, sha256: hashOf(suite) },
    seed: settings.seed,
    order: { blocks: settings.blocks, shuffle: true },
    limits: { failures: 0.05 },
    unsupported: 'skip',
    teardown: 'always',
    platforms: [{ id: 'here', type: 'process', options: {} }],
    packages,
    deployments,
    cells,
    skipped: [
      {
        label: settings.hostile ? HOSTILE : '110.dynamic-html · python@3.9 · 128 MB',
        because: 'host',
        reason: settings.hostile ? HOSTILE_FORMULA : 'this machine has no Python 3.9 (found: 3.11)',
      },
    ],
    tasks: [{ id: `measure-${shortHash(cells.map((cell) => cell.id))}`, kind: 'measure', title: 'measure', needs: [] }],
    estimate: { invocations: { min: counted, max: counted }, duration_s: { min: 60, max: 120 }, usd: null },
  };
}

function sampleCell(
  pack: PlannedPackage,
  deployment: PlannedDeployment,
  start: Cell['start'],
  settings: Settings,
): Cell {
  const repetitions = settings.blocks * settings.perBlock;
  const cell = {
    experiment: 'cold-warm',
    experiment_type: 'perf-cost',
    platform: 'here',
    benchmark: pack.benchmark,
    benchmark_version: 1,
    language: pack.language,
    language_version: pack.language_version,
    architecture: 'x64',
    memory_mb: deployment.memory_mb,
    timeout_s: TIMEOUT_S,
    package: 'directory',
    trigger: 'http' as const,
    connection: 'fresh' as const,
    input: 'test',
    start,
    concurrency: 1,
    settings: {},
  };
  return {
    id: shortHash(cell),
    ...cell,
    repetitions: { min: repetitions, max: repetitions },
    deployments: [deployment.id],
  };
}

// ---- the records

interface Writer {
  rows: Invocation[];
  journal: JournalLine[];
  /** Client's monotonic clock since the start of the part, in µs. */
  nowUs: number;
  /** Wall time at the start of the part, in µs since the start of the run. */
  partBeganUs: number;
  part: number;
  attempts: number;
}

/** What goes wrong in a cell, chosen by its place in the plan. */
type Trouble = 'none' | 'function errors' | 'a timeout' | 'wrong output' | 'gives up' | 'cut short' | 'not cold';

function troubleOf(cells: readonly Cell[], cell: Cell, settings: Settings): Trouble {
  if (!settings.trouble) return 'none';
  const kinds: Trouble[] = ['function errors', 'a timeout', 'wrong output', 'none', 'not cold', 'none', 'gives up'];
  const index = cells.indexOf(cell);
  if (index === cells.length - 1 && cells.length > 2) return 'cut short';
  return kinds[index] ?? 'none';
}

function sampleRecords(plan: Plan, settings: Settings): Pick<Writer, 'rows' | 'journal'> {
  const writer: Writer = { rows: [], journal: [], nowUs: 0, partBeganUs: 0, part: 1, attempts: 0 };
  const ended = new Set<string>();
  writer.journal.push({ type: 'part_started', part: 1, at: at(0) });
  for (let block = 0; block < settings.blocks; block += 1) {
    const round = shuffled(plan.cells, randomFor(settings.seed, 'round', block));
    if (settings.trouble && block === Math.floor(settings.blocks / 2)) resumeAfterKill(writer, plan, block);
    for (const cell of round) {
      if (ended.has(cell.id)) continue;
      const trouble = troubleOf(plan.cells, cell, settings);
      sampleBlock(writer, cell, block, trouble, settings);
      const reason = endOf(trouble, block, settings);
      if (reason === undefined) continue;
      ended.add(cell.id);
      writer.journal.push({ type: 'cell_ended', part: writer.part, at: wall(writer), cell: cell.id, ...reason });
    }
  }
  writer.journal.push({ type: 'part_ended', part: writer.part, at: wall(writer), why: 'complete' });
  return writer;
}

function endOf(
  trouble: Trouble,
  block: number,
  settings: Settings,
): { status: 'complete' | 'incomplete' | 'failed'; reason?: string } | undefined {
  if (trouble === 'gives up' && block >= 3) {
    return { status: 'failed', reason: 'more than 5 % of its attempts failed (limits.failures)' };
  }
  if (trouble === 'cut short' && block >= settings.blocks - 3) {
    return { status: 'incomplete', reason: 'the time limit of the run was reached (limits.duration)' };
  }
  return block === settings.blocks - 1 ? { status: 'complete' } : undefined;
}

/** The run was killed while one request was under way; part 2 goes on from there. */
function resumeAfterKill(writer: Writer, plan: Plan, block: number): void {
  const cell = plan.cells[0];
  if (cell === undefined) return;
  const attempt_id = nextAttempt(writer);
  const place = { cell: cell.id, block, batch: 90, slot: 0 };
  writer.journal.push({
    type: 'batch',
    part: 1,
    cell: cell.id,
    block,
    batch: 90,
    role: 'counted',
    attempts: [attempt_id],
  });
  writer.rows.push({
    attempt_id,
    part: 1,
    ...place,
    role: 'interrupted',
    reason: 'the run was cut off before an answer',
  });
  writer.partBeganUs += writer.nowUs + 60_000_000;
  writer.nowUs = 0;
  writer.part = 2;
  writer.journal.push({ type: 'part_started', part: 2, at: wall(writer) });
}

function wall(writer: Writer): string {
  return at(writer.partBeganUs + writer.nowUs);
}

function nextAttempt(writer: Writer): string {
  writer.attempts += 1;
  return `a${String(writer.attempts).padStart(8, '0')}`;
}

function sampleBlock(writer: Writer, cell: Cell, block: number, trouble: Trouble, settings: Settings): void {
  const random = randomFor(settings.seed, 'values', cell.id, block);
  // Sandboxes end with their block: what a block has in common shifts all its values a little.
  const shift = Math.exp(0.02 * normal(random));
  const place = { part: writer.part, cell: cell.id, block };
  writer.journal.push({ type: 'block_started', ...place, at: wall(writer), us: writer.nowUs, load_1m: 0.4 });
  let batch = 0;
  let served = 0;
  let sandbox = shortHash([cell.id, block, 'sandbox', 0]);
  function send(role: 'counted' | 'warmup' | 'discarded', index: number | undefined): void {
    const cold = cell.start === 'cold' ? role !== 'discarded' : role === 'warmup';
    if (cold) {
      sandbox = shortHash([cell.id, block, 'sandbox', batch]);
      served = 0;
    }
    const attempt_id = nextAttempt(writer);
    const journalRole = role === 'discarded' ? 'counted' : role;
    writer.journal.push({ type: 'batch', ...place, batch, role: journalRole, attempts: [attempt_id] });
    const head = { attempt_id, ...place, batch, slot: 0, role, ...(index === undefined ? {} : { index }) };
    writer.rows.push({
      ...head,
      ...outcomeOf(writer, cell, { random, shift, cold, sandbox, served, role, trouble, settings, block, index }),
    });
    served += 1;
    batch += 1;
  }
  if (cell.start === 'warm') send('warmup', undefined);
  for (let index = 0; index < settings.perBlock; index += 1) {
    if (trouble === 'not cold' && cell.start === 'cold' && index === 1) send('discarded', undefined);
    send('counted', index);
  }
  writer.journal.push({ type: 'block_done', ...place, at: wall(writer), us: writer.nowUs });
}

interface Circumstances {
  random: Random;
  shift: number;
  cold: boolean;
  sandbox: string;
  served: number;
  role: 'counted' | 'warmup' | 'discarded';
  trouble: Trouble;
  settings: Settings;
  block: number;
  index: number | undefined;
}

function outcomeOf(writer: Writer, cell: Cell, with_: Circumstances): Partial<Invocation> {
  const { random, cold, settings, trouble } = with_;
  const benchmark_us = Math.round(work(cell) * with_.shift * Math.exp(0.12 * normal(random)));
  const stages = {
    queue_us: 20 + random.integer(0, 40),
    ...(cold ? coldStages(cell, random) : {}),
    connect_us: 180 + random.integer(0, 120),
    first_byte_us: benchmark_us + 420 + random.integer(0, 200),
    download_us: 60 + random.integer(0, 60),
  };
  const client_us = Object.values(stages).reduce((sum, stage) => sum + stage, 0);
  const released = { released_at: wall(writer), released_us: writer.nowUs, trigger: cell.trigger };
  const failure = with_.role === 'counted' ? failureOf(trouble, with_, cell) : undefined;
  writer.nowUs += (failure?.outcome === 'timed_out' ? TIMEOUT_S * 1_000_000 : client_us) + 700;
  const base = {
    deployment: cell.deployments[0] ?? '',
    ...released,
    request_bytes: 64,
    connection_reused: false,
    sandbox_id: with_.sandbox,
    start_observed: cold ? ('forced-cold' as const) : ('warm-reused' as const),
    start_agrees: !(trouble === 'not cold' && with_.index === 2 && with_.block === 2),
    memory_limit_by: 'cgroup-v2' as const,
  };
  if (failure?.outcome === 'timed_out') {
    const { queue_us, connect_us } = stages;
    const client = TIMEOUT_S * 1_000_000 + 250_000 + random.integer(0, 900);
    return {
      ...base,
      ...failure,
      queue_us,
      connect_us,
      client_us: client,
      first_byte_us: client - queue_us - connect_us,
    };
  }
  if (failure !== undefined && failure.outcome !== 'invalid_output') {
    return { ...base, ...failure, ...stages, client_us, http_status: 500, response_bytes: 240 };
  }
  const began = writer.partBeganUs + released.released_us + stages.queue_us;
  return {
    ...base,
    ...(with_.role === 'discarded' ? { reason: 'asked for cold, got warm-reused' } : {}),
    ...(failure ?? { outcome: 'ok' }),
    http_status: 200,
    response_bytes: 4_100,
    output_bytes: 3_900,
    output_sha256: sha256(cell.benchmark ?? ''),
    ...stages,
    client_us,
    request_id: shortHash([cell.id, writer.attempts]),
    begin_at: at(began),
    end_at: at(began + benchmark_us),
    benchmark_us,
    ...(cold ? { import_us: Math.round(coldUs(cell.language) * 0.2 * Math.exp(0.1 * normal(random))) } : {}),
    sandbox_started_at: at(began - 50_000),
    invocation_index: with_.served,
    is_cold: cold,
    ...(cold ? {} : { idle_us: 700 + random.integer(0, 200) }),
    memory_peak_bytes: 21_000_000 + random.integer(0, 400_000),
    memory_peak_scope: 'invocation',
    cpu_user_us: Math.round(benchmark_us * 0.8),
    cpu_system_us: Math.round(benchmark_us * 0.1),
    page_faults_minor: 300 + random.integer(0, 40),
    page_faults_major: 0,
    context_switches_voluntary: 3,
    context_switches_involuntary: random.integer(0, 5),
    measurement: Object.fromEntries(
      Object.entries(settings.measurement).map(([key, value]) => [
        key,
        Math.round(value * Math.exp(0.1 * normal(random))),
      ]),
    ),
  };
}

function work(cell: Cell): number {
  return trueMedianUs({ ...cell, start: 'warm' }) - 900;
}

function coldStages(cell: Cell, random: Random): { create_us: number; ready_us: number } {
  const total = coldUs(cell.language) * Math.exp(0.08 * normal(random));
  return { create_us: Math.round(total * 0.1), ready_us: Math.round(total * 0.9) };
}

function failureOf(
  trouble: Trouble,
  { index, block, settings }: Circumstances,
  cell: Cell,
): Pick<Invocation, 'outcome' | 'error_kind' | 'error'> | undefined {
  const text = (plain: string) => (settings.hostile ? `${HOSTILE_FORMULA} ${HOSTILE}` : plain);
  if (trouble === 'function errors' && index === 0 && block < 2) {
    return { outcome: 'failed', error_kind: 'function', error: text("KeyError: 'username' (function.py:12)") };
  }
  if (trouble === 'a timeout' && index === 3 && block === 1) {
    return { outcome: 'timed_out', error_kind: 'timeout', error: text(`no answer within ${TIMEOUT_S} s`) };
  }
  if (trouble === 'wrong output' && index === 1 && block === 4) {
    return {
      outcome: 'invalid_output',
      error_kind: 'validation',
      error: text('result.html: expected at least 1,000 rows, got 999'),
    };
  }
  if (trouble === 'gives up' && index !== undefined && index % 2 === 0) {
    return {
      outcome: 'failed',
      error_kind: 'memory',
      error: text(`killed after it reached its memory limit of ${cell.memory_mb} MB`),
    };
  }
  return undefined;
}

/** A standard normal draw (Box–Muller). */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.unit())) * Math.cos(2 * Math.PI * random.unit());
}

// ---- what stands beside the records

function sampleManifest(id: string, plan: Plan, settings: Settings, suite: string, resolved: string): Manifest {
  const part = (number: number, began: number) => ({
    part: number,
    started_at: at(began),
    ended_at: at(began + 90_000_000),
    duration_us: 90_000_000,
    why_ended: number === 1 && settings.trouble ? 'cut off' : 'complete',
    argv: ['run', 'suite.yaml'],
    tool_version: '0.1.0',
    measuring_lock: true,
  });
  return {
    schema_version: 1,
    run_id: id,
    state: settings.trouble ? 'partial' : 'complete',
    tool: {
      name: 'sebs',
      version: '0.1.0',
      git_commit: '0123456789abcdef',
      git_dirty: false,
      node: 'v20.20.0',
      v8: '11.3',
    },
    suite: {
      name: plan.suite.name,
      ...(plan.suite.description === undefined ? {} : { description: plan.suite.description }),
      raw_sha256: sha256(suite),
      resolved_sha256: sha256(resolved),
    },
    preregistration: {
      seed: settings.seed,
      ci_level: 0.95,
      bootstrap_resamples: 10_000,
      metric: 'client_us',
      quantiles: [0.5, 0.9, 0.95, 0.99],
      stop_rule: 'fixed count',
      warmup_rule: 'one request per sandbox',
      blocks: settings.blocks,
    },
    packages: Object.fromEntries(
      plan.packages.map((pack) => [
        pack.id,
        {
          sha256: hashOf(stableJson(pack)),
          kind: pack.kind,
          size_bytes: 20_480,
          runtime: `${pack.language} ${pack.language_version}`,
          source_sha256: pack.source_sha256,
          cached: true,
        },
      ]),
    ),
    inputs: Object.fromEntries(plan.packages.map((pack) => [`${pack.benchmark}/test`, sha256(pack.benchmark)])),
    platforms: { here: { type: 'process', sharesClientHost: true, memory_limit_by: 'cgroup-v2' } },
    client: {
      os: 'linux',
      kernel: '6.1.0',
      arch: 'x64',
      cpu_model: 'Example CPU @ 2.10GHz',
      cores: 2,
      threads_per_core: 1,
      memory_bytes: 8_589_934_592,
      cgroup: 'v2',
      load_average: [0.4, 0.3, 0.2],
    },
    calibration: {
      requests: 200,
      fresh_p50_us: 310,
      fresh_p99_us: 640,
      keep_alive_p50_us: 140,
      keep_alive_p99_us: 260,
      timer_resolution_ns: 41,
      event_loop_delay_p50_us: 12,
      event_loop_delay_p99_us: 180,
    },
    event_loop: { p50_us: 20, p99_us: 400, max_us: 2_100 },
    parts: settings.trouble ? [part(1, 0), part(2, 150_000_000)] : [part(1, 0)],
    outcome: { cells: { planned: plan.cells.length }, left_behind: [], exit_code: settings.trouble ? 3 : 0 },
    warnings: settings.hostile ? [HOSTILE] : [],
  };
}

function sampleLedger(runId: string): LedgerLine[] {
  const resource = { platform: 'here', kind: 'sandboxes', id: runId };
  const entry = `here/sandboxes/${runId}`;
  const states = ['intended', 'created', 'removed'] as const;
  return states.map((state, index) => ({ entry, at: at(index * 1_000_000), state, resource }));
}

function suiteText(settings: Settings): string {
  const name = JSON.stringify(settings.hostile ? HOSTILE : 'sample');
  return [
    'version: 1',
    `name: ${name}`,
    `seed: ${settings.seed}`,
    'platforms: { here: { type: process } }',
    `benchmarks: ${JSON.stringify(settings.benchmarks)}`,
    `factors: { memory: ${JSON.stringify(settings.memories)} }`,
    `experiments: { cold-warm: { type: perf-cost, starts: ${JSON.stringify(settings.starts)}, repetitions: ${settings.blocks * settings.perBlock} } }`,
    `order: { blocks: ${settings.blocks}, shuffle: true }`,
    '',
  ].join('\n');
}
