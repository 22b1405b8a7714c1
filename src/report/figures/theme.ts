// Stage 5, figures: the look they share. Colours are Okabe and Ito's, which people with colour-blindness can tell apart;
// lines differ in dash and points in shape as well, so that a print in grey can be read.
import type { DataRow, Json, JsonObject } from './figure.js';
import { textWidth } from './text-width.js';

/** Okabe–Ito without yellow, which is too pale on white. */
export const COLOURS = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#56B4E9', '#E69F00', '#000000'] as const;
export const DASHES: readonly number[][] = [[], [6, 2], [2, 2], [8, 2, 2, 2], [4, 1, 1, 1, 1, 1], [10, 3], [1, 2]];
export const SHAPES = [
  'circle',
  'square',
  'triangle-up',
  'diamond',
  'cross',
  'triangle-down',
  'triangle-right',
] as const;
export const INK = '#1c2430';
export const MUTED = '#5b6673';
const GRID = '#e3e7ec';
const WARN = '#9a3412';

/** The width a figure is drawn for, in px; the page scrolls it where the screen is narrower. */
export const FIGURE_WIDTH = 760;

/** Longer labels of rows are cut by an ellipsis. */
const LABEL_LIMIT = 300;

const TITLE_SIZE = 13;
/** How much wider bold letters are. */
const BOLD = 1.12;

const FONT = 'Helvetica, Arial, "DejaVu Sans", sans-serif';

const CONFIG: JsonObject = {
  background: '#ffffff',
  font: FONT,
  view: { stroke: '#c9d0d8' },
  title: {
    anchor: 'start',
    color: INK,
    fontSize: TITLE_SIZE,
    fontWeight: 600,
    subtitleColor: MUTED,
    subtitleFontSize: 11,
  },
  axis: {
    labelColor: INK,
    titleColor: INK,
    labelFontSize: 11,
    titleFontSize: 11,
    titleFontWeight: 'normal',
    gridColor: GRID,
    tickColor: '#8a94a0',
    domainColor: '#8a94a0',
    labelLimit: LABEL_LIMIT,
    labelOverlap: 'greedy',
    labelSeparation: 6,
    labelFlush: false,
  },
  legend: { labelColor: INK, titleColor: INK, labelFontSize: 11, titleFontSize: 11, labelLimit: 300, symbolSize: 90 },
  concat: { spacing: 26 },
};

/** The scales of one factor: colour, dash and shape say the same thing three times. */
export function colourScale(levels: readonly string[]): { domain: Json; range: Json } {
  return { domain: [...levels], range: cycle(COLOURS, levels.length) };
}

export function dashScale(levels: readonly string[]): { domain: Json; range: Json } {
  // The second time round the colours, every level moves on by one dash, so that no pair of the two repeats.
  const range = levels.map((_level, at) => [...(DASHES[(at + Math.floor(at / COLOURS.length)) % DASHES.length] ?? [])]);
  return { domain: [...levels], range };
}

export function shapeScale(levels: readonly string[]): { domain: Json; range: Json } {
  const range = levels.map((_level, at) => SHAPES[(at + Math.floor(at / COLOURS.length)) % SHAPES.length] ?? 'circle');
  return { domain: [...levels], range };
}

export function legend(title: string, levels: readonly string[]): Json {
  return levels.length < 2 ? null : { title, orient: 'bottom', direction: 'horizontal', columns: 4 };
}

/** What is left of the width of a figure beside the labels of its rows. */
export function widthBeside(labels: readonly string[]): number {
  const widest = Math.max(0, ...labels.map((label) => textWidth(label, 11)));
  return FIGURE_WIDTH - Math.min(widest, LABEL_LIMIT) - 40;
}

/**
 * A whole specification: title, what must be said of the run, rows, look. Names from outside may stand in rows, titles and
 * scale domains, never in a filter or a sort, which vega compiles to code.
 */
export function framed(title: string, mark: string | null, rows: readonly DataRow[], body: JsonObject): JsonObject {
  const said: JsonObject =
    mark === null ? {} : { subtitle: fitted(mark), subtitleColor: WARN, subtitleFontWeight: 'bold' };
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    title: { text: fitted(title), offset: 10, ...said },
    padding: 8,
    datasets: { rows: rows.map((row) => ({ ...row })) },
    data: { name: 'rows' },
    ...body,
    config: CONFIG,
  };
}

/** A title that is not wider than the figure. */
function fitted(title: string): string {
  const widthOf = (text: string) => textWidth(text, TITLE_SIZE) * BOLD;
  const letters = [...title];
  if (widthOf(title) <= FIGURE_WIDTH - 20) return title;
  while (letters.length > 0 && widthOf(`${letters.join('')}…`) > FIGURE_WIDTH - 20) letters.pop();
  return `${letters.join('').trimEnd()}…`;
}

export function clipped(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

function cycle(values: readonly string[], count: number): Json {
  return Array.from({ length: count }, (_unused, at) => values[at % values.length] ?? INK);
}
