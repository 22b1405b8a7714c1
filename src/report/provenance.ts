// Stage 5, report. The manifest in, tables of facts out: what ran, where, how, on what floor, and what nobody controlled
// (methodology D9, D11). What was not recorded is said to be so and never shown as 0.
import type { Manifest } from '../generated/manifest.js';
import type { Plan } from '../generated/plan.js';
import { formatBytes, formatUs, plural } from '../units.js';

export interface Fact {
  name: string;
  value: string;
}

export interface FactGroup {
  title: string;
  facts: Fact[];
  note?: string;
}

export function provenance(manifest: Manifest, plan: Plan): FactGroup[] {
  return [what(manifest), code(manifest), ...where(manifest), how(manifest, plan), floor(manifest)].filter(
    (group) => group.facts.length > 0,
  );
}

function what({ suite, run_id }: Manifest): FactGroup {
  const facts = [
    fact('suite', suite.name),
    fact('description', suite.description),
    fact('run', run_id),
    fact('suite file, SHA-256', suite.raw_sha256),
    fact('resolved suite, SHA-256', suite.resolved_sha256),
    ...(suite.rehearsal === true ? [fact('rehearsal', 'yes: not meant to be read as a result')] : []),
  ];
  return { title: 'What', facts: known(facts) };
}

function code({ packages = {}, inputs = {} }: Manifest): FactGroup {
  const packed = Object.entries(packages).map(([id, pack]) => {
    const size = pack.size_bytes === undefined ? [] : [formatBytes(pack.size_bytes)];
    const differs = pack.reported_sha256 !== undefined && pack.reported_sha256 !== pack.sha256;
    const told = differs ? [`the platform reports ${pack.reported_sha256}`] : [];
    return fact(
      `package ${id}`,
      [pack.runtime, pack.kind, ...size, `SHA-256 ${pack.sha256}`, ...told].filter(Boolean).join(', '),
    );
  });
  const data = Object.entries(inputs).map(([name, hash]) => fact(`input ${name}`, `SHA-256 ${hash}`));
  return { title: 'Code under test', facts: known([...packed, ...data]) };
}

function where({ platforms = {}, client }: Manifest): FactGroup[] {
  const groups = Object.entries(platforms).map(([id, said]) => ({ title: `Platform ${id}`, facts: flattened(said) }));
  const host = known([
    fact('operating system', [client.os, client.kernel, client.arch].filter(Boolean).join(' ')),
    fact('CPU', client.cpu_model),
    fact('cores', String(client.cores)),
    fact('threads per core', client.threads_per_core),
    fact('memory', formatBytes(client.memory_bytes)),
    fact('swap', client.swap_bytes === undefined ? undefined : formatBytes(client.swap_bytes)),
    fact('cgroup', client.cgroup),
    fact('clock source', client.clock_source),
  ]);
  return [...groups, { title: 'Client host', facts: host }];
}

function how({ tool, preregistration: fixed, parts }: Manifest, plan: Plan): FactGroup {
  const dirty = tool.git_dirty === true ? ' with uncommitted changes' : '';
  const facts = [
    fact('sebs', tool.git_commit === undefined ? tool.version : `${tool.version}, commit ${tool.git_commit}${dirty}`),
    fact('Node.js', tool.node),
    fact(
      'order',
      `${plural(plan.order.blocks, 'block')} per cell, ${plan.order.shuffle ? 'shuffled anew in each round' : 'not shuffled'}, seed ${plan.seed}`,
    ),
    fact('fixed before the run', fixedText(fixed)),
    fact('stop rule', fixed.stop_rule),
    fact('warm-up rule', fixed.warmup_rule),
    ...parts.map((part) => fact(parts.length > 1 ? `part ${part.part}` : 'measured', partText(part))),
    fact('command', parts[0] === undefined ? undefined : ['sebs', ...parts[0].argv].join(' ')),
  ];
  return { title: 'How', facts: known(facts) };
}

function fixedText(fixed: Manifest['preregistration']): string {
  const quantiles = fixed.quantiles === undefined ? [] : [`quantiles ${fixed.quantiles.join(', ')}`];
  const metric = fixed.metric === undefined ? [] : [`metric ${fixed.metric}`];
  return [
    ...metric,
    ...quantiles,
    `confidence level ${fixed.ci_level}`,
    `${plural(fixed.bootstrap_resamples, 'bootstrap resample')}`,
    `seed ${fixed.seed}`,
  ].join(', ');
}

