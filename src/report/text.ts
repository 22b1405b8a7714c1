// Stage 5, report. The summary in, a plain-text table for a terminal out: one line per cell with n, median and interval,
// p95, failures and the cold penalty. Knows no colours.
import type { Summary } from '../generated/summary.js';
import { type RunFolder, readManifest } from '../results/run-folder.js';
import { formatCount, formatShare, plural } from '../units.js';
import { estimateText } from './estimate-text.js';
import { plainLine } from './plain-line.js';
import { stateBanner } from './state.js';
import { type TextColumn, textTable } from './text-table.js';

export interface TextOptions {
  /** Width of the terminal in characters; 120 where there is none. */
  columns?: number;
}

/** A long run is read in the report; a terminal gets its beginning. */
const LINES = 60;
const LONGEST_REASON = 600;

export function summaryText(folder: RunFolder, summary: Summary, options: TextOptions = {}): string {
  const manifest = readManifest(folder);
  const { simulated } = manifest;
  const state = stateBanner(manifest, summary);
  const shown = summary.cells.slice(0, LINES);
  const hidden = summary.cells.length - shown.length;
  const reasons = state.reasons.length === 0 ? '' : ` (${state.reasons.join('; ')})`;
  return [
    `${simulated === undefined ? '' : 'SIMULATED '}Run ${plainLine(summary.run_id)}: ${state.word}${reasons}`,
    ...(shown.length === 0 ? [] : ['', ...textTable(columnsOf(summary, shown), options.columns ?? 120)]),
    ...(hidden > 0 ? [`… and ${plural(hidden, 'cell')} more, in the report`] : []),
    ...noIntervalLines(summary),
    ...endingLines(summary),
    ...(summary.warnings.length === 0 ? [] : ['', ...summary.warnings.map((warning) => `! ${plainLine(warning)}`)]),
    '',
    `Report: ${folder.report}`,
    '',
  ].join('\n');
}

function columnsOf(summary: Summary, cells: Summary['cells']): TextColumn[] {
  const penalties = new Map(
    summary.penalties.filter((one) => one.metric === 'client_us').map((one) => [one.cold, one]),
  );
  const p50 = cells.map((cell) => cell.metrics.client_us?.p50);
  const p95 = cells.map((cell) => cell.metrics.client_us?.p95);
  const columns: TextColumn[] = [
    { title: 'cell', align: 'left', values: cells.map((cell) => cell.label) },
    { title: 'n', align: 'right', values: cells.map((cell) => formatCount(cell.metrics.client_us?.n ?? 0)) },
    { title: `p50 [${formatShare(summary.ci_level)} CI]`, align: 'left', values: p50.map((one) => short(one)) },
    {
      title: 'p95',
      align: 'right',
      values: p95.map((one) => (one === undefined ? 'unknown' : estimateText(one, 'us').value)),
    },
    { title: 'failed', align: 'right', values: cells.map((cell) => failed(cell.outcomes)) },
    {
      title: 'cold penalty',
      align: 'left',
      values: cells.map((cell) => short(penalties.get(cell.cell)?.difference, '')),
    },
  ];
  return columns
    .filter((column) => column.values.some((value) => value !== ''))
    .map((column) => ({ ...column, values: column.values.map(plainLine) }));
}

/** "12.3 ms [11.9, 12.8]", or "12.3 ms (no CI)". */
function short(estimate: Summary['penalties'][number]['difference'] | undefined, missing = 'unknown'): string {
  if (estimate === undefined) return missing;
  const { value, interval } = estimateText(estimate, 'us');
  if (estimate.value === null) return value;
  return interval === null ? `${value} (no CI)` : `${value} ${interval}`;
}

function failed(outcomes: Summary['cells'][number]['outcomes']): string {
  const { ok, ...others } = outcomes;
  const bad = Object.values(others).reduce((sum, count) => sum + count, 0);
  return bad === 0 ? '0' : `${formatCount(bad)} of ${formatCount(bad + ok)}`;
}

/** Why cells are not complete: each reason once, with the first cells it ended. */
function endingLines(summary: Summary): string[] {
  const byReason = new Map<string, string[]>();
  for (const { status, reason, label } of summary.cells) {
    if (status === 'complete' || status === 'not reached') continue;
    const key = `${status}: ${reason ?? 'no reason was recorded'}`;
    byReason.set(key, [...(byReason.get(key) ?? []), label]);
  }
  return [...byReason].flatMap(([reason, labels]) => {
    const more = labels.length > 2 ? ` and ${plural(labels.length - 2, 'other')}` : '';
    return ['', `${labels.slice(0, 2).map(plainLine).join(', ')}${more}`, `  ${clipped(plainLine(reason))}`];
  });
}

function clipped(text: string): string {
  return text.length <= LONGEST_REASON ? text : `${text.slice(0, LONGEST_REASON)}… (the report has all of it)`;
}

function noIntervalLines(summary: Summary): string[] {
  const reasons = summary.cells.flatMap((cell) => cell.metrics.client_us?.p50.no_ci ?? []);
  return reasons.length === 0 ? [] : [`no CI: ${[...new Set(reasons)].map(plainLine).join('; ')}`];
}
