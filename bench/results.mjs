// How long stage 4 takes: `node bench/results.mjs [--million]` writes a synthetic run folder of 100,000 rows (and of
// 1,000,000 with the flag), derives it in a process of its own, and prints wall time and the largest resident memory.
// Needs the built package (`npm run build`).
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

const [, self, command, target] = process.argv;
if (command === '--derive') await derive(target);
else await compare(process.argv.includes('--million') ? [100_000, 1_000_000] : [100_000]);

async function derive(path) {
  const { runFolder } = await import('../dist/results/run-folder.js');
  const { derive: make } = await import('../dist/results/summarise.js');
  const began = performance.now();
  const summary = await make(runFolder(path));
  const ms = performance.now() - began;
  console.log(JSON.stringify({ ms, cells: summary.cells.length, max_rss_kb: process.resourceUsage().maxRSS }));
}

async function compare(sizes) {
  const [cpu] = cpus();
  console.log(
    `machine: ${cpu?.model}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(1)} GiB, Node.js ${process.version}`,
  );
  for (const rows of sizes) {
    const folder = mkdtempSync(join(tmpdir(), 'sebs-bench-results-'));
    try {
      await writeRun(folder, rows);
      const megabytes = statSync(join(folder, 'raw', 'invocations.jsonl')).size / 2 ** 20;
      const results = Array.from({ length: rows > 500_000 ? 1 : 3 }, () => deriveApart(folder)).sort(
        (a, b) => a.ms - b.ms,
      );
      const middle = results[Math.floor(results.length / 2)];
      console.log(
        `derive ${rows.toLocaleString('en-US')} rows (${megabytes.toFixed(0)} MiB, ${middle.cells} cells): ` +
          `${(middle.ms / 1000).toFixed(2)} s, ${(middle.max_rss_kb / 1024).toFixed(0)} MiB resident at most (n = ${results.length}, median)`,
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

function deriveApart(folder) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [self, '--derive', folder], {
    encoding: 'utf8',
    timeout: 120_000,
  });
  if (status !== 0) throw new Error(`derive failed: ${stderr}`);
  return JSON.parse(stdout);
}

/** 20 cells, half of them cold, 10 blocks. */
async function writeRun(folder, rows) {
  mkdirSync(join(folder, 'raw'), { recursive: true });
  const cells = Array.from({ length: 20 }, (_, index) => ({
    id: `cell${String(index).padStart(8, '0')}`,
    experiment: 'cold-warm',
    experiment_type: 'perf-cost',
    platform: 'here',
    benchmark: '110.dynamic-html',
    benchmark_version: 1,
    language: 'python',
    language_version: '3.11',
    architecture: 'x64',
    memory_mb: 128 * (1 + Math.floor(index / 2)),
    timeout_s: 60,
    package: 'directory',
    trigger: 'http',
    connection: 'fresh',
    input: 'test',
    start: index % 2 === 0 ? 'cold' : 'warm',
    concurrency: 1,
    settings: {},
    repetitions: { min: rows / 20, max: rows / 20 },
    deployments: [`deployment${index}`],
  }));
  const plan = {
    schema_version: 1,
    suite: { name: 'bench', sha256: '' },
    seed: 1,
    order: { blocks: 10, shuffle: true },
    limits: {},
    unsupported: 'skip',
    teardown: 'always',
    platforms: [{ id: 'here', type: 'synthetic', options: {} }],
    packages: [],
    deployments: [],
    cells,
    skipped: [],
    tasks: [],
    estimate: { invocations: { min: rows, max: rows }, duration_s: { min: 1, max: 1 }, usd: null },
  };
  const manifest = {
    schema_version: 1,
    run_id: 'bench',
    state: 'complete',
    tool: { name: 'sebs', version: '0', node: process.version },
    suite: { name: 'bench', raw_sha256: '', resolved_sha256: '' },
    preregistration: { seed: 1, ci_level: 0.95, bootstrap_resamples: 10_000 },
    client: { os: 'linux', cpu_model: 'synthetic', cores: 2, memory_bytes: 1 },
    parts: [{ part: 1, started_at: '2026-01-01T00:00:00.000Z', argv: [] }],
  };
  writeFileSync(join(folder, 'plan.json'), JSON.stringify(plan));
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'raw', 'journal.jsonl'), '');
  const out = createWriteStream(join(folder, 'raw', 'invocations.jsonl'));
  // A linear congruential generator: the draws need only be the same every time.
  let state = 12345;
  const unit = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const perBlock = rows / 200;
  let written = 0;
  for (let block = 0; block < 10; block += 1) {
    for (const cell of cells) {
      for (let index = 0; index < perBlock; index += 1) {
        const cold = cell.start === 'cold';
        const benchmark_us = Math.round(4000 * Math.exp(0.3 * (unit() + unit() + unit() - 1.5)));
        const stages = {
          queue_us: 20 + Math.floor(unit() * 40),
          ...(cold ? { create_us: 4000, ready_us: 30_000 + Math.floor(unit() * 9000) } : {}),
          connect_us: 200,
          first_byte_us: benchmark_us + 500,
          download_us: 80,
        };
        const client_us = Object.values(stages).reduce((a, b) => a + b, 0);
        written += 1;
        const line = JSON.stringify({
          attempt_id: `a${written}`,
          part: 1,
          cell: cell.id,
          deployment: cell.deployments[0],
          block,
          batch: index,
          slot: 0,
          index,
          role: 'counted',
          trigger: 'http',
          outcome: 'ok',
          http_status: 200,
          request_bytes: 64,
          response_bytes: 4100,
          released_at: '2026-01-01T00:00:00.000Z',
          released_us: written * 5000,
          client_us,
          ...stages,
          connection_reused: false,
          request_id: `r${written}`,
          benchmark_us,
          sandbox_id: cold ? `s${written}` : `s${cell.id}-${block}`,
          invocation_index: cold ? 0 : index,
          is_cold: cold,
          start_observed: cold ? 'forced-cold' : 'warm-reused',
          start_agrees: true,
          memory_limit_by: 'cgroup-v2',
          memory_peak_bytes: 21_000_000,
          memory_peak_scope: 'invocation',
          cpu_user_us: benchmark_us,
          cpu_system_us: 300,
          page_faults_minor: 300,
          measurement: { compute_us: benchmark_us - 10 },
        });
        if (!out.write(`${line}\n`)) await once(out, 'drain');
      }
    }
  }
  out.end();
  await once(out, 'finish');
}
