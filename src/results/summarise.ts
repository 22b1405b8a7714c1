// Stage 4: from the raw records of a run to its statistics. Comes in: a run folder (manifest, plan, raw/); goes out:
// derived/ with dataframes, summary.json, summary.csv and schema.json, sealed. Works offline, on old runs as well; the
// same input gives the same bytes, and derived/ never holds half of a result.
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from '../generated/manifest.js';
import type { Cell, Plan } from '../generated/plan.js';
import type { CellSummary, ColdPenalty, Estimate, Summary } from '../generated/summary.js';
import { stableJson } from '../hash.js';
import { randomFor } from '../random.js';
import { type CellCounts, countCells, noCounts } from './cell-counts.js';
import { emptySample, SAMPLE_COLUMNS, samplesOf } from './cell-samples.js';
import { sealFolder } from './checksums.js';
import { factorsOf, settingKeys } from './columns.js';
import { type Dataframes, openSession, type Session, writeDataframes } from './dataframe.js';
import { frameSchema } from './frame-schema.js';
import { cellEnds } from './journal.js';
import { labelsOf } from './labels.js';
import { latencyRows } from './latency.js';
import { cellNotes, runWarnings } from './notes.js';
import { type RunFolder, readManifest, readPlan } from './run-folder.js';
import { type EstimateOptions, estimateMetrics, type Sample } from './statistics/metric.js';
import { tukeyOutliers } from './statistics/moments.js';
import { medianPenalty } from './statistics/penalty.js';
import { clopperPearson } from './statistics/proportion.js';
import { summaryTable } from './summary-csv.js';

/** Columns that are metrics where a row has them, whatever their names. */
const FURTHER: ReadonlySet<string> = new Set(['measurement', 'cost']);

/** What is summarised, in this order; measurement_* follow. */
export const METRICS = [
  'client_us',
  'benchmark_us',
  'first_byte_us',
  'connect_us',
  'create_us',
  'start_us',
  'ready_us',
  'import_us',
  'memory_peak_bytes',
  'cpu_user_us',
] as const;

/**
 * Makes all of derived/ anew, beside the old one, which stays until the new one is whole. A kill between the two renames
 * leaves neither under its name: the next derive makes it. Two at once on one run would tread on each other.
 */
export async function derive(folder: RunFolder): Promise<Summary> {
  const next = join(folder.path, 'derived.next');
  const last = join(folder.path, 'derived.last');
  await rm(next, { recursive: true, force: true });
  await mkdir(next, { recursive: true });
  const frames = await writeDataframes(folder, next);
  const summary = await writeSummary(folder, frames, next);
  sealFolder(next);
  await rm(last, { recursive: true, force: true });
  if (existsSync(folder.derived)) await rename(folder.derived, last);
  await rename(next, folder.derived);
  await rm(last, { recursive: true, force: true });
  return summary;
}

/** The statistics of a run. They rest on dataframes of the same records, so both are made together. */
export function summarise(folder: RunFolder): Promise<Summary> {
  return derive(folder);
}

