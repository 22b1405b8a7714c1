// A complete run folder made of seeded synthetic data, for the tests of results/ and report/. Comes in: a folder and
// what the run should contain; goes out: the folder filled as a real run would leave it, raw/ included. The true
// medians are known (`trueMedianUs`), the same options give the same bytes, and no clock is read.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { LedgerLine } from '../../src/generated/ledger.js';
import type { Manifest } from '../../src/generated/manifest.js';
import type { Plan } from '../../src/generated/plan.js';
import { hashOf, sha256, stableJson } from '../../src/hash.js';
import { type RunFolder, runFolder } from '../../src/results/run-folder.js';
import { samplePlan } from './sample-plan.js';
import { sampleRecords } from './sample-records.js';
import { at, HOSTILE, type SampleRunOptions, type Settings, withDefaults } from './sample-settings.js';

export { HOSTILE, HOSTILE_FORMULA, type SampleRunOptions, trueMedianUs } from './sample-settings.js';

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

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function jsonLines(lines: readonly unknown[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

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