function partText(part: Manifest['parts'][number]): string {
  const duration = part.duration_us === undefined ? [] : [formatUs(part.duration_us)];
  const why = part.why_ended === undefined || part.why_ended === 'complete' ? [] : [`ended: ${part.why_ended}`];
  const lock = part.measuring_lock === false ? ['without the measuring lock: other runs may have disturbed it'] : [];
  const to = part.ended_at === undefined ? 'unknown' : instant(part.ended_at);
  return [`${instant(part.started_at)} to ${to}`, ...duration, ...why, ...lock].join(', ');
}

/** What the client itself costs: no number in this report can be smaller than this and mean anything. */
function floor({ calibration, event_loop: loop }: Manifest): FactGroup {
  const title = 'Floor of the client';
  if (calibration === undefined) return { title, facts: [fact('calibration', 'not recorded') as Fact] };
  const { timer_resolution_ns: timer } = calibration;
  return {
    title,
    facts: known([
      fact('echo, new connection', quantiles(calibration.fresh_p50_us, calibration.fresh_p99_us, calibration.requests)),
      fact(
        'echo, kept connection',
        quantiles(calibration.keep_alive_p50_us, calibration.keep_alive_p99_us, calibration.requests),
      ),
      fact('timer resolution', timer === undefined ? undefined : `${timer} ns`),
      fact('writing one record', calibration.record_us === undefined ? undefined : formatUs(calibration.record_us)),
      fact(
        'event-loop delay at rest',
        quantiles(calibration.event_loop_delay_p50_us, calibration.event_loop_delay_p99_us),
      ),
      fact('event-loop delay while measuring', quantiles(loop?.p50_us, loop?.p99_us)),
      fact('longest event-loop delay', loop?.max_us === undefined ? undefined : formatUs(loop.max_us)),
    ]),
    note: 'Measured against a built-in echo server on loopback before the first block; single readings of this host, without intervals.',
  };
}

/** Things that change results and that nobody held still; with those that are not on record. */
export function uncontrolled({ client, host_counters: counters = {} }: Manifest): {
  facts: Fact[];
  unrecorded: string[];
} {
  const read: [name: string, value: string | undefined][] = [
    ['load average (1, 5, 15 min)', client.load_average?.map((load) => load.toFixed(2)).join(', ')],
    ['CPU governor', client.governor],
    ['turbo', client.turbo],
    ['microcode', client.microcode],
    ['NUMA nodes', client.numa_nodes?.toString()],
    ['virtualised', client.virtualised],
    ['container', client.container],
    [
      'clock synchronised by NTP',
      client.ntp_synchronised === undefined ? undefined : client.ntp_synchronised ? 'yes' : 'no',
    ],
  ];
  return {
    facts: [...known(read.map(([name, value]) => fact(name, value))), ...flattened(counters)],
    unrecorded: read.filter(([, value]) => value === undefined).map(([name]) => name),
  };
}

/** "2026-02-03 09:30:00 UTC" for an ISO instant; anything else as it is. */
export function instant(iso: string): string {
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/.exec(iso);
  return match === null ? iso : `${match[1]} ${match[2]} UTC`;
}

/** Nested data as a table: `limits.memory: 128`. Bounded, because a platform may say anything. */
function flattened(said: unknown, path = '', depth = 0): Fact[] {
  if (said === null || said === undefined) return [];
  if (typeof said !== 'object' || depth > 3)
    return [{ name: path, value: typeof said === 'object' ? JSON.stringify(said) : String(said) }];
  if (Array.isArray(said) && said.every((member) => typeof member !== 'object'))
    return [{ name: path, value: said.join(', ') }];
  return Object.entries(said)
    .flatMap(([key, value]) => flattened(value, path === '' ? key : `${path}.${key}`, depth + 1))
    .slice(0, 60);
}

function quantiles(p50?: number, p99?: number, n?: number): string | undefined {
  if (p50 === undefined) return undefined;
  return [
    `p50 ${formatUs(p50)}`,
    ...(p99 === undefined ? [] : [`p99 ${formatUs(p99)}`]),
    ...(n === undefined ? [] : [`n = ${n}`]),
  ].join(', ');
}

function fact(name: string, value: string | number | undefined): Fact | null {
  return value === undefined || value === '' ? null : { name, value: String(value) };
}

function known(facts: readonly (Fact | null)[]): Fact[] {
  return facts.filter((one): one is Fact => one !== null);
}
