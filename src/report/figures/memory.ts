// Stage 5, figures: memory against the median of client time. Memory is ordered, so lines may join its levels; between
// them nothing was measured, and the figure says so (D12). Only for groups in which memory varies.

import { plural } from '../../units.js';
import { drawnEnds } from '../estimate-text.js';
import { labelBy, levelsOf, levelText } from '../factors.js';
import { timeAxis } from './axes.js';
import type { DataRow, Figure, FigureInput, Json, JsonObject } from './figure.js';
import { chunks, colourFactor, colourTitle, type Group, pageSuffix } from './groups.js';
import { colourScale, FIGURE_WIDTH, framed, legend, shapeScale } from './theme.js';

const PANELS_PER_FIGURE = 6;
/** Points of one memory size stand this share of an octave apart, so that their bars do not cover each other. */
const DODGE = 0.07;

interface MemoryRow extends DataRow {
  panel: string;
  panel_number: number;
  level: string;
  memory_mb: number;
  drawn_at_mb: number;
  client_us_p50: number;
  low_us: number | null;
  high_us: number | null;
  n: number;
}

interface Levels {
  colour: string | null;
  names: string[];
}

export function memoryFigures(group: Group, input: FigureInput): Figure[] {
  if (!group.varying.includes('memory_mb')) return [];
  const colour = colourFactor(group.varying, ['memory_mb', 'start']);
  const summaries = group.cells.map((cell) => cell.summary);
  const levels: Levels = { colour, names: colour === null ? ['all'] : levelsOf(summaries, colour) };
  const rows = memoryRows(group, levels);
  if (new Set(rows.map((row) => row.memory_mb)).size < 2) return [];
  const pages = chunks([...new Set(rows.map((row) => row.panel))], PANELS_PER_FIGURE);
  return pages.map((panels, at) => {
    const shown = rows
      .filter((row) => panels.includes(row.panel))
      .map((row) => ({ ...row, panel_number: panels.indexOf(row.panel) + 1 }));
    return memoryFigure(group, shown, panels, levels, { number: at + 1, of: pages.length }, input);
  });
}

function memoryRows(group: Group, levels: Levels): MemoryRow[] {
  const others = group.varying.filter((factor) => factor !== 'memory_mb' && factor !== levels.colour);
  return group.cells.flatMap(({ summary }): MemoryRow[] => {
    const p50 = summary.metrics.client_us?.p50;
    const memory = summary.factors.memory_mb;
    if (typeof memory !== 'number' || p50 === undefined || p50.value === null) return [];
    const level = levels.colour === null ? 'all' : levelText(summary, levels.colour);
    const shift = (levels.names.indexOf(level) - (levels.names.length - 1) / 2) * DODGE;
    const drawn = drawnEnds(p50);
    return [
      {
        panel: labelBy(summary, others),
        panel_number: 0,
        level,
        memory_mb: memory,
        drawn_at_mb: Math.round(memory * 2 ** shift * 100) / 100,
        client_us_p50: p50.value,
        low_us: drawn.low,
        high_us: drawn.high,
        n: p50.n,
      },
    ];
  });
}

function memoryFigure(
  group: Group,
  rows: readonly MemoryRow[],
  panels: readonly string[],
  levels: Levels,
  page: { number: number; of: number },
  input: FigureInput,
): Figure {
  const title = `Memory against latency, ${group.title}${pageSuffix(page)}`;
  const times = rows.flatMap((row) => [
    row.client_us_p50,
    row.low_us ?? row.client_us_p50,
    row.high_us ?? row.client_us_p50,
  ]);
  const axis = timeAxis(times, 'median client time', { ticks: 5 });
  const bare = rows.filter((row) => row.low_us === null).length;
  const sizes = [...new Set(rows.map((row) => row.memory_mb))].sort((a, b) => a - b);
  return {
    id: `memory-${group.id}${page.of > 1 ? `-${page.number}` : ''}`,
    title,
    notes: [
      `Median of client time with its interval for each memory size. Lines join the sizes because memory is ordered; nothing was measured between them. ${axis.words}`,
      ...(levels.names.length > 1 ? ['Points of one size are moved apart sideways.'] : []),
      ...(bare > 0 ? [`${plural(bare, 'median')} without an interval of two ends: see the table for the reason.`] : []),
    ],
    alt: `Median client time at ${sizes.join(', ')} MB: ${rows.map((row) => `${[row.panel, row.level === 'all' ? '' : row.level].filter(Boolean).join(' ')} ${row.memory_mb} MB ${(row.client_us_p50 / 1000).toFixed(1)} ms`).join('; ')}`,
    cells: group.cells.map((cell) => cell.id),
    spec: framed(title, input.mark, rows, memorySpec(panels, levels, sizes, axis)),
  };
}

function memorySpec(
  panels: readonly string[],
  levels: Levels,
  sizes: readonly number[],
  axis: ReturnType<typeof timeAxis>,
): JsonObject {
  const columns = panels.length > 1 ? 2 : 1;
  const level = { field: 'level', type: 'nominal', legend: legend(colourTitle(levels.colour), levels.names) };
  const color: JsonObject = { ...level, scale: colourScale(levels.names) };
  const x = { field: 'drawn_at_mb', type: 'quantitative', ...memoryAxis(sizes) };
  const y = { type: 'quantitative', scale: axis.scale, axis: axis.axis, title: axis.title };
  const value = { field: 'client_us_p50', ...y };
  return {
    columns,
    concat: panels.map((panel, at) => ({
      title: { text: panel, fontSize: 11, fontWeight: 'normal' },
      width: (FIGURE_WIDTH - 40 - columns * 70) / columns,
      height: 210,
      transform: [{ filter: { field: 'panel_number', equal: at + 1 } }],
      layer: [
        {
          mark: { type: 'line', strokeWidth: 1, aria: false },
          encoding: { x, y: value, color },
        },
        {
          transform: [{ filter: 'isValid(datum.low_us)' }],
          mark: { type: 'rule', strokeWidth: 2, aria: false },
          encoding: { x, y: { field: 'low_us', ...y }, y2: { field: 'high_us' }, color },
        },
        {
          mark: { type: 'point', filled: true, size: 55, opacity: 1, aria: false },
          encoding: { x, y: value, color, shape: { ...level, scale: shapeScale(levels.names) } },
        },
      ],
    })),
  };
}

/** Memory doubles from size to size, so the axis is logarithmic to base 2 with a tick at every measured size. */
function memoryAxis(sizes: readonly number[]): JsonObject {
  const low = (sizes[0] ?? 1) / 1.25;
  const high = (sizes.at(-1) ?? 1) * 1.25;
  const values: Json = [...sizes];
  return {
    scale: { type: 'log', base: 2, domain: [low, high], nice: false },
    axis: { values, format: '~d', grid: false },
    title: 'memory (MB, log scale)',
  };
}
