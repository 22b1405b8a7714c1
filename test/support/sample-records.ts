import type { Invocation } from '../../src/generated/invocation.js';
import type { JournalLine } from '../../src/generated/journal.js';
import type { Cell, Plan } from '../../src/generated/plan.js';
import { sha256, shortHash } from '../../src/hash.js';
import { type Random, randomFor, shuffled } from '../../src/random.js';

import { at, coldUs, HOSTILE, HOSTILE_FORMULA, type Settings, TIMEOUT_S, trueMedianUs } from './sample-settings.js';

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

export function sampleRecords(plan: Plan, settings: Settings): Pick<Writer, 'rows' | 'journal'> {
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
