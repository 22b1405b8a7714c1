// Stage 5, figures: which cells stand in one figure, and how. Cells of one experiment, benchmark and input are read
// beside each other: one factor becomes the colour, the others become panels. Many cells become several pages.
import { labelBy, levelsOf, levelText, nameBy, nameOf, varyingFactors } from '../factors.js';
import { type FigureCell, slug } from './figure.js';

export const LINES_PER_FIGURE = 20;
const PANELS_PER_FIGURE = 6;

export interface Group {
  id: string;
  /** "cold-warm: 110.dynamic-html, input test" */
  title: string;
  cells: FigureCell[];
  varying: string[];
}

export interface Panel {
  title: string;
  lines: { level: string; cell: FigureCell }[];
}

/** One figure's worth of panels; `of` > 1 when the group needs several. */
export interface Page {
  number: number;
  of: number;
  panels: Panel[];
  levels: string[];
}

export function groupsOf(cells: readonly FigureCell[]): Group[] {
  const groups = new Map<string, FigureCell[]>();
  for (const cell of cells) {
    const { experiment, benchmark, input } = cell.summary.factors;
    const key = JSON.stringify([experiment ?? null, benchmark ?? null, input ?? null]);
    groups.set(key, [...(groups.get(key) ?? []), cell]);
  }
  const ids = new Set<string>();
  return [...groups.values()].map((members) => {
    const first = members[0]?.summary;
    const parts = ['experiment', 'benchmark', 'input'].map((factor) =>
      first === undefined ? '' : levelText(first, factor),
    );
    const id = unique(slug(...parts) || 'cells', ids);
    const [experiment, benchmark, input] = parts;
    return {
      id,
      title: `${experiment}: ${benchmark}${input === 'none' ? '' : `, input ${input}`}`,
      cells: members,
      varying: varyingFactors(members.map((cell) => cell.summary)),
    };
  });
}

/** The factor that colours tell apart: the one with an order first, then what readers compare most. */
export function colourFactor(varying: readonly string[], without: readonly string[] = []): string | null {
  const candidates = varying.filter((factor) => !without.includes(factor));
  return (
    ['memory_mb', 'language', 'platform', 'start'].find((factor) => candidates.includes(factor)) ??
    candidates[0] ??
    null
  );
}

export function panelsOf(group: Group, colour: string | null, without: readonly string[] = []): Panel[] {
  const others = group.varying.filter((factor) => factor !== colour && !without.includes(factor));
  const panels = new Map<string, Panel>();
  for (const cell of group.cells) {
    const title = labelBy(cell.summary, others);
    const panel = panels.get(title) ?? { title, lines: [] };
    panel.lines.push({ level: colour === null ? 'all' : levelText(cell.summary, colour), cell });
    panels.set(title, panel);
  }
  return [...panels.values()];
}

/** Panels in pages of at most 20 lines; a panel with more lines than that is cut into numbered pieces. */
export function pagesOf(group: Group, panels: readonly Panel[], colour: string | null): Page[] {
  const order =
    colour === null
      ? ['all']
      : levelsOf(
          group.cells.map((cell) => cell.summary),
          colour,
        );
  const pages: Panel[][] = [];
  let lines = Number.POSITIVE_INFINITY;
  for (const piece of panels.flatMap(pieces)) {
    const page = pages.at(-1);
    if (page === undefined || lines + piece.lines.length > LINES_PER_FIGURE || page.length >= PANELS_PER_FIGURE) {
      pages.push([piece]);
      lines = piece.lines.length;
    } else {
      page.push(piece);
      lines += piece.lines.length;
    }
  }
  return pages.map((members, at) => {
    const used = new Set(members.flatMap((panel) => panel.lines.map((line) => line.level)));
    return { number: at + 1, of: pages.length, panels: members, levels: order.filter((level) => used.has(level)) };
  });
}

function pieces(panel: Panel): Panel[] {
  const parts = chunks(panel.lines, LINES_PER_FIGURE);
  if (parts.length < 2) return [panel];
  return parts.map((lines, at) => ({ title: `${panel.title} (${at + 1} of ${parts.length})`, lines }));
}

/** The name of a cell within its group; never the same twice, or two cells would be drawn as one. */
export function cellNames(group: Group): Map<string, string> {
  const names = new Map<string, string>();
  const used = new Set<string>();
  for (const cell of group.cells) {
    const base = nameBy(cell.summary, group.varying);
    names.set(cell.id, unique(base, used));
  }
  return names;
}

export function pageSuffix(page: { number: number; of: number }): string {
  return page.of < 2 ? '' : ` (page ${page.number} of ${page.of})`;
}

export function colourTitle(colour: string | null): string {
  return colour === null ? '' : nameOf(colour);
}

/** The members in order, at most `size` together; none for none. */
export function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_unused, at) =>
    items.slice(at * size, (at + 1) * size),
  );
}

function unique(base: string, used: Set<string>): string {
  let name = base;
  for (let count = 2; used.has(name); count += 1) name = `${base}-${count}`;
  used.add(name);
  return name;
}
