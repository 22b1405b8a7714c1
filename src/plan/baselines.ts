// Stage 2, baselines: which cell each cell is compared with. Comes in: the cells and what names the baseline; goes out: a
// map over all cells. The baseline of a cell is the same cell in every factor that both platforms have and the baseline
// does not name. Pure.
import type { Cell } from '../generated/plan.js';
import type { CellSelector } from '../spec/resolved.js';
import { labelOf, type PlanProblem, type PlatformFacts } from './cells.js';
import { selects } from './select.js';

/** Everything a cell is told apart by. A version belongs to its language. */
const FACTORS = [
  'experiment',
  'platform',
  'benchmark',
  'language',
  'architecture',
  'memory_mb',
  'timeout_s',
  'package',
  'trigger',
  'connection',
  'input',
  'start',
  'concurrency',
  'network',
  'cold_level',
] as const;

export interface Baselines {
  baselines: Record<string, string | null>;
  problems: PlanProblem[];
}

/** null: the suite names no baseline. */
export function baselinesOf(
  cells: readonly Cell[],
  selector: CellSelector | undefined,
  platforms: readonly PlatformFacts[],
): Baselines | null {
  if (selector === undefined) return null;
  const originals = cells.filter((cell) => cell.control_of === undefined);
  const find = finderOf(
    originals.filter((cell) => selects(selector, cell)),
    selector,
    platforms,
  );
  const ambiguous: { cell: Cell; found: readonly Cell[] }[] = [];
  const baselines = Object.fromEntries(
    originals.map((cell) => {
      const found = selects(selector, cell) ? [cell] : find(cell);
      if (found.length > 1) ambiguous.push({ cell, found });
      return [cell.id, found[0]?.id ?? null];
    }),
  );
  return { baselines, problems: ambiguityOf(ambiguous) };
}

/** Platforms differ in the factors they have: for each set of common ones there is an index of its own. */
function finderOf(
  candidates: readonly Cell[],
  selector: CellSelector,
  platforms: readonly PlatformFacts[],
): (cell: Cell) => readonly Cell[] {
  const kinds = new Map(platforms.map(({ entry, capabilities }) => [entry.id, capabilities.packageKinds]));
  const byPlatform = groupedBy(candidates, ({ platform }) => platform);
  const indexes = new Map<string, Map<string, Cell[]>>();
  return (cell) =>
    [...byPlatform].flatMap(([platform, there]) => {
      const [sample] = there;
      if (sample === undefined) return [];
      const common = FACTORS.filter(
        (factor) =>
          selector[factor] === undefined &&
          has(cell, factor) &&
          has(sample, factor) &&
          // A kind of package that only one of the two platforms has is not a choice that could be made alike.
          (factor !== 'package' || (kinds.get(platform)?.includes(cell.package ?? '') ?? false)),
      );
      const settings = commonSettings(cell, sample, selector);
      const name = [platform, ...common, ...settings].join('/');
      const index = indexes.get(name) ?? groupedBy(there, (candidate) => keyOf(candidate, common, settings));
      indexes.set(name, index);
      return index.get(keyOf(cell, common, settings)) ?? [];
    });
}

/** A platform that has no such axis leaves it empty. */
function has(cell: Cell, factor: (typeof FACTORS)[number]): boolean {
  return (cell[factor] ?? null) !== null;
}

function groupedBy(cells: readonly Cell[], key: (cell: Cell) => string): Map<string, Cell[]> {
  const groups = new Map<string, Cell[]>();
  for (const cell of cells) {
    const name = key(cell);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [cell]);
    else group.push(cell);
  }
  return groups;
}

function commonSettings(cell: Cell, other: Cell, selector: CellSelector): string[] {
  return Object.keys(cell.settings).filter((key) => selector[key] === undefined && Object.hasOwn(other.settings, key));
}

function keyOf(cell: Cell, factors: readonly (typeof FACTORS)[number][], settings: readonly string[]): string {
  return JSON.stringify([
    ...factors.map((factor) => (factor === 'language' ? [cell.language, cell.language_version] : cell[factor])),
    ...settings.map((key) => cell.settings[key]),
  ]);
}

function ambiguityOf(ambiguous: readonly { cell: Cell; found: readonly Cell[] }[]): PlanProblem[] {
  const [first] = ambiguous;
  if (first === undefined) return [];
  const { cell, found } = first;
  const [one, other] = found;
  const differing = FACTORS.filter((factor) => one?.[factor] !== other?.[factor]).map(writtenName);
  const more = ambiguous.length === 1 ? '' : `, as have ${ambiguous.length - 1} others`;
  return [
    {
      path: ['report', 'baseline'],
      message: `${labelOf(cell)} has ${found.length} baselines${more}: ${found.slice(0, 2).map(labelOf).join('; ')}`,
      hint: `name also ${differing.length === 0 ? 'what they differ in' : differing.join(' or ')}`,
    },
  ];
}

function writtenName(factor: string): string {
  return factor === 'start' ? 'starts' : factor.replace(/_(mb|s)$/, '');
}
