// Stage 5, figures: the empirical distribution of client time, one curve per cell. Timed-out attempts count in the
// height (they are slower than anything seen) and have no point of their own, so such a curve ends below 1 (D26).
import { formatCount, plural } from '../../units.js';
import { levelText } from '../factors.js';
import { type TimeAxis, timeAxis } from './axes.js';
import type { DataRow, Figure, FigureCell, FigureInput, JsonObject } from './figure.js';
import {
  cellNames,
  colourFactor,
  colourTitle,
  type Group,
  type Page,
  pageSuffix,
  pagesOf,
  panelsOf,
} from './groups.js';
import { colourScale, dashScale, FIGURE_WIDTH, framed, legend } from './theme.js';

/** More points than this cannot be told apart on a curve of 300 px. */
export const POINTS_PER_CURVE = 500;
/** All curves together, so that a report of many cells stays a file that opens; a curve keeps at least its shape. */
const POINTS_PER_REPORT = 6_000;
const LEAST_POINTS = 24;
/** Quantiles that a thinned curve still gives exactly. */
const KEPT = [0.5, 0.9, 0.95, 0.99, 0.999];

export function pointsPerCurve(cells: number): number {
  const share = Math.floor(POINTS_PER_REPORT / Math.max(1, cells));
  return Math.max(LEAST_POINTS, Math.min(POINTS_PER_CURVE, share));
}

interface CurveRow extends DataRow {
  panel: string;
  panel_number: number;
  level: string;
  client_us: number;
  share: number;
}

export function ecdfFigures(group: Group, input: FigureInput): Figure[] {
  const colour = colourFactor(group.varying);
  const measured = { ...group, cells: group.cells.filter((cell) => okTimes(cell).length > 0) };
  return pagesOf(measured, panelsOf(measured, colour), colour).map((page) => ecdfFigure(group, page, colour, input));
}

function ecdfFigure(group: Group, page: Page, colour: string | null, input: FigureInput): Figure {
  const names = cellNames(group);
  const lines = page.panels.flatMap((panel, at) =>
    panel.lines.map((line) => ({ ...line, panel: panel.title, panel_number: at + 1 })),
  );
  const most = pointsPerCurve(input.cells.length);
  const rows: CurveRow[] = lines.flatMap(({ panel, panel_number, level, cell }) =>
    curve(cell, most).map((point) => ({ panel, panel_number, level, ...point })),
  );
  const axes = axesOf(page, rows);
  const title = `Distribution of client time, ${group.title}${pageSuffix(page)}`;
  return {
    id: `ecdf-${group.id}${page.of > 1 ? `-${page.number}` : ''}`,
    title,
    notes: [
      `Share of attempts answered within a time. ${axisWords(axes)}`,
      ...lineNotes(
        lines.map(({ cell }) => cell),
        names,
        most,
      ),
    ],
    alt: `Empirical distribution functions of client time of ${plural(lines.length, 'cell')}: ${medians(
      lines.map(({ cell }) => cell),
      names,
    )}`,
    cells: lines.map(({ cell }) => cell.id),
    spec: framed(title, input.mark, rows, ecdfSpec(page, axes, colour)),
  };
}

/**
 * One axis for all panels where their times are alike. Where they are not (cold beside warm), panels of one start share
 * an axis: one for all would squeeze every curve into a stroke.
 */
function axesOf(page: Page, rows: readonly CurveRow[]): Map<string, TimeAxis> {
  const options = { ticks: page.panels.length > 1 ? 5 : 8 };
  const common = timeAxis(
    rows.map((row) => row.client_us),
    'client time',
    options,
  );
  const axes = new Map<string, TimeAxis>();
  for (const panel of page.panels) {
    const start = startOf(panel);
    const alike = page.panels.filter((other) => startOf(other) === start).map((other) => other.title);
    const own = rows.filter((row) => alike.includes(row.panel)).map((row) => row.client_us);
    axes.set(panel.title, common.log && start !== null ? timeAxis(own, `client time, ${start}`, options) : common);
  }
  return axes;
}

function axisWords(axes: ReadonlyMap<string, TimeAxis>): string {
  const distinct = [...new Map([...axes.values()].map((axis) => [axis.title, axis])).values()];
  if (distinct.length === 1) return distinct[0]?.words ?? '';
  return `Panels differ in their axes: ${distinct.map((axis) => axis.title).join('; ')}.`;
}

/** The start that all lines of a panel have; null when they differ. */
function startOf(panel: Page['panels'][number]): string | null {
  const starts = new Set(panel.lines.map(({ cell }) => levelText(cell.summary, 'start')));
  return starts.size === 1 ? ([...starts][0] ?? null) : null;
}

