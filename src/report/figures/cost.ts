// Stage 5, figures: what latency costs. One point per cell whose invocations have a price: the median cost of a million
// against the median of client time. A line joins the cells of one start that no other beats in both: the frontier.
import { formatUs, plural } from '../../units.js';
import { levelsOf, levelText } from '../factors.js';
import { timeAxis } from './axes.js';
import type { DataRow, Figure, FigureInput, JsonObject } from './figure.js';
import { cellNames, colourFactor, colourTitle, type Group } from './groups.js';
import { colourScale, FIGURE_WIDTH, framed, INK, legend, shapeScale } from './theme.js';

interface CostRow extends DataRow {
  cell: string;
  level: string;
  start: string;
  usd_per_million: number;
  client_us_p50: number;
  frontier: number;
}

export function costFigures(group: Group, input: FigureInput): Figure[] {
  const colour = colourFactor(group.varying);
  const priced = costRows(group, colour);
  const starts = [...new Set(priced.map((row) => row.start))];
  const rows = starts.flatMap((start) => withFrontier(priced.filter((row) => row.start === start)));
  if (rows.length < 2) return [];
  const best = rows.filter((row) => row.frontier === 1);
  const summaries = group.cells.map((cell) => cell.summary);
  const levels = colour === null ? ['all'] : levelsOf(summaries, colour);
  const axis = timeAxis(
    rows.map((row) => row.client_us_p50),
    'median client time',
    { ticks: 6 },
  );
  const title = `Cost against latency, ${group.title}`;
  const words = best.map(
    (row) => `${row.cell} (${row.usd_per_million.toPrecision(3)} USD, ${formatUs(row.client_us_p50)})`,
  );
  return [
    {
      id: `cost-${group.id}`,
      title,
      cells: group.cells.map((cell) => cell.id),
      notes: [
        `Median cost of a million invocations against the median of client time, one point per cell. A line joins the cells of one start that no other beats in both; nothing was measured between them. ${axis.words} Intervals stand in the tables.`,
      ],
      alt: `${plural(rows.length, 'cell')}; on the frontier, the cheapest first: ${words.slice(0, 12).join('; ')}.`,
      spec: framed(title, input.mark, rows, costSpec(levels, colour, axis)),
    },
  ];
}

function costRows(group: Group, colour: string | null): CostRow[] {
  const names = cellNames(group);
  return group.cells.flatMap(({ id, summary }): CostRow[] => {
    const [, price] = Object.entries(summary.metrics).find(([name]) => /(?:^|_)cost_usd$/.test(name)) ?? [];
    const usd = price?.p50.value;
    const p50 = summary.metrics.client_us?.p50.value;
    if (usd === null || usd === undefined || p50 === null || p50 === undefined) return [];
    return [
      {
        cell: names.get(id) ?? id,
        level: colour === null ? 'all' : levelText(summary, colour),
        start: levelText(summary, 'start'),
        usd_per_million: usd * 1e6,
        client_us_p50: p50,
        frontier: 0,
      },
    ];
  });
}

/** Cheapest first; a row is on the frontier when it is faster than all that cost no more. */
export function withFrontier<T extends { usd_per_million: number; client_us_p50: number }>(
  rows: readonly T[],
): (T & { frontier: number })[] {
  const sorted = [...rows].sort((a, b) => a.usd_per_million - b.usd_per_million || a.client_us_p50 - b.client_us_p50);
  let fastest = Number.POSITIVE_INFINITY;
  return sorted.map((row) => {
    const frontier = row.client_us_p50 < fastest ? 1 : 0;
    fastest = Math.min(fastest, row.client_us_p50);
    return { ...row, frontier };
  });
}

function costSpec(levels: readonly string[], colour: string | null, axis: ReturnType<typeof timeAxis>): JsonObject {
  const level = { field: 'level', type: 'nominal', legend: legend(colourTitle(colour), levels) };
  const x = {
    field: 'usd_per_million',
    type: 'quantitative',
    title: 'median cost of a million invocations (USD, from 0)',
    scale: { zero: true },
    axis: { format: '~g' },
  };
  const y = { field: 'client_us_p50', type: 'quantitative', scale: axis.scale, axis: axis.axis, title: axis.title };
  return {
    width: FIGURE_WIDTH - 110,
    height: 260,
    layer: [
      {
        transform: [{ filter: { field: 'frontier', equal: 1 } }],
        mark: { type: 'line', color: INK, strokeWidth: 1, strokeDash: [4, 3], aria: false },
        encoding: {
          x,
          y,
          detail: { field: 'start', type: 'nominal' },
          order: { field: 'usd_per_million', type: 'quantitative' },
        },
      },
      {
        mark: { type: 'point', filled: true, size: 60, opacity: 0.9, aria: false },
        encoding: {
          x,
          y,
          color: { ...level, scale: colourScale(levels) },
          shape: { ...level, scale: shapeScale(levels) },
        },
      },
    ],
  };
}
