// Stage 5, report. The rows of a figure in, CSV out, for readers without Vega. The page's own script does the same from
// the specification (templates/scripts/downloads.js); a test compares the two.
import type { DataRow } from './figures/figure.js';

/**
 * RFC 4180: a header, CRLF, quotes where needed, empty for unknown. Text that a spreadsheet would run as a formula gets
 * a leading apostrophe.
 */
export function csvText(rows: readonly DataRow[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const lines = [columns, ...rows.map((row) => columns.map((column) => row[column] ?? null))];
  return lines.map((line) => `${line.map(field).join(',')}\r\n`).join('');
}

function field(value: string | number | null): string {
  if (value === null) return '';
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
