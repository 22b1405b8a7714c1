// Stage 5, figures: every attempt of a cell as a point, with a box for the quartiles over it. Points are moved apart by
// a seeded draw that means nothing; whiskers reach to the furthest attempt within 1.5 interquartile ranges (Tukey).
import { randomFor, shuffled } from '../../random.js';
import { quantile } from '../../results/statistics/quantile.js';
import { plural } from '../../units.js';
import { levelsOf, levelText } from '../factors.js';
import { timeAxis } from './axes.js';
import type { DataRow, Figure, FigureCell, FigureInput, JsonObject } from './figure.js';
import { cellNames, chunks, colourFactor, type Group, LINES_PER_FIGURE, pageSuffix } from './groups.js';
import { colourScale, framed, INK, widthBeside } from './theme.js';

/** More points than this per cell are a blot. */
export const POINTS_PER_CELL = 500;

interface BoxRow extends DataRow {
  cell: string;
  level: string;
  kind: 'attempt' | 'timed out' | 'box';
  client_us: number;
}

export function boxFigures(group: Group, input: FigureInput, pointsPerCell = POINTS_PER_CELL): Figure[] {
  const cells = group.cells.filter((cell) => cell.rows.some((row) => row.client_us !== null));
  const pages = chunks(cells, LINES_PER_FIGURE);
  return pages.map((shown, at) => boxFigure(group, shown, { number: at + 1, of: pages.length }, input, pointsPerCell));
}

function boxFigure(
  group: Group,
  cells: readonly FigureCell[],
  page: { number: number; of: number },
  input: FigureInput,
  pointsPerCell: number,
): Figure {
  const names = cellNames(group);
  const colour = colourFactor(group.varying);
  const levels =
    colour === null
      ? ['all']
      : levelsOf(
          group.cells.map((cell) => cell.summary),
          colour,
        );
  const levelOf = (cell: FigureCell) => (colour === null ? 'all' : levelText(cell.summary, colour));
  const nameOf = (cell: FigureCell) => `${names.get(cell.id)}  (n = ${cell.rows.length})`;
  const rows = cells.flatMap((cell) => [
    ...points(cell, nameOf(cell), levelOf(cell), pointsPerCell),
    box(cell, nameOf(cell), levelOf(cell)),
  ]);
  const axis = timeAxis(
    rows.map((row) => row.client_us),
    'client time',
    { ticks: 8 },
  );
  const title = `Every attempt, ${group.title}${pageSuffix(page)}`;
  const thinned = cells.filter((cell) => cell.rows.length > pointsPerCell);
  return {
    id: `attempts-${group.id}${page.of > 1 ? `-${page.number}` : ''}`,
    title,
    notes: [
      `Each point is one attempt; the box spans the quartiles, the thick line is the median, whiskers reach to the furthest attempt within 1.5 interquartile ranges. ${axis.words} The height of a point within its row means nothing.`,
      ...(rows.some((row) => row.kind === 'timed out')
        ? ['Triangles are timed-out attempts: at least as slow as drawn.']
        : []),
      ...(thinned.length > 0
        ? [
            `${plural(thinned.length, 'cell')} with more than ${pointsPerCell} attempts: ${pointsPerCell} drawn at random as points; boxes use all.`,
          ]
        : []),
    ],
    alt: `Box plots with points of client time of ${plural(cells.length, 'cell')}; the same numbers are in the table of cells.`,
    cells: cells.map((cell) => cell.id),
    spec: framed(title, input.mark, rows, boxSpec(cells.map(nameOf), levels, axis)),
  };
}

function points(cell: FigureCell, name: string, level: string, most: number): BoxRow[] {
  const random = randomFor(0, 'points', cell.id);
  const timed = cell.rows.filter((row) => row.client_us !== null);
  const chosen = timed.length <= most ? timed : shuffled(timed, random).slice(0, most);
  return chosen.map((row) => ({
    cell: name,
    level,
    kind: row.outcome === 'ok' ? ('attempt' as const) : ('timed out' as const),
    client_us: row.client_us ?? 0,
    block: row.block,
    jitter: Math.round((random.unit() * 2 - 1) * 100) / 100,
  }));
}

function box(cell: FigureCell, name: string, level: string): BoxRow {
  const sorted = cell.rows.flatMap((row) => (row.client_us === null ? [] : [row.client_us])).sort((a, b) => a - b);
  const [q1, q2, q3] = [quantile(sorted, 0.25), quantile(sorted, 0.5), quantile(sorted, 0.75)];
  const reach = 1.5 * (q3 - q1);
  const within = sorted.filter((value) => value >= q1 - reach && value <= q3 + reach);
  return {
    cell: name,
    level,
    kind: 'box',
    client_us: q2,
    q1_us: q1,
    q3_us: q3,
    low_us: within[0] ?? q1,
    high_us: within.at(-1) ?? q3,
  };
}

function boxSpec(names: readonly string[], levels: readonly string[], axis: ReturnType<typeof timeAxis>): JsonObject {
  const x = { type: 'quantitative', scale: axis.scale, axis: axis.axis, title: axis.title };
  const y = {
    field: 'cell',
    type: 'nominal',
    sort: null,
    scale: { domain: [...names] },
    title: null,
    axis: { grid: false, ticks: false, labelPadding: 8, labelOverlap: false },
  };
  const color = { field: 'level', type: 'nominal', scale: colourScale(levels), legend: null };
  const only = (kind: string) => [{ filter: { field: 'kind', equal: kind } }];
  const jitter = { field: 'jitter', type: 'quantitative', scale: { domain: [-1, 1], range: [8, 26] }, axis: null };
  const drawn = { aria: false, filled: true };
  return {
    width: widthBeside(names),
    height: { step: 34 },
    layer: [
      {
        transform: only('attempt'),
        mark: { type: 'point', shape: 'circle', size: 12, opacity: 0.45, ...drawn },
        encoding: { x: { field: 'client_us', ...x }, y, yOffset: jitter, color },
      },
      {
        transform: only('timed out'),
        mark: { type: 'point', shape: 'triangle-right', size: 55, opacity: 0.9, ...drawn },
        encoding: { x: { field: 'client_us', ...x }, y, yOffset: jitter, color },
      },
      {
        transform: only('box'),
        mark: { type: 'rule', color: INK, strokeWidth: 1, aria: false },
        encoding: { x: { field: 'low_us', ...x }, x2: { field: 'high_us' }, y },
      },
      {
        transform: only('box'),
        mark: { type: 'bar', fill: '#ffffff', fillOpacity: 0.55, stroke: INK, strokeWidth: 1, height: 13, aria: false },
        encoding: { x: { field: 'q1_us', ...x }, x2: { field: 'q3_us' }, y },
      },
      {
        transform: only('box'),
        mark: { type: 'tick', color: INK, thickness: 2.5, size: 17, aria: false },
        encoding: { x: { field: 'client_us', ...x }, y },
      },
    ],
  };
}
