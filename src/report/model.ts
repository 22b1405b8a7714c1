// Stage 5, report. Manifest, plan and summary in; out: everything the report says in words, ready to be placed. No
// number is decided or formatted after this; the page and the terminal only arrange it. Pure.
import type { Manifest } from '../generated/manifest.js';
import type { Plan } from '../generated/plan.js';
import type { CellSummary, Summary } from '../generated/summary.js';
import type { RunTimeline } from '../results/run-timeline.js';
import { formatCount, formatUs, plural } from '../units.js';
import { type AttemptTable, attemptTable, type Course, course } from './attempt-rows.js';
import {
  type CellRow,
  cellRow,
  type FailureRow,
  failureRows,
  type MetricTable,
  metricTables,
  type NoteRow,
  noteRows,
  type PenaltyRow,
  type PlacedCell,
  penaltyRows,
  type UnfinishedRow,
  unfinishedRows,
} from './cell-rows.js';
import { type Checklist, checklist } from './checklist/checklist.js';
import { type Comparisons, comparisons } from './comparison-rows.js';
import { type DiagnosticRow, diagnosticRows, type StratumRow, stratumRows } from './diagnostic-rows.js';
import { type FactorRow, factorTable, labelBy, levelText, varyingFactors } from './factors.js';
import { limits, methods, type Rule } from './methods.js';
import { type Fact, type FactGroup, instant, provenance, uncontrolled } from './provenance.js';
import { type StateBanner, stateBanner, statusCounts } from './state.js';

export interface CellGroup {
  title: string;
  rows: CellRow[];
  metrics: MetricTable[];
}

export interface ReportModel {
  title: string;
  description: string | null;
  runId: string;
  /** "2026-02-03 09:30:00 UTC"; null when no part was started. */
  startedAt: string | null;
  state: StateBanner;
  /** Ids of platforms that are models; null when all was measured. */
  simulated: string | null;
  /** What every figure says of the run; null when there is nothing to say. */
  mark: string | null;
  /** The run in a few figures. */
  keyFigures: Fact[];
  provenance: FactGroup[];
  factors: FactorRow[];
  uncontrolled: Fact[];
  unrecorded: string[];
  counts: { status: string; count: string }[];
  unfinished: UnfinishedRow[];
  notRun: { label: string; because: string; reason: string }[];
  level: string;
  cellGroups: CellGroup[];
  /** Rows that are too many for a page, in words; empty when all are here. */
  rowsLeftOut: string[];
  penalties: PenaltyRow[];
  /** Null: the suite compares nothing. */
  comparisons: Comparisons | null;
  diagnostics: DiagnosticRow[];
  strata: StratumRow[];
  attempts: AttemptTable;
  failures: FailureRow[];
  course: Course;
  warnings: string[];
  notes: NoteRow[];
  limits: Rule[];
  methods: Rule[];
  checklist: Checklist;
}

/** More rows than this make a page that no browser scrolls well. */
const ROWS_PER_REPORT = 500;

export function reportModel(manifest: Manifest, plan: Plan, summary: Summary, timeline: RunTimeline): ReportModel {
  const shown = summary.cells.slice(0, ROWS_PER_REPORT);
  const { facts, unrecorded } = uncontrolled(manifest);
  const penalties = penaltyRows(summary);
  const failures = failureRows(summary.cells);
  const strata = stratumRows(shown);
  const state = stateBanner(manifest, summary);
  return {
    title: manifest.suite.name,
    description: manifest.suite.description ?? null,
    runId: manifest.run_id,
    startedAt: manifest.parts[0] === undefined ? null : instant(manifest.parts[0].started_at),
    state,
    simulated: manifest.simulated?.join(', ') ?? null,
    mark: markOf(manifest, state),
    keyFigures: keyFigures(manifest, summary),
    provenance: provenance(manifest, plan),
    factors: factorTable(summary.cells),
    uncontrolled: facts,
    unrecorded,
    counts: countRows(summary),
    unfinished: unfinishedRows(summary.cells, plan),
    notRun: summary.not_run.map(({ label, because, reason }) => ({ label, because, reason })),
    level: `${summary.ci_level * 100} %`,
    cellGroups: cellGroups(shown),
    rowsLeftOut: [
      ...tooMany(summary.cells.length, 'cell'),
      ...tooMany(penalties.length, 'cold penalty', 'cold penalties'),
      ...tooMany(strata.length, 'stratum', 'strata'),
      ...tooMany(failures.length, 'kind of failure', 'kinds of failure'),
    ],
    penalties: penalties.slice(0, ROWS_PER_REPORT),
    comparisons: comparisons(summary),
    diagnostics: diagnosticRows(shown),
    strata: strata.slice(0, ROWS_PER_REPORT),
    attempts: attemptTable(shown, summary.cells),
    failures: failures.slice(0, ROWS_PER_REPORT),
    course: course(timeline, summary.cells),
    warnings: warnings(manifest, summary),
    notes: noteRows(summary.cells),
    limits: limits(manifest, plan, summary),
    methods: methods(summary, plan),
    checklist: checklist({ manifest, plan, summary, timeline }),
  };
}

