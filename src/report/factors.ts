// Stage 5, report. The settings of a cell in, words for them out: which settings differ within a group of cells, what a
// cell is called among its neighbours, and the table of all factors with their levels (methodology D9).
import type { CellSummary } from '../generated/summary.js';
import { plainLine } from './plain-line.js';

type Level = string | number | null;

/** Reading order of the known settings; whatever else an experiment adds follows by name. */
const ORDER = [
  'experiment',
  'platform',
  'benchmark',
  'input',
  'language',
  'architecture',
  'memory_mb',
  'package',
  'timeout_s',
  'trigger',
  'connection',
  'concurrency',
  'network',
  'start',
  'cold_level',
];

const NAMES: Readonly<Record<string, string>> = { memory_mb: 'memory', timeout_s: 'time limit' };

/** Settings that say the same as another one, or nothing a reader compares. */
const FOLDED = new Set(['language_version', 'runtime', 'benchmark_version', 'experiment_type', 'cell', 'label']);

export interface FactorRow {
  name: string;
  levels: string[];
  varied: boolean;
}

/** A setting's level as a reader says it: "128 MB", "python@3.11". */
export function levelText(cell: CellSummary, factor: string): string {
  const level = cell.factors[factor] ?? null;
  if (factor === 'language') return plainLine(languageText(level, cell.factors.language_version ?? null));
  if (level === null) return 'none';
  if (factor === 'memory_mb') return `${level} MB`;
  if (factor === 'timeout_s') return `${level} s`;
  return plainLine(String(level));
}

/** The settings of these cells in reading order. */
export function factorsOf(cells: readonly CellSummary[]): string[] {
  const all = new Set(cells.flatMap((cell) => Object.keys(cell.factors)).filter((factor) => !FOLDED.has(factor)));
  const others = [...all].filter((factor) => !ORDER.includes(factor)).sort();
  return [...ORDER.filter((factor) => all.has(factor)), ...others];
}

export function varyingFactors(cells: readonly CellSummary[]): string[] {
  return factorsOf(cells).filter((factor) => new Set(cells.map((cell) => levelText(cell, factor))).size > 1);
}

/** What a cell is called by these settings: "python@3.11 · 128 MB · cold". */
export function labelBy(cell: CellSummary, factors: readonly string[]): string {
  return factors
    .map((factor) => {
      const text = levelText(cell, factor);
      return NEEDS_NAME.has(factor) || !ORDER.includes(factor) ? `${nameOf(factor)} ${text}` : text;
    })
    .join(' · ');
}

/** The same, for a cell that has no neighbours to differ from: what it runs on. */
export function nameBy(cell: CellSummary, factors: readonly string[]): string {
  return labelBy(cell, factors) || labelBy(cell, ['language', 'memory_mb']);
}

/** Numbers that could be anything are said with their name. */
const NEEDS_NAME = new Set(['concurrency', 'timeout_s', 'input', 'network']);

export function nameOf(factor: string): string {
  return (
    NAMES[factor] ??
    plainLine(factor)
      .replace(/^setting_/, '')
      .replaceAll('_', ' ')
  );
}

/** Levels in order of size where they are numbers, in order of appearance else. */
export function levelsOf(cells: readonly CellSummary[], factor: string): string[] {
  const seen = new Map<string, Level>();
  for (const cell of cells) seen.set(levelText(cell, factor), cell.factors[factor] ?? null);
  const entries = [...seen];
  if (entries.every(([, level]) => typeof level === 'number'))
    entries.sort(([, a], [, b]) => (a as number) - (b as number));
  return entries.map(([text]) => text);
}

export function factorTable(cells: readonly CellSummary[]): FactorRow[] {
  return factorsOf(cells).map((factor) => {
    const levels = levelsOf(cells, factor);
    return { name: nameOf(factor), levels, varied: levels.length > 1 };
  });
}

function languageText(language: Level, version: Level): string {
  if (language === null) return 'none';
  return version === null ? String(language) : `${language}@${version}`;
}
