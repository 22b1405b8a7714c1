// Names for cells. Comes in: the cells of a plan; goes out: for each the settings in which it differs from the others,
// in one line, e.g. "110.dynamic-html · python@3.11 · 128 MB · cold". Pure.
import type { Cell } from '../generated/plan.js';
import { factorsOf, runtimeOf, settingKeys } from './columns.js';

type Part = (cell: Cell) => string | null;

/** In the order in which a reader looks for them; the words say which setting it is. */
const PARTS: readonly Part[] = [
  (cell) => cell.experiment,
  (cell) => cell.platform,
  (cell) => cell.benchmark,
  runtimeOf,
  (cell) => cell.architecture,
  (cell) => (cell.memory_mb === null ? null : `${cell.memory_mb} MB`),
  (cell) => `time limit ${cell.timeout_s} s`,
  (cell) => cell.package,
  (cell) => cell.trigger,
  (cell) => cell.connection,
  (cell) => (cell.input === null ? null : `input ${cell.input}`),
  (cell) => cell.start,
  (cell) => `${cell.concurrency} at once`,
  (cell) => (cell.network === undefined ? null : `network ${cell.network}`),
  (cell) => cell.cold_level ?? null,
];

/** By cell id. Cells that differ in nothing shown here get their number as well. */
export function labelsOf(cells: readonly Cell[]): Map<string, string> {
  const parts = [...PARTS, ...settingKeys(cells).map(settingPart)];
  const telling = tellingParts(parts, cells);
  const shown = telling.length > 0 ? telling : parts.filter((_part, index) => index === 2 || index === 11);
  const varying = parts.filter((part) => new Set(cells.map(part)).size > 1);
  // A part may be all that tells a cell apart by not being there: then whatever else varies names it.
  const labels = cells.map((cell) => joined(shown, cell) || joined(varying, cell));
  const seen = new Map<string, number>();
  return new Map(
    cells.map((cell, index) => {
      const label = labels[index] ?? cell.id;
      const count = (seen.get(label) ?? 0) + 1;
      seen.set(label, count);
      return [cell.id, count === 1 && label !== '' ? label : `${label} (${count})`.trim()];
    }),
  );
}

/**
 * The parts that tell cells apart which the parts before them do not: a memory size that follows from the benchmark is
 * no part of a name.
 */
function tellingParts(parts: readonly Part[], cells: readonly Cell[]): Part[] {
  const kept: Part[] = [];
  let names = cells.map(() => '');
  for (const part of parts) {
    const longer = cells.map((cell, index) => `${names[index]}\u0000${part(cell)}`);
    if (new Set(longer).size === new Set(names).size) continue;
    kept.push(part);
    names = longer;
  }
  return kept;
}

function joined(parts: readonly Part[], cell: Cell): string {
  return parts
    .map((part) => part(cell))
    .filter((text) => text !== null)
    .join(' · ');
}

function settingPart(key: string): Part {
  return (cell) => {
    const value = factorsOf(cell, [key])[`setting_${key}`];
    return value === null || value === undefined ? null : `${key} ${value}`;
  };
}
