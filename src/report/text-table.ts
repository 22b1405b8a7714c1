// Stage 5, report. Columns of texts in, lines of a table for a terminal out: columns fall away from the right when it is
// narrow, and the first column is cut last. Pure.

export interface TextColumn {
  title: string;
  align: 'left' | 'right';
  values: string[];
}

const GAP = 2;
const LABEL_AT_LEAST = 16;
/** The first columns say which row it is and what it rests on: they stay. */
const KEPT = 3;

/** Whatever does not fit is left away from the right and named below; the label is cut last. */
export function textTable(columns: readonly TextColumn[], width: number): string[] {
  const widths = columns.map((column) => Math.max(...[column.title, ...column.values].map((text) => text.length)));
  let count = columns.length;
  const beside = () => widths.slice(1, count).reduce((sum, own) => sum + own + GAP, 0);
  while (count > KEPT && Math.min(widths[0] ?? 0, LABEL_AT_LEAST) + beside() > width) count -= 1;
  const label = Math.min(widths[0] ?? 0, Math.max(LABEL_AT_LEAST, width - beside()));
  const line = (texts: readonly string[]) =>
    columns
      .slice(0, count)
      .map((column, at) =>
        pad(
          cut(texts[at] ?? '', at === 0 ? label : Number.MAX_SAFE_INTEGER),
          at === 0 ? label : (widths[at] ?? 0),
          column.align,
        ),
      )
      .join(' '.repeat(GAP))
      .trimEnd();
  const rows = (columns[0]?.values ?? []).map((_label, row) => line(columns.map((column) => column.values[row] ?? '')));
  const dropped = columns.slice(count).map((column) => column.title);
  const note = dropped.length === 0 ? [] : [`(no room for: ${dropped.join(', ')})`];
  return [line(columns.map((column) => column.title)), ...rows, ...note];
}

function pad(text: string, width: number, align: TextColumn['align']): string {
  return align === 'left' ? text.padEnd(width) : text.padStart(width);
}

/** Labels differ at their end, so the middle goes. */
function cut(text: string, width: number): string {
  if (text.length <= width) return text;
  const head = Math.floor(width / 3);
  return `${text.slice(0, head)}…${text.slice(text.length - (width - head - 1))}`;
}
