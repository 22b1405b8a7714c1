import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UsageError } from '../../src/errors.js';
import type { Invocation } from '../../src/generated/invocation.js';
import type { CellSummary, Summary } from '../../src/generated/summary.js';
import { sealProvider, sealRaw, verify } from '../../src/results/checksums.js';
import { labelsOf } from '../../src/results/labels.js';
import { type RunFolder, readManifest, readPlan, writeManifest } from '../../src/results/run-folder.js';
import { loadSamples } from '../../src/results/samples.js';
import { derive, summarise } from '../../src/results/summarise.js';
import { makeSampleRun, trueMedianUs } from '../support/sample-run.js';

const dir = mkdtempSync(join(tmpdir(), 'sebs-summary-'));
let folder: RunFolder;
let summary: Summary;
let records: Invocation[];

beforeAll(async () => {
  folder = makeSampleRun(join(dir, 'run'));
  summary = await derive(folder);
  records = readFileSync(folder.invocations, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Invocation);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function cellLabelled(label: string): CellSummary {
  const cell = summary.cells.find((one) => one.label === label);
  if (cell === undefined)
    throw new Error(`no cell '${label}' among ${summary.cells.map((one) => one.label).join(', ')}`);
  return cell;
}

/** Lower rank of the 95 % interval for the median, by SciPy 1.17 (binom.cdf); the upper one is its mirror. */
const LOW_RANK: Readonly<Record<number, number>> = { 58: 22, 59: 22, 60: 22 };

/** The same numbers by other code: sorting and counting, nothing else. */
function recompute(cell: string): { n: number; p50: number; low: number; high: number } | null {
  const values = records
    .filter((record) => record.cell === cell && record.role === 'counted' && record.outcome === 'ok')
    .map((record) => record.client_us ?? Number.NaN)
    .sort((a, b) => a - b);
  const n = values.length;
  const low = LOW_RANK[n];
  if (low === undefined) return null;
  const p50 = ((values[Math.ceil(n / 2) - 1] ?? 0) + (values[Math.floor(n / 2)] ?? 0)) / 2;
  return { n, p50, low: values[low - 1] ?? 0, high: values[n - low] ?? 0 };
}

describe('a summary', () => {
  test('agrees with its schema', () => {
    const ajv = new Ajv({ strict: false, allErrors: true });
    const validate = ajv.compile(JSON.parse(readFileSync('schemas/summary.schema.json', 'utf8')));
    expect(validate(JSON.parse(readFileSync(join(folder.derived, 'summary.json'), 'utf8'))) || validate.errors).toBe(
      true,
    );
  });

  test('has every cell of the plan in its order, and what was not run', () => {
    const plan = readPlan(folder);
    expect(summary.cells.map((cell) => cell.cell)).toEqual(plan.cells.map((cell) => cell.id));
    expect(summary.not_run).toEqual(plan.skipped.map(({ label, because, reason }) => ({ label, because, reason })));
  });

  test('has the medians and intervals of cold cells that other code computes from the records', () => {
    let compared = 0;
    for (const cell of summary.cells.filter((one) => one.factors.start === 'cold' && one.outcomes.timed_out === 0)) {
      const expected = recompute(cell.cell);
      if (expected === null) continue;
      const p50 = cell.metrics.client_us?.p50;
      expect({ n: p50?.n, p50: p50?.value, low: p50?.ci?.low, high: p50?.ci?.high }).toEqual(expected);
      expect(p50?.ci?.method).toBe('exact order statistics (rows)');
      compared += 1;
    }
    expect(compared).toBeGreaterThan(8);
  });

  test('finds the medians the data were made with', () => {
    const plan = readPlan(folder);
    for (const [index, cell] of summary.cells.entries()) {
      const planned = plan.cells[index];
      if (planned === undefined || cell.status !== 'complete') continue;
      expect(Math.abs((cell.metrics.client_us?.p50.value ?? 0) / trueMedianUs(planned) - 1)).toBeLessThan(0.08);
    }
  });

  test('counts what came of the attempts', () => {
    const failing = cellLabelled('110.dynamic-html · python@3.11 · 128 MB · cold');
    expect(failing).toMatchObject({
      status: 'complete',
      attempts: { counted: 60, warmup: 0, discarded: 0, interrupted: 1 },
      outcomes: { ok: 58, failed: 2, timed_out: 0, throttled: 0, invalid_output: 0 },
      failures: [
        { role: 'counted', kind: 'function', reason: "KeyError: 'username' (function.py:12)", count: 2 },
        { role: 'interrupted', kind: 'interrupted', reason: 'the run was cut off before an answer', count: 1 },
      ],
      start_observed: { 'forced-cold': 60 },
      blocks: 10,
      sandboxes: 60,
      failure_rate: { value: 2 / 60, n: 60, units: 60, no_ci: null, ci: { level: 0.95, method: 'Clopper–Pearson' } },
    });
    // SciPy 1.17: binomtest(2, 60).proportion_ci(0.95, 'exact').
    expect(failing.failure_rate.ci?.low).toBeCloseTo(0.004062624642031927, 10);
    expect(failing.failure_rate.ci?.high).toBeCloseTo(0.11528104441925217, 10);
  });

  test('keeps warm-up and discarded attempts apart from the counted ones', () => {
    const warm = cellLabelled('110.dynamic-html · python@3.11 · 256 MB · warm');
    expect(warm.attempts).toEqual({ counted: 60, warmup: 10, discarded: 0, interrupted: 0 });
    const discarding = cellLabelled('110.dynamic-html · python@3.11 · 512 MB · cold');
    expect(discarding.attempts).toEqual({ counted: 60, warmup: 0, discarded: 10, interrupted: 0 });
    expect([warm, discarding].map((cell) => [cell.metrics.client_us?.n, cell.failure_rate.n])).toEqual([
      [60, 60],
      [60, 60],
    ]);
  });

  test('takes wrong answers out of the latency sample and into the failure rate', () => {
    const wrong = cellLabelled('110.dynamic-html · python@3.11 · 256 MB · cold');
    expect(wrong.outcomes).toEqual({ ok: 59, failed: 0, timed_out: 0, throttled: 0, invalid_output: 1 });
    expect(wrong.metrics.client_us?.n).toBe(59);
    expect(wrong.failure_rate).toMatchObject({ value: 1 / 60, n: 60 });
  });

  test('says what must be known beside the numbers', () => {
    expect(cellLabelled('110.dynamic-html · python@3.11 · 128 MB · warm').notes).toEqual([
      '1 attempt timed out: it enters as a lower bound, so the mean is not known.',
      'No interval for p90 (effective n = 26 < 36: rows of a block may resemble each other), p95 (n = 60 < 72), p99 (n = 60 < 368).',
      'Client and function share the 2 cores of one machine.',
    ]);
    expect(cellLabelled('110.dynamic-html · python@3.11 · 512 MB · cold').notes).toEqual([
      '10 attempts (14.3 %) left the sample: they, or others of their batch, did not meet the asked cold start.',
      'The evidence for the start disagrees in 1 of 60 attempts.',
      'No interval for p95 (n = 60 < 72), p99 (n = 60 < 368).',
      'Client and function share the 2 cores of one machine.',
    ]);
    expect(summary.warnings).toEqual([
      'The run is partial: every figure is partial.',
      '1 cell of 24: failed.',
      '1 cell of 24: incomplete.',
      '1 cell of the suite not run, with the reason of each.',
      'The run was resumed 1 time: its parts were measured at different times.',
    ]);
  });

  test('compares each cold cell with the warm one that differs only in start', () => {
    expect(summary.penalties).toHaveLength(12);
    const settings = (id: string) => {
      const { start, ...rest } = summary.cells.find((cell) => cell.cell === id)?.factors ?? {};
      return { start, rest };
    };
    for (const { cold, warm, difference, cold_median, warm_median } of summary.penalties) {
      expect(settings(cold).rest).toEqual(settings(warm).rest);
      expect([settings(cold).start, settings(warm).start]).toEqual(['cold', 'warm']);
      expect(difference.value).toBe((cold_median.value ?? 0) - (warm_median.value ?? 0));
    }
  });

  test('is one row per cell in summary.csv', () => {
    const [header = '', ...rows] = readFileSync(join(folder.derived, 'summary.csv'), 'utf8').trimEnd().split('\n');
    expect(rows).toHaveLength(summary.cells.length);
    const columns = header.split(',');
    for (const name of [
      'client_us_p50',
      'client_us_p50_low',
      'client_us_p50_high',
      'client_us_p50_ci_method',
      'client_us_p95_no_ci',
      'failure_rate',
      'measurement_compute_us_p50',
    ]) {
      expect(columns).toContain(name);
    }
    // The third cell has neither commas nor quotes before these columns.
    const cell = summary.cells[2];
    const row = rows[2]?.split(',') ?? [];
    expect(row[columns.indexOf('memory_mb')]).toBe(String(cell?.factors.memory_mb));
    expect(Number(row[columns.indexOf('outcome_ok')])).toBe(cell?.outcomes.ok);
  });
});

describe('the status of a cell', () => {
  test('is how it ended last', () => {
    expect(cellLabelled('110.dynamic-html · nodejs@20 · 128 MB · cold')).toMatchObject({
      status: 'failed',
      reason: 'more than 5 % of its attempts failed (limits.failures)',
    });
    expect(cellLabelled('311.compression · nodejs@20 · 512 MB · warm')).toMatchObject({
      status: 'incomplete',
      reason: 'the time limit of the run was reached (limits.duration)',
    });
  });

  test('is not reached when it never ended', async () => {
    const run = makeSampleRun(join(dir, 'unended'), { blocks: 2, memories: [128], benchmarks: ['b'], trouble: false });
    const plan = readPlan(run);
    const [first, second] = plan.cells;
    const lines = readFileSync(run.journal, 'utf8')
      .split('\n')
      .filter((line) => !line.includes('cell_ended'));
    writeFileSync(run.journal, lines.join('\n'));
    appendFileSync(
      run.journal,
      `${JSON.stringify({ type: 'cell_ended', part: 1, at: '2026-01-01T00:00:00.000Z', cell: second?.id, status: 'incomplete' })}\n{"type":"cell_ended","part":1,"ce`,
    );
    const { cells } = await derive(run);
    expect(cells.map(({ status, reason }) => ({ status, reason })).slice(0, 2)).toEqual([
      { status: 'not reached', reason: 'the run ended during it, after 12 counted attempts' },
      { status: 'incomplete', reason: null },
    ]);
    expect(cells[0]?.cell).toBe(first?.id);
  });
});

describe('deriving', () => {
  function bytesOf(run: RunFolder): Record<string, string> {
    return Object.fromEntries(
      readdirSync(run.derived).map((name) => [name, readFileSync(join(run.derived, name)).toString('base64')]),
    );
  }

  test('again gives the same bytes', async () => {
    const before = bytesOf(folder);
    expect(Object.keys(before).sort()).toEqual([
      'CHECKSUMS',
      'invocations.csv',
      'invocations.parquet',
      'result.csv',
      'schema.json',
      'summary.csv',
      'summary.json',
    ]);
    await derive(folder);
    expect(bytesOf(folder)).toEqual(before);
    await summarise(folder);
    expect(bytesOf(folder)).toEqual(before);
  });

  test('removes what an earlier one left, and what a killed one left beside it', async () => {
    const run = makeSampleRun(join(dir, 'stale'), { blocks: 1, memories: [128], benchmarks: ['b'] });
    for (const name of ['derived', 'derived.next', 'derived.last']) {
      mkdirSync(join(run.path, name), { recursive: true });
      writeFileSync(join(run.path, name, 'old.csv'), 'old');
    }
    await derive(run);
    expect(existsSync(join(run.derived, 'old.csv'))).toBe(false);
    expect(readdirSync(run.path).filter((name) => name.startsWith('derived'))).toEqual(['derived']);
  });

  test('leaves the old results in place when the records cannot be read', async () => {
    const run = makeSampleRun(join(dir, 'kept'), { blocks: 1, memories: [128], benchmarks: ['b'] });
    await derive(run);
    const before = bytesOf(run);
    appendFileSync(run.invocations, 'not json\n');
    await expect(derive(run)).rejects.toThrow(/line \d+/);
    expect(bytesOf(run)).toEqual(before);
  });

  test('names rows whose cell is not in the plan and keeps them out of the statistics', async () => {
    const run = makeSampleRun(join(dir, 'strangers'), { blocks: 1, memories: [128], benchmarks: ['b'] });
    const [line = ''] = readFileSync(run.invocations, 'utf8').split('\n');
    appendFileSync(run.invocations, `${JSON.stringify({ ...JSON.parse(line), cell: 'stranger' })}\n`);
    const { cells, warnings } = await derive(run);
    expect(cells.map((cell) => cell.cell)).not.toContain('stranger');
    expect(warnings).toContain(
      'raw/invocations.jsonl has rows of a cell that plan.json does not have: stranger. They are in invocations.csv only.',
    );
  });
});

describe('the samples for charts', () => {
  test('are the rows the statistics rest on', async () => {
    const samples = await loadSamples(folder);
    expect(samples.map(({ cell, rows }) => [cell, rows.length])).toEqual(
      summary.cells.map((cell) => [cell.cell, cell.metrics.client_us?.n]),
    );
    const timedOut = samples.flatMap(({ rows }) => rows).filter((row) => row.outcome === 'timed_out');
    expect(timedOut).toHaveLength(1);
    expect(timedOut[0]).toMatchObject({ client_us: 3_000_000, block: 1, part: 1, start_observed: 'warm-reused' });
    const [first] = samples[0]?.rows ?? [];
    const record = records.find(
      (one) => one.cell === samples[0]?.cell && one.block === first?.block && one.batch === first?.batch,
    );
    expect(first).toEqual({
      block: record?.block,
      batch: record?.batch,
      slot: record?.slot,
      part: record?.part,
      released_us: record?.released_us,
      outcome: 'ok',
      start_observed: 'forced-cold',
      client_us: record?.client_us,
      benchmark_us: record?.benchmark_us,
    });
  });

  test('need derived/, and say how to make it', async () => {
    const run = makeSampleRun(join(dir, 'underived'), { blocks: 1, memories: [128] });
    const error = await loadSamples(run).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).hint).toBe('sebs process underived makes it from raw/');
  });
});

