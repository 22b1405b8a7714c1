// Stage 5, figures: the run over time, one bar per block, and below it the load of the client's host. It shows that the
// cells took turns, where the run was cut off and went on, whether a cell sat in one window only (D19), and whether
// something else kept the host busy (D28). Many cells share rows by what they have in common.
import type { TimelineBlock } from '../../results/run-timeline.js';
import { formatCount, plural } from '../../units.js';
import { labelBy, levelsOf, levelText, varyingFactors } from '../factors.js';
import { plainLine } from '../plain-line.js';
import type { DataRow, Figure, FigureCell, FigureInput, JsonObject } from './figure.js';
import { clipped, colourScale, framed, INK, legend, widthBeside } from './theme.js';

/** More rows than this are not read one by one. */
const ROWS = 60;
/** More bars than this cannot be told apart in the width of a page. */
const BARS = 1200;
const LABEL_LETTERS = 40;
/** What many cells are drawn together by. */
const SHARED = ['experiment', 'platform', 'benchmark', 'start'];

interface BlockRow extends DataRow {
  cell: string;
  start: string;
  part: number;
  order: number;
  from_us: number;
  to_us: number;
  load_1m: number | null;
}

export function timelineFigures(input: FigureInput): Figure[] {
  const cells = new Map(input.cells.map((cell) => [cell.id, cell]));
  const timed = input.timeline.blocks.filter((block) => block.from_us !== null && cells.has(block.cell));
  if (timed.length === 0) return [];
  const nameOf = rowNames(input.cells);
  const rows = evenly(timed, BARS).map((block) => blockRow(block, timed, cells, nameOf));
  const parts = [...new Set(rows.map((row) => row.part))];
  const names = [...new Set(input.cells.map(nameOf))].filter((name) => rows.some((row) => row.cell === name));
  const starts = levelsOf(
    input.cells.map((cell) => cell.summary),
    'start',
  );
  const loads = rows.flatMap((row) => row.load_1m ?? []);
  const title = 'The run over time';
  return [
    {
      id: 'timeline',
      title,
      cells: input.cells.map((cell) => cell.id),
      notes: notes(rows.length, timed.length, parts.length, names.length < input.cells.length, loads.length > 0),
      alt: `${plural(timed.length, 'block')} of ${plural(input.cells.length, 'cell')} in ${plural(parts.length, 'part')}${loads.length === 0 ? '' : `; load average of the client's host from ${Math.min(...loads).toFixed(2)} to ${Math.max(...loads).toFixed(2)}`}. The table of blocks has the same in order.`,
      spec: framed(title, input.mark, rows, timelineSpec(names, parts, starts, loads.length > 0)),
    },
  ];
}

/** The cell's own label, or what it shares with others where cells are too many. */
function rowNames(cells: readonly FigureCell[]): (cell: FigureCell) => string {
  if (cells.length <= ROWS) return (cell) => plainLine(cell.summary.label);
  const varying = varyingFactors(cells.map((cell) => cell.summary));
  const shared = SHARED.filter((factor) => varying.includes(factor));
  const short = (factors: string[]) => (cell: FigureCell) => labelBy(cell.summary, factors) || 'all cells';
  const few = (name: (cell: FigureCell) => string) => new Set(cells.map(name)).size <= ROWS;
  return [shared, shared.slice(0, -1), ['start'], []].map(short).find(few) ?? (() => 'all cells');
}

function blockRow(
  block: TimelineBlock,
  all: readonly TimelineBlock[],
  cells: ReadonlyMap<string, FigureCell>,
  nameOf: (cell: FigureCell) => string,
): BlockRow {
  const cell = cells.get(block.cell);
  const from_us = block.from_us ?? 0;
  return {
    cell: cell === undefined ? block.cell : nameOf(cell),
    start: cell === undefined ? 'none' : levelText(cell.summary, 'start'),
    part: block.part,
    order: all.indexOf(block) + 1,
    from_us,
    to_us: block.to_us ?? from_us,
    load_1m: block.load_1m,
  };
}

/** Evenly spaced members in their order, the first among them. */
function evenly<T>(items: readonly T[], most: number): T[] {
  const step = Math.max(1, items.length / most);
  return items.filter((_item, at) => Math.floor(at / step) !== Math.floor((at - 1) / step));
}

function notes(drawn: number, all: number, parts: number, shared: boolean, load: boolean): string[] {
  return [
    `One bar per block, from its beginning to its end${shared ? '; cells that share a row are drawn over each other' : ''}.${load ? " Below: the load average of the client's host over one minute when each block began." : ''} The clock starts anew with each part${parts > 1 ? `; the run has ${parts} parts because it was resumed` : ''}.`,
    ...(drawn < all
      ? [`${formatCount(drawn)} of ${formatCount(all)} blocks are drawn, evenly spaced in their order.`]
      : []),
  ];
}

function timelineSpec(
  names: readonly string[],
  parts: readonly number[],
  starts: readonly string[],
  load: boolean,
): JsonObject {
  const step = names.length > 24 ? 11 : 18;
  const width = widthBeside(names.map((name) => clipped(name, LABEL_LETTERS)));
  return {
    spacing: 12,
    vconcat: parts.flatMap((part): JsonObject[] => {
      const own = {
        width,
        transform: [
          { filter: { field: 'part', equal: part } },
          { calculate: 'datum.from_us / 1e6', as: 'from_s' },
          { calculate: 'datum.to_us / 1e6', as: 'to_s' },
        ],
      };
      const title = parts.length > 1 ? { title: { text: `part ${part}`, fontSize: 11, fontWeight: 'normal' } } : {};
      const bars: JsonObject = {
        ...own,
        ...title,
        height: { step },
        mark: { type: 'bar', height: step - 6, minBandSize: 1, aria: false },
        encoding: barEncoding(names, starts, !load),
      };
      return load ? [bars, { ...own, height: 60, ...LOAD }] : [bars];
    }),
  };
}

const SECONDS = { field: 'from_s', type: 'quantitative', scale: { zero: true, nice: false } };

const LOAD: JsonObject = {
  mark: { type: 'line', interpolate: 'step-after', color: INK, strokeWidth: 1.2, aria: false },
  encoding: {
    x: { ...SECONDS, title: 'time in the part (s)' },
    y: {
      field: 'load_1m',
      type: 'quantitative',
      title: 'load (1 min)',
      scale: { zero: true },
      axis: { tickCount: 3, format: '~g' },
    },
    order: { field: 'order', type: 'quantitative' },
  },
};

function barEncoding(names: readonly string[], starts: readonly string[], last: boolean): JsonObject {
  const color = { field: 'start', type: 'nominal', scale: colourScale(starts), legend: legend('start', starts) };
  return {
    x: { ...SECONDS, title: last ? 'time in the part (s)' : null },
    x2: { field: 'to_s' },
    y: {
      field: 'cell',
      type: 'nominal',
      sort: null,
      scale: { domain: [...names] },
      title: null,
      axis: { ticks: false, grid: true, labelOverlap: false, labelLimit: 270 },
    },
    color,
    stroke: color, // outline: a short block has hardly a length
  };
}
