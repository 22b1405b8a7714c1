// Stage 1, `--filter platform=docker`: comes in what the command line says and the suite as it was written, goes out which
// cells are meant. Several values, or the same axis again, mean any of them; different axes must all fit.
import { UsageError } from '../errors.js';
import { cellAxes } from './cell-rules.js';
import { quote } from './finding.js';
import { suggest } from './nearest.js';
import { selectorOf } from './resolve.js';
import type { CellSelector } from './resolved.js';
import { yamlScalar } from './yaml-text.js';

/** Ids are texts, whatever they look like. */
const TEXTS: ReadonlySet<string> = new Set(['experiment', 'platform', 'benchmark', 'input']);

/** undefined: nothing is filtered. */
export function filterOf(filters: readonly string[], suite: unknown): CellSelector | undefined {
  if (filters.length === 0) return undefined;
  const levels = new Map<string, unknown[]>();
  for (const filter of filters) {
    const [, axis = '', values = ''] = /^([^=]+)=(.+)$/s.exec(filter) ?? [];
    if (axis === '')
      throw new UsageError(`--filter ${quote(filter)} is no AXIS=LEVEL`, { hint: 'such as --filter memory=128,256' });
    const valid = cellAxes(suite);
    if (!valid.includes(axis))
      throw new UsageError(`--filter: no cell has an axis ${quote(axis)}`, { hint: suggest(axis, valid, 'axes') });
    const read = TEXTS.has(axis) ? (text: string): unknown => text : yamlScalar;
    levels.set(axis, [...(levels.get(axis) ?? []), ...values.split(',').map(read)]);
  }
  return selectorOf(Object.fromEntries(levels));
}