describe('labels', () => {
  const [cell] = readPlan(makeSampleRun(join(dir, 'labels'), { blocks: 1 })).cells;

  test('show only what differs', () => {
    if (cell === undefined) throw new Error('no cell');
    const cells = [cell, { ...cell, id: 'b', memory_mb: 256 }, { ...cell, id: 'c', memory_mb: null, concurrency: 4 }];
    expect([...labelsOf(cells).values()]).toEqual(['128 MB', '256 MB', '4 at once']);
  });

  test('of a single cell name its benchmark and start, and equal ones are numbered', () => {
    if (cell === undefined) throw new Error('no cell');
    expect([...labelsOf([cell]).values()]).toEqual(['110.dynamic-html · cold']);
    expect([...labelsOf([cell, { ...cell, id: 'b' }]).values()]).toEqual([
      '110.dynamic-html · cold',
      '110.dynamic-html · cold (2)',
    ]);
  });
});

describe('seals', () => {
  function sealedRun(name: string): RunFolder {
    const run = makeSampleRun(join(dir, name), { blocks: 1, memories: [128], benchmarks: ['b'] });
    writeFileSync(join(run.logs, 'odd\\name\nhere.log'), 'x');
    return run;
  }

  test('are what sha256sum reads, sorted, and in order when nothing changed', async () => {
    const run = sealedRun('sealed');
    await derive(run);
    const root = sealRaw(run);
    writeManifest(run, { ...readManifest(run), seals: { raw: root } });
    expect(verify(run)).toEqual([]);
    for (const path of [run.raw, run.derived]) {
      execFileSync('sha256sum', ['--check', '--strict', '--quiet', 'CHECKSUMS'], { cwd: path });
    }
    expect(sealRaw(run)).toBe(root);
  });

  test('show what changed, went missing or was added', async () => {
    const run = sealedRun('changed');
    await derive(run);
    writeManifest(run, { ...readManifest(run), seals: { raw: sealRaw(run) } });
    appendFileSync(run.invocations, '\n');
    rmSync(run.ledger);
    writeFileSync(join(run.derived, 'extra.csv'), '');
    expect(
      verify(run)
        .map(({ file, kind }) => `${kind}: ${file}`)
        .sort(),
    ).toEqual(['added: derived/extra.csv', 'changed: raw/invocations.jsonl', 'missing: raw/ledger.jsonl']);
    sealRaw(run);
    expect(verify(run).map(({ file, kind }) => `${kind}: ${file}`)).toContain('seal: raw/CHECKSUMS');
  });

  test('say that a run was never closed', () => {
    const run = sealedRun('open');
    expect(verify(run).map(({ text }) => text)).toEqual([
      'raw/ has no CHECKSUMS: it was never closed',
      'derived/ has no CHECKSUMS: it was never closed',
    ]);
  });

  test('of a later collect stand beside that of raw/, which does not change', async () => {
    const run = sealedRun('later');
    await derive(run);
    const root = sealRaw(run);
    mkdirSync(join(run.provider, '1'), { recursive: true });
    writeFileSync(join(run.provider, '1', 'metrics.jsonl'), '');
    sealProvider(run, 1);
    writeManifest(run, { ...readManifest(run), seals: { raw: root } });
    expect(verify(run)).toEqual([]);
    appendFileSync(join(run.provider, '1', 'metrics.jsonl'), '\n');
    expect(verify(run).map(({ file }) => file)).toEqual(['raw/provider/1/metrics.jsonl']);
  });
});
