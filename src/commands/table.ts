// Plain tables for the terminal: rows of text in, lines with aligned columns out. No colours, no rulers, so that the
// same text serves a person, a pipe and a test.

/** Columns are two spaces apart; the last one is not padded. Columns in `right` are aligned to the right. */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string {
  const all = [header.map((title) => title.toUpperCase()), ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all
    .map((row) =>
      widths
        .map((width, column) => {
          const text = row[column] ?? '';
          return right.includes(column) ? text.padStart(width) : text.padEnd(width);
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
