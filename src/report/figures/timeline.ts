// Stage 5, figures: the run over time, one bar per block of a cell. It shows that the cells took turns, where the run
// was cut off and went on, and whether a cell sat in one window only (D19).
import { plural } from '../../units.js';
import { levelsOf, levelText } from '../factors.js';
import { plainLine } from '../plain-line.js';
import type { DataRow, Figure, FigureCell, FigureInput, JsonObject } from './figure.js';
import { chunks, pageSuffix } from './groups.js';
import { clipped, colourScale, framed, legend, widthBeside } from './theme.js';

const ROWS_PER_FIGURE = 60;

interface BlockRow extends DataRow {
  cell: string;
  start: string;
  part: number;
  block: number;
  from_us: number;
  to_us: number;
}

export function timelineFigures(input: FigureInput): Figure[] {
  const summaries = input.cells.map((cell) => cell.summary);
  const starts = levelsOf(summaries, 'start');
  const pages = chunks(
    input.cells.filter((cell) => blockRows(cell).length > 0),
    ROWS_PER_FIGURE,
  );
  return pages.map((cells, at) => {
    const rows = cells.flatMap(blockRows);
    const parts = [...new Set(rows.map((row) => row.part))].sort((a, b) => a - b);
    const title = `The run over time${pageSuffix({ number: at + 1, of: pages.length })}`;
    const several = parts.length > 1;
    return {
      id: `timeline${pages.length < 2 ? '' : `-${at + 1}`}`,
      title,
      notes: [
        `One bar per block of a cell, from the release of its first counted attempt to that of its last. The clock starts anew with each part${several ? `; the run has ${parts.length} parts because it was resumed` : ''}.`,
      ],
      alt: `Timeline of ${plural(rows.length, 'block')} of ${plural(cells.length, 'cell')} in ${plural(parts.length, 'part')}.`,
      cells: cells.map((cell) => cell.id),
      spec: framed(title, input.partial, rows, timelineSpec(cells, parts, starts)),
    };
  });
}

function blockRows(cell: FigureCell): BlockRow[] {
  const blocks = new Map<string, BlockRow>();
  for (const row of cell.rows) {
    if (row.released_us === null) continue;
    const key = `${row.part}/${row.block}`;
    const seen = blocks.get(key);
    blocks.set(key, {
      cell: plainLine(cell.summary.label),
      start: levelText(cell.summary, 'start'),
      part: row.part,
      block: row.block,
      from_us: Math.min(seen?.from_us ?? row.released_us, row.released_us),
      to_us: Math.max(seen?.to_us ?? row.released_us, row.released_us),
    });
  }
  return [...blocks.values()];
}

function timelineSpec(cells: readonly FigureCell[], parts: readonly number[], starts: readonly string[]): JsonObject {
  const names = cells.map((cell) => plainLine(cell.summary.label));
  const step = names.length > 24 ? 11 : 18;
  return {
    vconcat: parts.map((part) => ({
      ...(parts.length > 1 ? { title: { text: `part ${part}`, fontSize: 11, fontWeight: 'normal' } } : {}),
      width: widthBeside(names.map((name) => clipped(name, 40))),
      height: { step },
      transform: [
        { filter: { field: 'part', equal: part } },
        { calculate: 'datum.from_us / 1e6', as: 'from_s' },
        { calculate: 'datum.to_us / 1e6', as: 'to_s' },
      ],
      layer: [
        {
          mark: { type: 'bar', height: step - 6, minBandSize: 1, aria: false },
          encoding: timelineEncoding(names, starts),
        },
      ],
    })),
  };
}

function timelineEncoding(names: readonly string[], starts: readonly string[]): JsonObject {
  return {
    x: { field: 'from_s', type: 'quantitative', title: 'time in the part (s)', scale: { zero: true } },
    x2: { field: 'to_s' },
    y: {
      field: 'cell',
      type: 'nominal',
      sort: null,
      scale: { domain: [...names] },
      title: null,
      axis: { ticks: false, grid: true, labelOverlap: false, labelLimit: 270 },
    },
    color: { field: 'start', type: 'nominal', scale: colourScale(starts), legend: legend('start', starts) },
    stroke: { field: 'start', type: 'nominal', scale: colourScale(starts), legend: legend('start', starts) }, // outline: a block of one attempt has no length
  };
}
