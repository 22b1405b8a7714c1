// What a reader must know beside the numbers of a cell or a run, in words. Comes in: summaries and what is known of the
// run; goes out: sentences. Pure.
import type { Manifest } from '../generated/manifest.js';
import type { Cell, Plan } from '../generated/plan.js';
import type { CellSummary, MetricSummary, Summary } from '../generated/summary.js';
import { formatShare, formatUs, plural } from '../units.js';
import { independence } from './statistics/independence.js';
import { byBlock, type Sample } from './statistics/sample.js';
import { STATIONARITY_ALPHA } from './statistics/stationarity.js';

/** Notes of one cell, in the order in which they matter. */
export function cellNotes(
  summary: Omit<CellSummary, 'notes'>,
  cell: Cell,
  plan: Plan,
  manifest: Manifest,
  client: Sample,
): string[] {
  return [
    ...failureNotes(summary, plan),
    ...startNotes(summary, cell),
    ...intervalNotes(summary.metrics.client_us),
    ...dependenceNotes(client),
    ...stationarityNotes(summary.stationarity ?? null),
    ...contentionNotes(cell, manifest),
  ];
}

function failureNotes({ outcomes, attempts, metrics, failure_rate }: Omit<CellSummary, 'notes'>, plan: Plan): string[] {
  const notes: string[] = [];
  const limit = plan.limits.failures;
  const rate = failure_rate.value;
  if (limit !== undefined && rate !== null && rate > limit) {
    notes.push(`${formatShare(rate)} of its attempts failed, more than the limit of ${formatShare(limit)}.`);
  }
  const left = outcomes.failed + outcomes.throttled + outcomes.invalid_output;
  if (left > 0) notes.push(`${plural(left, 'failed or wrong answer')} of ${attempts.counted} left the latency sample.`);
  const censored = metrics.client_us?.censored ?? 0;
  if (censored > 0) {
    const them = censored === 1 ? 'it enters as a lower bound' : 'they enter as lower bounds';
    notes.push(`${plural(censored, 'attempt')} timed out: ${them}, so the mean is not known.`);
  }
  return notes;
}

function startNotes(summary: Omit<CellSummary, 'notes'>, cell: Cell): string[] {
  const notes: string[] = [];
  const { discarded, counted } = summary.attempts;
  if (discarded > 0) {
    const share = formatShare(discarded / (discarded + counted));
    notes.push(
      `${plural(discarded, 'attempt')} (${share}) left the sample: they, or others of their batch, did not meet the asked ${cell.start} start.`,
    );
  }
  const disagree = summary.start_disagreements ?? 0;
  if (disagree > 0) notes.push(`The evidence for the start disagrees in ${disagree} of ${plural(counted, 'attempt')}.`);
  const unknown = summary.start_observed.unknown ?? 0;
  if (unknown > 0)
    notes.push(`Whether the start was cold is not known for ${unknown} of ${plural(counted, 'attempt')}.`);
  return notes;
}

/** Which quantiles of client time have no interval, and why. */
function intervalNotes(metric: MetricSummary | undefined): string[] {
  if (metric === undefined || metric.n === 0) return [];
  const quantiles = { p50: metric.p50, p90: metric.p90, p95: metric.p95, p99: metric.p99 };
  const missing = Object.entries(quantiles).filter(([, estimate]) => estimate.ci === null);
  const list = missing.map(([name, estimate]) => `${name} (${estimate.no_ci})`);
  const open = Object.entries(quantiles).filter(([, { ci }]) => ci !== null && ci.high === null);
  const names = open.map(([name]) => name).join(', ');
  return [
    ...(list.length === 0 ? [] : [`No interval for ${list.join(', ')}.`]),
    ...(open.length === 0 ? [] : [`The interval of ${names} has no upper end: it lies among the timed-out attempts.`]),
  ];
}

function dependenceNotes(client: Sample): string[] {
  if (!client.rowsIndependent) return [];
  const test = independence(client.values, byBlock(client));
  if (test === null || !test.rejected) return [];
  const figure = test.autocorrelation.toFixed(2);
  const blocks = test.blocksP === null ? '' : `, blocks differ with p = ${test.blocksP.toPrecision(2)}`;
  return [
    `Rows may not be independent although each had a sandbox of its own (lag-1 autocorrelation ${figure}${blocks}): intervals rest on blocks.`,
  ];
}

/** D18, in words. */
function stationarityNotes(test: NonNullable<CellSummary['stationarity']> | null): string[] {
  if (test === null || !test.flagged) return [];
  const parts: string[] = [];
  if (test.trend_p <= STATIONARITY_ALPHA / 2) {
    const change =
      test.trend_change === null ? '' : `, by about ${formatShare(Math.abs(test.trend_change))} over the run`;
    parts.push(
      `${test.trend_tau > 0 ? 'rises' : 'falls'} from block to block${change} (p = ${test.trend_p.toPrecision(2)})`,
    );
  }
  if (test.step_p <= STATIONARITY_ALPHA / 2) {
    const [before, after] = [test.step_before_us, test.step_after_us];
    const sizes = before === null || after === null ? '' : `, from ${formatUs(before)} to ${formatUs(after)}`;
    parts.push(`steps after block ${test.step_after} of ${test.n}${sizes} (p = ${test.step_p.toPrecision(2)})`);
  }
  return [
    `Client time ${parts.join(' and ')}: it may have no single median. About one stationary cell in twenty is flagged like this by chance.`,
  ];
}

function contentionNotes(cell: Cell, manifest: Manifest): string[] {
  if (manifest.platforms?.[cell.platform]?.sharesClientHost !== true) return [];
  const many = cell.concurrency > 1 ? ` ${cell.concurrency} requests at once also contend with each other.` : '';
  return [`Client and function share the ${plural(manifest.client.cores, 'core')} of one machine.${many}`];
}

/** Warnings of the whole run. */
export function runWarnings(
  summary: Omit<Summary, 'warnings'>,
  manifest: Manifest,
  found: { torn: boolean; strangers: readonly string[] },
): string[] {
  const warnings: string[] = [];
  const { simulated = [] } = manifest;
  if (simulated.length > 0)
    warnings.push(
      `SIMULATED: ${simulated.join(', ')} ${simulated.length === 1 ? 'is a model' : 'are models'}. Nothing was executed; the numbers are no measurements, and outputs were judged by the model itself.`,
    );
  if (summary.state !== 'complete') warnings.push(`The run is ${summary.state}: every figure is partial.`);
  for (const status of ['failed', 'incomplete', 'not reached'] as const) {
    const count = summary.cells.filter((cell) => cell.status === status).length;
    if (count > 0) warnings.push(`${plural(count, 'cell')} of ${summary.cells.length}: ${status}.`);
  }
  if (summary.not_run.length > 0)
    warnings.push(`${plural(summary.not_run.length, 'cell')} of the suite not run, with the reason of each.`);
  const resumed = manifest.parts.length - 1;
  if (resumed > 0)
    warnings.push(`The run was resumed ${plural(resumed, 'time')}: its parts were measured at different times.`);
  if (found.torn) warnings.push('The last line of raw/invocations.jsonl is cut off and was left out.');
  if (found.strangers.length > 0) {
    const rows =
      found.strangers.length === 1 ? 'a cell that plan.json does not have' : 'cells that plan.json does not have';
    warnings.push(
      `raw/invocations.jsonl has rows of ${rows}: ${found.strangers.join(', ')}. They are in invocations.csv only.`,
    );
  }
  return warnings;
}
