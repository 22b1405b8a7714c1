// Stage 5, report. Summary and attempts in; out: the data the page carries for its script, small enough to be carried:
// the cells with their places among the levels of each factor, and the attempts as columns.
import type { CellSummary } from '../generated/summary.js';
import type { Attempts } from '../results/attempts.js';
import type { Value } from '../results/dataframe.js';
import { metricName } from './cell-rows.js';
import { quantityOf } from './estimate-text.js';
import { levelsOf, levelText, nameOf, varyingFactors } from './factors.js';
import type { DataRow, JsonObject } from './figures/figure.js';

export interface CellData {
  factors: { name: string; levels: string[] }[];
  cells: { id: string; label: string; levels: number[] }[];
}

/** More levels than this are no filter a reader can use. */
const LEVELS_PER_FACTOR = 200;

/** The factors that vary, and where each cell stands in them; the place of a cell is the number by which rows name it. */
export function cellData(cells: readonly CellSummary[]): CellData {
  const factors = varyingFactors(cells)
    .map((factor) => ({ factor, name: nameOf(factor), levels: levelsOf(cells, factor) }))
    .filter(({ levels }) => levels.length <= LEVELS_PER_FACTOR);
  const places = factors.map(({ levels }) => new Map(levels.map((level, at) => [level, at])));
  return {
    factors: factors.map(({ name, levels }) => ({ name, levels })),
    cells: cells.map((cell) => ({
      id: cell.cell,
      label: cell.label,
      levels: factors.map(({ factor }, at) => places[at]?.get(levelText(cell, factor)) ?? 0),
    })),
  };
}

interface PageColumn {
  name: string;
  label?: string;
  unit?: string | null;
  /** Numbers as they are, or … */
  values?: (number | null)[];
  /** … the distinct texts in order of appearance, each as what it shares with the one before and the rest, … */
  texts?: [shared: number, rest: string][];
  /** … with the place of each row's text. */
  at?: (number | null)[];
  /** Null stands for a row that lacks the column. */
  absent?: true;
}

export function attemptData({ all, shown, columns }: Attempts): { all: number; shown: number; columns: PageColumn[] } {
  return { all, shown, columns: columns.map(pageColumn) };
}

function pageColumn({ name, values }: Attempts['columns'][number]): PageColumn {
  const unit = { us: 'ms', bytes: 'bytes', share: null, plain: null, usd: 'USD' }[quantityOf(name)];
  return { name, label: columnLabel(name), unit, ...coded(values) };
}

/**
 * A figure's specification with its rows as columns, which is a third of the size; the page's script makes rows of them
 * again. Rows that lack a column in one place and have null there in another stay as they are.
 */
export function figureData(spec: JsonObject, rows: readonly DataRow[]): object {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const columns = names.map((name) => {
    const lacking = rows.some((row) => row[name] === undefined);
    if (lacking && rows.some((row) => row[name] === null)) return null;
    const values = rows.map((row) => row[name] ?? null);
    return { name, ...coded(values), ...(lacking ? { absent: true as const } : {}) };
  });
  return columns.includes(null) ? spec : { ...spec, datasets: { columns } };
}

/** Numbers as they are, texts by their places among the distinct ones. */
function coded(values: readonly Value[]): Pick<PageColumn, 'values' | 'texts' | 'at'> {
  if (values.every((value) => value === null || typeof value === 'number'))
    return { values: values.map((value) => (typeof value === 'number' ? value : null)) };
  const texts = new Map<string, number>();
  const at = values.map((value) => {
    if (value === null) return null;
    const place = texts.get(String(value)) ?? texts.size;
    texts.set(String(value), place);
    return place;
  });
  return { texts: frontCoded([...texts.keys()]), at };
}

function frontCoded(texts: readonly string[]): [number, string][] {
  let before = '';
  return texts.map((text) => {
    let shared = 0;
    while (shared < text.length && text[shared] === before[shared]) shared += 1;
    before = text;
    return [shared, text.slice(shared)];
  });
}

const LABELS: Readonly<Record<string, string>> = {
  client_us: 'client time',
  released_us: 'released at',
  queue_us: 'queue',
  start_observed: 'start seen',
  http_status: 'HTTP status',
};

function columnLabel(name: string): string {
  return LABELS[name] ?? metricName(name);
}