function ecdfSpec(page: Page, axes: ReadonlyMap<string, TimeAxis>, colour: string | null): JsonObject {
  const columns = page.panels.length > 1 ? 2 : 1;
  const width = (FIGURE_WIDTH - 40 - columns * 60) / columns;
  return {
    columns,
    concat: page.panels.map((panel, at) => ({
      title: { text: panel.title, fontSize: 11, fontWeight: 'normal' },
      width,
      height: 190,
      transform: [{ filter: { field: 'panel_number', equal: at + 1 } }],
      mark: { type: 'line', interpolate: 'step-after', strokeWidth: 1.6, aria: false },
      encoding: {
        x: { field: 'client_us', type: 'quantitative', ...xOf(axes.get(panel.title)) },
        y: {
          field: 'share',
          type: 'quantitative',
          scale: { domain: [0, 1] },
          axis: { values: [0, 0.25, 0.5, 0.75, 1], format: '.2f' },
          title: 'share of attempts',
        },
        order: { field: 'share', type: 'quantitative' },
        detail: { field: 'level', type: 'nominal' },
        ...levelEncoding(page.levels, colour),
      },
    })),
  };
}

function xOf(axis: TimeAxis | undefined): JsonObject {
  return axis === undefined ? {} : { scale: axis.scale, axis: axis.axis, title: axis.title };
}

function levelEncoding(levels: readonly string[], colour: string | null): JsonObject {
  const shared = { field: 'level', type: 'nominal', legend: legend(colourTitle(colour), levels) };
  return {
    color: { ...shared, scale: colourScale(levels) },
    strokeDash: { ...shared, scale: dashScale(levels) },
  };
}

export function okTimes(cell: FigureCell): number[] {
  return cell.rows
    .flatMap((row) => (row.outcome === 'ok' && row.client_us !== null ? [row.client_us] : []))
    .sort((a, b) => a - b);
}

export function censoredCount(cell: FigureCell): number {
  return cell.rows.filter((row) => row.outcome === 'timed_out').length;
}

/** The curve's corners: after the k-th smallest of n the share is k/n. */
function curve(cell: FigureCell, most: number): { client_us: number; share: number }[] {
  const times = okTimes(cell);
  const n = times.length + censoredCount(cell);
  const corners = times.map((client_us, at) => ({ client_us, share: (at + 1) / n }));
  const first = times[0];
  return first === undefined ? [] : [{ client_us: first, share: 0 }, ...thinned(corners, most)];
}

/** Evenly spaced members, the first and the last among them, and those between which the kept quantiles lie. */
export function thinned<T>(items: readonly T[], most: number): T[] {
  if (items.length <= most) return [...items];
  const last = items.length - 1;
  const even = Array.from({ length: most }, (_unused, at) => Math.round((at * last) / (most - 1)));
  const kept = KEPT.flatMap((share) => [Math.floor(last * share), Math.ceil(last * share)]);
  const places = new Set([...even, ...kept]);
  return items.filter((_item, place) => places.has(place));
}

function lineNotes(cells: readonly FigureCell[], names: ReadonlyMap<string, string>, most: number): string[] {
  const notes: string[] = [];
  const counts = [...new Set(cells.map((cell) => cell.rows.length))].sort((a, b) => a - b);
  notes.push(
    `n per curve: ${counts.length < 3 ? counts.map(formatCount).join(' and ') : `${formatCount(counts[0] ?? 0)} to ${formatCount(counts.at(-1) ?? 0)}`}.`,
  );
  for (const cell of cells) {
    const censored = censoredCount(cell);
    if (censored > 0)
      notes.push(
        `${names.get(cell.id)}: ${censored} of ${cell.rows.length} timed out; the curve ends at ${(1 - censored / cell.rows.length).toFixed(2)}.`,
      );
  }
  if (cells.some((cell) => okTimes(cell).length > most))
    notes.push(
      `Curves of more than ${most} attempts are drawn through ${most} evenly spaced order statistics and those on which p50, p90, p95, p99 and p99.9 rest.`,
    );
  return notes;
}

function medians(cells: readonly FigureCell[], names: ReadonlyMap<string, string>): string {
  return cells
    .map((cell) => {
      const p50 = cell.summary.metrics.client_us?.p50.value;
      return `${names.get(cell.id)} median ${p50 === null || p50 === undefined ? 'unknown' : `${(p50 / 1000).toFixed(1)} ms`}`;
    })
    .join('; ');
}
