// Stage 4: from the raw records of a run to its statistics. Comes in: a run folder (manifest, plan, raw/); goes out:
// derived/ with dataframes, summary.json, summary.csv and schema.json, sealed. Works offline, on old runs as well; the
// same input gives the same bytes, and derived/ never holds half of a result.
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from '../generated/manifest.js';
import type { Cell, Plan } from '../generated/plan.js';
import type { CellSummary, Estimate, Independence, Stationarity, Summary } from '../generated/summary.js';
import type { Random } from '../random.js';
import { type CellCounts, countCells, noCounts } from './cell-counts.js';
import { barrierSkew, FACT_COLUMNS, strataOf } from './cell-facts.js';
import { emptySample, SAMPLE_COLUMNS, samplesOf } from './cell-samples.js';
import { sealFolder } from './checksums.js';
import { factorsOf, settingKeys } from './columns.js';
import { compareCells, optionsFor } from './comparisons.js';
import { type Dataframes, openSession, type Session, writeDataframes } from './dataframe.js';
import { frameSchema } from './frame-schema.js';
import { cellEnds } from './journal.js';
import { labelsOf } from './labels.js';
import { type CellRows, latencyRows } from './latency.js';
import { cellNotes, runWarnings } from './notes.js';
import { type RunFolder, readManifest, readPlan } from './run-folder.js';
import { independence } from './statistics/independence.js';
import { estimateMetrics } from './statistics/metric.js';
import { madOutliers, tukeyOutliers } from './statistics/moments.js';
import { clopperPearson } from './statistics/proportion.js';
import { blockMedians, byBlock, type Sample } from './statistics/sample.js';
import { stationarity } from './statistics/stationarity.js';
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
      ...compareCells(plan, manifest, new Map(cells.map((cell) => [cell.cell, cell])), clients),
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
  const columns = [...new Set([...SAMPLE_COLUMNS, ...FACT_COLUMNS])];
  const add = (cell: Cell, rows: CellRows) => {
    const samples = samplesOf(rows, metrics, cell.start);
    found.set(cell.id, summariseCell(context, cell, labels.get(cell.id) ?? cell.id, samples, rows));
    clients.set(cell.id, samples.get('client_us') ?? emptySample());
  };
  for await (const rows of latencyRows(session, parquet, columns, metrics)) {
    const cell = planned.get(rows.cell);
    if (cell !== undefined) add(cell, rows);
  }
  for (const cell of plan.cells) if (!found.has(cell.id)) add(cell, { cell: cell.id, columns: {} });
  return { cells: plan.cells.flatMap((cell) => found.get(cell.id) ?? []), clients };
}

function summariseCell(
  context: Context,
  cell: Cell,
  label: string,
  samples: ReadonlyMap<string, Sample>,
  rows: CellRows,
): CellSummary {
  const { plan, manifest } = context;
  const counts = context.counts.get(cell.id) ?? noCounts();
  const client = samples.get('client_us') ?? emptySample();
  const ordered = Float64Array.from(client.values).sort();
  const { strata, notes } = strataOf(rows);
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
    tukey_outliers: tukeyOutliers(ordered),
    mad_outliers: madOutliers(ordered),
    independence: independenceOf(client),
    stationarity: stationarityOf(client, optionsFor(manifest, 'stationarity', cell.id).random),
    barrier_skew: barrierSkew(rows),
    strata,
  };
  return { ...summary, notes: [...cellNotes(summary, cell, plan, manifest, client), ...notes] };
}

function independenceOf(client: Sample): Independence | null {
  const test = independence(client.values, byBlock(client));
  if (test === null) return null;
  return {
    n: client.values.length,
    autocorrelation: test.autocorrelation,
    autocorrelation_p: test.autocorrelationP,
    runs_p: test.runsP,
    blocks_p: test.blocksP,
    rejected: test.rejected,
  };
}

/** Medians of blocks, in which timed-out attempts are slower than all others; a step to or from them has no size. */
function stationarityOf(client: Sample, random: Random): Stationarity | null {
  const test = stationarity(blockMedians(client), random);
  if (test === null) return null;
  const { trend, step } = test;
  const finite = (value: number) => (Number.isFinite(value) ? value : null);
  return {
    n: test.n,
    trend_tau: trend.tau,
    trend_p: trend.p,
    trend_change: trend.change,
    step_p: step.p,
    step_after: step.after,
    step_before_us: finite(step.before_median),
    step_after_us: finite(step.after_median),
    flagged: test.flagged,
  };
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