function markOf({ simulated }: Manifest, { mark }: StateBanner): string | null {
  const words = [
    ...(simulated === undefined ? [] : ['SIMULATED: a model, no measurement']),
    ...(mark === null ? [] : [`PARTIAL RUN: ${mark}`]),
  ];
  return words.length === 0 ? null : words.join('; ');
}

function tooMany(count: number, one: string, many?: string): string[] {
  const hidden = count - ROWS_PER_REPORT;
  return hidden > 0
    ? [`${plural(hidden, `further ${one}`, many && `further ${many}`)} left out here: see derived/summary.json.`]
    : [];
}

function keyFigures(manifest: Manifest, summary: Summary): Fact[] {
  const sum = (of: (cell: CellSummary) => number) => summary.cells.reduce((total, cell) => total + of(cell), 0);
  const counted = sum((cell) => cell.attempts.counted);
  const ok = sum((cell) => cell.outcomes.ok);
  const others = sum(({ attempts }) => attempts.warmup + attempts.discarded + attempts.interrupted);
  const took = manifest.parts.reduce((total, part) => total + (part.duration_us ?? 0), 0);
  const complete = summary.cells.filter((cell) => cell.status === 'complete').length;
  return [
    { name: 'cells complete', value: `${formatCount(complete)} of ${formatCount(summary.cells.length)}` },
    { name: 'counted invocations', value: formatCount(counted) },
    { name: 'of these not ok', value: formatCount(counted - ok) },
    { name: 'other attempts', value: formatCount(others) },
    ...(took > 0 ? [{ name: 'wall time', value: formatUs(took) }] : []),
  ];
}

function countRows(summary: Summary): { status: string; count: string }[] {
  const planned = { status: 'planned', count: formatCount(summary.cells.length) };
  const words: Readonly<Record<string, string>> = { 'not run': 'skipped by the plan' };
  return [
    planned,
    ...statusCounts(summary).map(({ status, count }) => ({
      status: words[status] ?? status,
      count: formatCount(count),
    })),
  ];
}

/** One table per experiment and benchmark, in the order of the plan. */
function cellGroups(cells: readonly CellSummary[]): CellGroup[] {
  const groups = new Map<string, PlacedCell[]>();
  for (const [at, cell] of cells.entries()) {
    const title = `${levelText(cell, 'experiment')}: ${levelText(cell, 'benchmark')}`;
    const members = groups.get(title) ?? [];
    members.push({ at, cell });
    groups.set(title, members);
  }
  return [...groups].map(([title, members]) => {
    const labels = labelsWithin(members.map(({ cell }) => cell));
    const rows = members.map((member, place) => cellRow(member, labels[place] ?? member.cell.label));
    return { title, rows, metrics: metricTables(members, labels) };
  });
}

/** What differs within the group; the full label where that would not tell the cells apart. */
function labelsWithin(members: readonly CellSummary[]): string[] {
  const varying = varyingFactors(members);
  const short = members.map((cell) => labelBy(cell, varying));
  const distinct = new Set(short).size === members.length && !short.includes('');
  return distinct ? short : members.map((cell) => cell.label);
}

function warnings(manifest: Manifest, summary: Summary): string[] {
  const left = manifest.outcome?.left_behind ?? [];
  return [
    ...new Set([
      ...summary.warnings,
      ...(manifest.warnings ?? []),
      ...left.map((resource) => `left behind: ${resource}; sebs resources clean ${manifest.run_id} removes it`),
    ]),
  ];
}