async function writeSummary(folder: RunFolder, frames: Dataframes, target: string): Promise<Summary> {
  const summary = await summaryOf(folder, frames, target);
  const table = await summaryTable(summary);
  await writeFile(join(target, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`);
  await writeFile(join(target, 'summary.csv'), table.csv);
  await writeFile(
    join(target, 'schema.json'),
    `${JSON.stringify(frameSchema(frames.columns, table.columns), null, 2)}\n`,
  );
  return summary;
}

async function summaryOf(folder: RunFolder, frames: Dataframes, target: string): Promise<Summary> {
  const context = await openContext(folder, frames, target);
  try {
    const { cells, clients } = await summariseCells(context);
    const { plan, manifest } = context;
    const known = new Set(plan.cells.map((cell) => cell.id));
    const summary: Omit<Summary, 'warnings'> = {
      schema_version: 1,
      run_id: manifest.run_id,
      state: manifest.state,
      ci_level: manifest.preregistration.ci_level,
      bootstrap_resamples: manifest.preregistration.bootstrap_resamples,
      seed: manifest.preregistration.seed,
      cells,
      penalties: penaltiesOf(context, new Map(cells.map((cell) => [cell.cell, cell])), clients),
      not_run: plan.skipped.map(({ label, because, reason }) => ({ label, because, reason })),
    };
    const strangers = [...context.counts.keys()].filter((cell) => !known.has(cell)).sort();
    return { ...summary, warnings: runWarnings(summary, manifest, { torn: frames.torn, strangers }) };
  } finally {
    context.session.close();
    await rm(context.scratch, { recursive: true, force: true });
  }
}

interface Context {
  plan: Plan;
  manifest: Manifest;
  session: Session;
  scratch: string;
  parquet: string;
  metrics: string[];
  counts: Map<string, CellCounts>;
  ends: Awaited<ReturnType<typeof cellEnds>>;
}

async function openContext(folder: RunFolder, { columns }: Dataframes, target: string): Promise<Context> {
  const scratch = join(target, 'scratch');
  const session = await openSession(scratch);
  const parquet = join(target, 'invocations.parquet');
  return {
    plan: readPlan(folder),
    manifest: readManifest(folder),
    session,
    scratch,
    parquet,
    metrics: [...METRICS, ...columns.filter(({ source }) => FURTHER.has(source)).map(({ name }) => name)],
    counts: await countCells(session, parquet),
    ends: await cellEnds(folder.journal),
  };
}

/** One cell in memory at a time; of each only the sample of client time is kept, for the penalties. */
async function summariseCells(context: Context): Promise<{ cells: CellSummary[]; clients: Map<string, Sample> }> {
  const { plan, session, parquet, metrics } = context;
  const planned = new Map(plan.cells.map((cell) => [cell.id, cell]));
  const labels = labelsOf(plan.cells);
  const found = new Map<string, CellSummary>();
  const clients = new Map<string, Sample>();
  const add = (cell: Cell, samples: ReadonlyMap<string, Sample>) => {
    found.set(cell.id, summariseCell(context, cell, labels.get(cell.id) ?? cell.id, samples));
    clients.set(cell.id, samples.get('client_us') ?? emptySample());
  };
  for await (const rows of latencyRows(session, parquet, SAMPLE_COLUMNS, metrics)) {
    const cell = planned.get(rows.cell);
    if (cell !== undefined) add(cell, samplesOf(rows, metrics, cell.start));
  }
  for (const cell of plan.cells) if (!found.has(cell.id)) add(cell, new Map([['client_us', emptySample()]]));
  return { cells: plan.cells.flatMap((cell) => found.get(cell.id) ?? []), clients };
}

function summariseCell(context: Context, cell: Cell, label: string, samples: ReadonlyMap<string, Sample>): CellSummary {
  const { plan, manifest } = context;
  const counts = context.counts.get(cell.id) ?? noCounts();
  const client = samples.get('client_us') ?? emptySample();
  const summary: Omit<CellSummary, 'notes'> = {
    cell: cell.id,
    label,
    factors: factorsOf(cell, settingKeys(plan.cells)),
    ...statusOf(context, cell, counts),
    attempts: counts.attempts,
    outcomes: counts.outcomes,
    failures: counts.failures,
    start_observed: counts.startObserved,
    start_disagreements: counts.startDisagreements,
    blocks: counts.blocks,
    sandboxes: counts.sandboxes,
    failure_rate: failureRate(counts, manifest.preregistration.ci_level),
    metrics: estimateMetrics(samples, optionsFor(manifest, 'metrics', cell.id)),
    tukey_outliers: tukeyOutliers(Float64Array.from(client.values).sort()),
  };
  return { ...summary, notes: cellNotes(summary, cell, plan, manifest, client) };
}

/** Draws of their own for each cell, whatever else the run holds. */
function optionsFor(manifest: Manifest, ...label: string[]): EstimateOptions {
  const { ci_level, bootstrap_resamples, seed } = manifest.preregistration;
  return { level: ci_level, resamples: bootstrap_resamples, random: randomFor(seed, 'bootstrap', ...label) };
}

function statusOf({ ends }: Context, cell: Cell, counts: CellCounts): Pick<CellSummary, 'status' | 'reason'> {
  const end = ends.get(cell.id);
  if (end !== undefined) return { status: end.status, reason: end.reason ?? null };
  const { counted } = counts.attempts;
  const reason =
    counted === 0 ? 'the run ended before it' : `the run ended during it, after ${counted} counted attempts`;
  return { status: 'not reached', reason };
}

function failureRate({ outcomes }: CellCounts, level: number): Estimate {
  const failures = outcomes.failed + outcomes.timed_out + outcomes.throttled + outcomes.invalid_output;
  const n = failures + outcomes.ok;
  if (n === 0) return { value: null, n, ci: null, no_ci: 'n = 0' };
  const ci = { ...clopperPearson(failures, n, level), level, method: 'Clopper–Pearson' };
  return { value: failures / n, n, units: n, ci, no_ci: null };
}

/** Each cold cell against the warm cell that differs only in start. */
function penaltiesOf(
  { plan, manifest }: Context,
  summaries: ReadonlyMap<string, CellSummary>,
  clients: ReadonlyMap<string, Sample>,
): ColdPenalty[] {
  const warm = new Map(plan.cells.filter((cell) => cell.start === 'warm').map((cell) => [besidesStart(cell), cell]));
  return plan.cells.flatMap((cold) => {
    const partner = cold.start === 'cold' ? warm.get(besidesStart(cold)) : undefined;
    if (partner === undefined) return [];
    const coldSample = clients.get(cold.id) ?? emptySample();
    const warmSample = clients.get(partner.id) ?? emptySample();
    const coldMedian = summaries.get(cold.id)?.metrics.client_us?.p50;
    const warmMedian = summaries.get(partner.id)?.metrics.client_us?.p50;
    if (coldMedian === undefined || warmMedian === undefined) return [];
    const options = optionsFor(manifest, 'penalty', cold.id, partner.id);
    return [
      {
        cold: cold.id,
        warm: partner.id,
        metric: 'client_us',
        cold_median: coldMedian,
        warm_median: warmMedian,
        ...medianPenalty(coldSample, warmSample, options),
      },
    ];
  });
}

/** All that makes a cell what it is, but for its start (how cold that is included) and how often it is repeated. */
function besidesStart(cell: Cell): string {
  const {
    id: _id,
    start: _start,
    cold_level: _level,
    repetitions: _repetitions,
    deployments: _deployments,
    ...rest
  } = cell;
  return stableJson(rest);
}
