// Stage 5, report. Cells of a summary and conditions such as `memory=128,256` in, the cells that meet them out. An axis or
// a level that no cell has is a mistake that names what there is: an empty table would look like a result. Pure.
import { UsageError } from '../errors.js';
import type { CellSummary } from '../generated/summary.js';

/** An axis by its name in the suite language; other factors go by their name in the tables. */
const AXES: Readonly<Record<string, (factors: CellSummary['factors']) => readonly unknown[]>> = {
  memory: ({ memory_mb: mb }) => [mb, `${mb}MB`, `${mb} MB`],
  timeout: ({ timeout_s: s }) => [s, `${s}s`],
  language: ({ language, runtime }) => [language, runtime],
  starts: ({ start }) => [start],
};
const INSTEAD = ['memory_mb', 'timeout_s', 'language_version', 'runtime'];

/** Conditions on one axis are alternatives, those on different axes must all be met. */
export function filterCells(cells: readonly CellSummary[], conditions: readonly string[]): CellSummary[] {
  const wanted = new Map<string, string[]>();
  for (const condition of conditions) {
    const { axis, levels } = parse(condition, cells);
    wanted.set(axis, [...(wanted.get(axis) ?? []), ...levels]);
  }
  return cells.filter((cell) =>
    [...wanted].every(([axis, levels]) => levels.some((level) => meets(cell, axis, level))),
  );
}

function parse(condition: string, cells: readonly CellSummary[]): { axis: string; levels: string[] } {
  const [axis = '', ...rest] = condition.split('=');
  const levels = rest
    .join('=')
    .split(',')
    .filter((level) => level !== '');
  if (axis === '' || levels.length === 0)
    throw new UsageError(`'${condition}' is no condition`, {
      hint: 'write axis=level, for example --filter memory=128,256',
    });
  const known = axesOf(cells);
  if (!known.includes(axis))
    throw new UsageError(`no cell has the axis '${axis}'`, { hint: `axes of this run: ${known.join(', ')}` });
  for (const level of levels)
    if (!cells.some((cell) => meets(cell, axis, level)))
      throw new UsageError(`no cell has ${axis} '${level}'`, {
        hint: `its levels in this run: ${levelsOf(cells, axis).join(', ')}`,
      });
  return { axis, levels };
}

function meets({ factors }: CellSummary, axis: string, level: string): boolean {
  return valuesOf(factors, axis).some((value) => value !== null && String(value) === level);
}

function valuesOf(factors: CellSummary['factors'], axis: string): readonly unknown[] {
  return AXES[axis]?.(factors) ?? [factors[axis] ?? factors[`setting_${axis}`] ?? null];
}

function axesOf(cells: readonly CellSummary[]): string[] {
  const columns = [...new Set(cells.flatMap(({ factors }) => Object.keys(factors)))];
  return [...Object.keys(AXES), ...columns.map((column) => column.replace(/^setting_/, ''))].filter(
    (axis, at, all) => !INSTEAD.includes(axis) && all.indexOf(axis) === at,
  );
}

function levelsOf(cells: readonly CellSummary[], axis: string): string[] {
  const levels = cells.map(({ factors }) => valuesOf(factors, axis)[0]).filter((level) => level !== null);
  return [...new Set(levels.map(String))].slice(0, 20);
}
