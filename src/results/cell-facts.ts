// What is known of a cell beside its estimates: how exactly its batches were released (methodology D10), and what served
// it (D9, D16). Comes in: columns of one cell; goes out: facts for its summary. Pure.
import type { BarrierSkew, Stratum } from '../generated/summary.js';
import type { CellRows } from './latency.js';
import { quantile } from './statistics/quantile.js';
import { kruskalWallis } from './statistics/rank-tests.js';

/** Columns besides the metrics that the facts need. */
export const FACT_COLUMNS = ['part', 'batch', 'released_us', 'cpu_model', 'deployment', 'sandbox_id'] as const;

/** From the first to the last release of a batch; null where no batch has two attempts in the sample. */
export function barrierSkew({ columns }: CellRows): BarrierSkew | null {
  const batches = new Map<string, { first: number; last: number; count: number }>();
  for (const [row, released] of (columns.released_us ?? []).entries()) {
    if (typeof released !== 'number') continue;
    const key = ['part', 'block', 'batch'].map((column) => String(columns[column]?.[row])).join(' ');
    const { first, last, count } = batches.get(key) ?? { first: released, last: released, count: 0 };
    batches.set(key, { first: Math.min(first, released), last: Math.max(last, released), count: count + 1 });
  }
  const skews = [...batches.values()].filter(({ count }) => count > 1).map(({ first, last }) => last - first);
  if (skews.length === 0) return null;
  const sorted = Float64Array.from(skews).sort();
  return { batches: sorted.length, p50_us: quantile(sorted, 0.5), max_us: sorted.at(-1) ?? 0 };
}

/** Strata that are listed; further ones are counted. */
const MAX_STRATA = 12;
/** Fewer rows than this have no median worth comparing. */
const MIN_ROWS = 5;
const STRATUM_COLUMNS = { cpu_model: 'CPU model', deployment: 'deployment', sandbox_id: 'sandbox' } as const;
type StratumColumn = keyof typeof STRATUM_COLUMNS;

/** Client time by what served the attempts, where that is more than one and has rows enough to be told apart. */
export function strataOf(rows: CellRows): { strata: Stratum[]; notes: string[] } {
  const found = (Object.keys(STRATUM_COLUMNS) as StratumColumn[]).flatMap((by) => {
    const levels = levelsOf(rows, by);
    return levels.length < 2 ? [] : [{ by, levels }];
  });
  return {
    strata: found.flatMap(({ by, levels }) =>
      levels.slice(0, MAX_STRATA).map(([level, values]) => ({
        by,
        level,
        n: values.length,
        client_us_p50: quantile(Float64Array.from(values).sort(), 0.5),
        of: levels.length,
      })),
    ),
    notes: found.flatMap(({ by, levels }) => differenceNote(by, levels)),
  };
}

/** Levels with enough rows, the largest first. */
function levelsOf({ columns }: CellRows, by: StratumColumn): [string, number[]][] {
  const groups = new Map<string, number[]>();
  for (const [row, level] of (columns[by] ?? []).entries()) {
    const value = columns.client_us?.[row];
    if (typeof level !== 'string' || typeof value !== 'number') continue;
    const values = groups.get(level) ?? [];
    groups.set(level, values);
    values.push(value);
  }
  return [...groups]
    .filter(([, values]) => values.length >= MIN_ROWS)
    .sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1));
}

/** At 1 %, because rows of a stratum may follow each other; a difference must also matter. */
function differenceNote(by: StratumColumn, levels: [string, number[]][]): string[] {
  const p = kruskalWallis(levels.map(([, values]) => values))?.p ?? 1;
  const medians = levels.map(([, values]) => quantile(Float64Array.from(values).sort(), 0.5));
  const [least, most] = [Math.min(...medians), Math.max(...medians)];
  if (p > 0.01 || most < 1.05 * least) return [];
  const spread = `medians of client time from ${Math.round(least)} to ${Math.round(most)} µs`;
  return [`Attempts differ by ${STRATUM_COLUMNS[by]} (${levels.length} of them, ${spread}): read the strata apart.`];
}
