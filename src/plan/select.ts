// Stage 2, some of the cells: whether a cell has one of the levels of every axis that a selector names. For the baseline,
// for `exclude` and for --filter. Pure.
import type { CellSelector, LanguageLevel } from '../spec/resolved.js';
import type { CellSettings } from './cells.js';

export function selects(selector: CellSelector, cell: CellSettings): boolean {
  for (const axis in selector) if (!has(cell, axis, selector[axis] ?? [])) return false;
  return true;
}

function has(cell: CellSettings, axis: string, levels: readonly unknown[]): boolean {
  if (axis === 'language') return levels.some((level) => speaks(cell, level as LanguageLevel));
  const own = Object.hasOwn(cell.settings, axis) ? cell.settings[axis] : undefined;
  return levels.includes(Object.hasOwn(cell, axis) ? cell[axis as keyof CellSettings] : own);
}

/** Without a version every version is meant. */
function speaks(cell: CellSettings, { language, version }: LanguageLevel): boolean {
  return cell.language === language && (version === null || cell.language_version === version);
}
