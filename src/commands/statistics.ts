// `sebs statistics RUN`: the numbers of a run, one row per cell, on the terminal, as JSON or as CSV. Comes in: a run, and
// which cells in which order; goes out: n, median with interval, percentiles, CV, share of cold starts and failures. Works
// from derived/, which is made when it is not there.
import { EXIT } from '../errors.js';
import { filterCells } from '../report/cell-filter.js';
import { sortRows, statisticsCsv, statisticsRows, statisticsText } from '../report/statistics-table.js';
import { findRun } from '../results/run-folder.js';
import { plural } from '../units.js';
import type { CommandContext, CommandResult } from './command.js';
import { summaryOf } from './tables.js';

export interface StatisticsOptions {
  /** A column of the tables. */
  metric: string;
  /** Conditions `axis=level[,level]`. */
  filter: readonly string[];
  sort?: string;
  reverse: boolean;
  csv: boolean;
}

export async function statistics(
  reference: string,
  { metric, filter, sort, reverse, csv }: StatisticsOptions,
  { reportsDir, columns }: CommandContext,
): Promise<CommandResult> {
  const folder = findRun(reference, reportsDir);
  const summary = await summaryOf(folder);
  const all = statisticsRows(filterCells(summary.cells, filter), metric);
  const rows = sort === undefined ? (reverse ? all.toReversed() : all) : sortRows(all, sort, reverse);
  const data = { run: folder.id, state: summary.state, metric, ci_level: summary.ci_level, cells: rows };
  if (csv) return { exitCode: EXIT.ok, text: statisticsCsv(rows, metric).trimEnd(), data };
  const width = columns ?? Number.POSITIVE_INFINITY;
  const chosen = rows.length === summary.cells.length ? '' : ` (${rows.length} shown)`;
  const text = [
    `${folder.id}: ${summary.state}, ${plural(summary.cells.length, 'cell')}${chosen}, ${metric}`,
    ...(rows.length === 0 ? [] : ['', statisticsText(rows, metric, summary.ci_level, width)]),
    ...notes(rows, summary.not_run.length),
  ].join('\n');
  return { exitCode: EXIT.ok, text, data };
}

/** Why medians have no interval, each reason once; and what is not in the table at all. */
function notes(rows: ReturnType<typeof statisticsRows>, notRun: number): string[] {
  const reasons = [...new Set(rows.flatMap(({ p50 }) => p50?.no_ci ?? []))];
  return [
    ...(reasons.length === 0 ? [] : ['', `no CI: ${reasons.join('; ')}`]),
    ...(notRun === 0 ? [] : ['', `${plural(notRun, 'cell')} of the suite not run: sebs report has the reasons`]),
  ];
}
