// How far the whole way carries: `node bench/simulated.mjs [invocations]` (1,000,000 unless said) runs a suite of 200 cells in
// 10 blocks on a simulated cloud on which 5 % of the invocations fail, and makes tables, intervals and report of it. Each
// step is a process of its own, for which wall time, CPU time (which others on the machine change less) and the largest
// resident memory are printed. Needs `npm run build`.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { machine } from './machine.mjs';

const dist = new URL('../dist/', import.meta.url);
const self = fileURLToPath(import.meta.url);
const CELLS = 200;
const [, , first, ...rest] = process.argv;
const steps = { measure, frames, derive, report, record };

if (first in steps) {
  const began = performance.now();
  const more = await steps[first](...rest);
  const ms = performance.now() - began;
  const { user, system } = process.cpuUsage();
  const cpu_ms = (user + system) / 1000;
  console.log(JSON.stringify({ ms, cpu_ms, max_rss_kb: process.resourceUsage().maxRSS, ...more }));
} else {
  compare(Number(first ?? 1_000_000));
}

function compare(invocations) {
  console.log(machine());
  const folder = mkdtempSync(join(tmpdir(), 'sebs-bench-simulated-'));
  try {
    const memory = Array.from({ length: CELLS / 2 }, (_, index) => 128 + 32 * index);
    const suite = {
      version: 1,
      name: 'bench',
      platforms: { cloud: { type: 'simulated', faults: { failures: '5%' } } },
      benchmarks: [{ id: '010.sleep', language: 'nodejs', memory }],
      experiments: { 'cold-warm': { type: 'perf-cost', starts: ['cold', 'warm'], repetitions: invocations / CELLS } },
      limits: { failures: '50%', duration: '100000h' },
    };
    writeFileSync(join(folder, 'suite.yaml'), JSON.stringify(suite));
    const record = apart('record', folder);
    console.log(`writing a record: ${record.us.toFixed(1)} µs (row and journal line, appended one by one)`);
    say('plan, run and collect', apart('measure', folder), invocations);
    const run = join(
      folder,
      'reports',
      readdirSync(join(folder, 'reports')).find((name) => name.includes('bench')),
    );
    const raw = statSync(join(run, 'raw', 'invocations.jsonl')).size;
    console.log(`  raw/invocations.jsonl: ${(raw / 2 ** 20).toFixed(0)} MiB`);
    say('dataframes', apart('frames', run), invocations);
    say('dataframes, statistics', apart('derive', run), invocations);
    say('report', apart('report', run), invocations);
    console.log(`  report.html: ${(statSync(join(run, 'report.html')).size / 2 ** 20).toFixed(2)} MiB`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function say(step, { ms, cpu_ms, max_rss_kb }, invocations) {
  const each = ((cpu_ms * 1000) / invocations).toFixed(1);
  console.log(
    `${step}: ${(ms / 1000).toFixed(2)} s, of CPU ${(cpu_ms / 1000).toFixed(2)} s, ${each} µs each; ${(max_rss_kb / 1024).toFixed(0)} MiB resident at most`,
  );
}

function apart(...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--no-maglev', self, ...args], {
    encoding: 'utf8',
    timeout: 590_000,
  });
  if (status !== 0) throw new Error(`${args[0]} failed: ${stderr}`);
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

async function measure(folder) {
  const [{ readSuite, planOf }, { openNewRun }, { execute }, { runFolder }, { newRunId }] = await Promise.all(
    ['read-suite', 'working-run', 'run/execute', 'results/run-folder', 'run/names'].map(
      (name) => import(new URL(`${name}.js`, dist)),
    ),
  );
  const signal = new AbortController().signal;
  const options = {
    suiteFile: join(folder, 'suite.yaml'),
    env: process.env,
    cacheDir: join(folder, 'cache'),
    reportsDir: join(folder, 'reports'),
    argv: [],
    signals: { drain: signal, aborted: signal, name: () => undefined },
    progress: 'silent',
    stderr: process.stderr,
    lock: false,
  };
  mkdirSync(options.reportsDir, { recursive: true });
  const read = await readSuite(options);
  const run = await openNewRun(runFolder(join(options.reportsDir, newRunId('bench'))), read, options);
  const state = await run.begin(planOf(read, run.platforms));
  const { exitCode } = await execute({ ...run.execution, state });
  await run.close();
  if (exitCode !== 0) throw new Error(`the run ended with ${exitCode}`);
}

async function frames(path) {
  const { writeDataframes } = await import(new URL('results/dataframe.js', dist));
  const { runFolder } = await import(new URL('results/run-folder.js', dist));
  const target = join(path, 'bench-frames');
  mkdirSync(target);
  await writeDataframes(runFolder(path), target);
  rmSync(target, { recursive: true });
}

async function derive(path) {
  const { derive: make } = await import(new URL('results/summarise.js', dist));
  const { runFolder } = await import(new URL('results/run-folder.js', dist));
  await make(runFolder(path));
}

async function report(path) {
  const { renderReport } = await import(new URL('report/html.js', dist));
  const { runFolder } = await import(new URL('results/run-folder.js', dist));
  await renderReport(runFolder(path));
}

/** A row and its line in the journal, as a batch of one request writes them. */
async function record(folder) {
  const { openAppendLog } = await import(new URL('run/append-log.js', dist));
  const { SAMPLE_JOURNAL_LINE, SAMPLE_ROW } = sampleLines();
  const rows = openAppendLog(join(folder, 'rows.jsonl'));
  const journal = openAppendLog(join(folder, 'journal.jsonl'));
  const count = 100_000;
  const began = performance.now();
  for (let n = 0; n < count; n += 1) {
    journal.append(SAMPLE_JOURNAL_LINE);
    rows.append(SAMPLE_ROW);
  }
  const us = ((performance.now() - began) * 1000) / count;
  rows.close();
  journal.close();
  return { us };
}

function sampleLines() {
  const attempt = 'c0ffee123456.3.41.0';
  const SAMPLE_ROW = {
    attempt_id: attempt,
    part: 1,
    cell: 'c0ffee123456',
    deployment: 'deployment-c0ffee123456',
    block: 3,
    batch: 41,
    slot: 0,
    index: 340,
    role: 'counted',
    trigger: 'http',
    outcome: 'ok',
    http_status: 200,
    request_bytes: 64,
    response_bytes: 420,
    output_bytes: 18,
    output_sha256: 'c0ffee12c0ffee12c0ffee12c0ffee12c0ffee12c0ffee12c0ffee12c0ffee12',
    released_at: '2000-01-01T00:00:00.000Z',
    released_us: 123_456_789,
    client_us: 91_234,
    queue_us: 0,
    connect_us: 20_123,
    first_byte_us: 71_011,
    download_us: 100,
    connection_reused: false,
    request_id: 'c0ffee123456.3.340',
    begin_at: '2000-01-01T00:00:00.000Z',
    end_at: '2000-01-01T00:00:00.050Z',
    benchmark_us: 50_000,
    is_cold: false,
    sandbox_id: 'sandbox-c0ffee123456.3.w0',
    sandbox_started_at: '2000-01-01T00:00:00.000Z',
    invocation_index: 41,
    start_observed: 'warm-reused',
    start_agrees: true,
    idle_us: 0,
  };
  const SAMPLE_JOURNAL_LINE = {
    type: 'batch',
    part: 1,
    cell: 'c0ffee123456',
    block: 3,
    batch: 41,
    role: 'counted',
    repetition: 340,
    attempts: [attempt],
  };
  return { SAMPLE_ROW, SAMPLE_JOURNAL_LINE };
}
