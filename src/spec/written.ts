// A suite as it was written, read without trust: rules look at it even when parts of it do not fit the schema, so that one
// run shows every mistake. Comes in any value, goes out the entries that can be made sense of, each with its path.
import { basename, resolve } from 'node:path';
import type { SuitePath } from './resolved.js';
import { isRecord, memberOf } from './schemas.js';

export interface WrittenName {
  name: string;
  path: SuitePath;
}

export interface WrittenBenchmark {
  /** Path of the entry. */
  path: SuitePath;
  /** What it goes by: its id, else the name of its folder; undefined when it has neither. */
  id: string | undefined;
  /** Where the id stands. */
  idPath: SuitePath;
  /** Absolute folder of a benchmark of the user's own. */
  folder?: string;
}

/** A map in which keys may be axes. */
export interface AxisSite {
  map: Readonly<Record<string, unknown>>;
  path: SuitePath;
}

/** Ids of the platforms; undefined when they cannot be known. */
export function platformIds(suite: unknown): string[] | undefined {
  const platforms = memberOf(suite, 'platforms');
  if (Array.isArray(platforms)) return platforms.filter((type) => typeof type === 'string');
  return isRecord(platforms) ? Object.keys(platforms) : undefined;
}

/** What the relative paths at a place of the suite are relative to: the folder of the file that it stands in. */
export type FolderOf = (path: SuitePath) => string;

export function benchmarksOf(suite: unknown, folderOf: FolderOf): WrittenBenchmark[] {
  const entries = memberOf(suite, 'benchmarks');
  if (!Array.isArray(entries)) return [];
  return entries.flatMap((entry: unknown, index): WrittenBenchmark[] => {
    const path = ['benchmarks', index];
    if (typeof entry === 'string') return [{ path, id: entry, idPath: path }];
    if (!isRecord(entry)) return [];
    const own = memberOf(entry, 'path');
    const id = memberOf(entry, 'id');
    const idText = typeof id === 'string' ? id : undefined;
    if (typeof own !== 'string') return [{ path, id: idText, idPath: [...path, 'id'] }];
    const where = resolve(folderOf([...path, 'path']), own);
    const idPath = [...path, idText === undefined ? 'path' : 'id'];
    return [{ path, id: idText ?? basename(where), idPath, folder: where }];
  });
}

export function experimentsOf(suite: unknown): { id: string; entry: Record<string, unknown>; path: SuitePath }[] {
  const experiments = memberOf(suite, 'experiments');
  if (!isRecord(experiments)) return [];
  return Object.entries(experiments).flatMap(([id, entry]) =>
    isRecord(entry) ? [{ id, entry, path: ['experiments', id] }] : [],
  );
}

/** The texts of a list, each with its path. */
export function namesIn(value: unknown, path: SuitePath): WrittenName[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((name: unknown, index) => (typeof name === 'string' ? [{ name, path: [...path, index] }] : []));
}

/** The same for one text or a list of them. */
export function asNames(value: unknown, path: SuitePath): WrittenName[] {
  return typeof value === 'string' ? [{ name: value, path }] : namesIn(value, path);
}

/** All maps of the suite that say which cells are meant. */
export function cellSites(suite: unknown): AxisSite[] {
  const exclude = memberOf(suite, 'exclude');
  const baseline = memberOf(memberOf(suite, 'report'), 'baseline');
  return [
    ...(Array.isArray(exclude) ? exclude : []).map((map: unknown, index) => ({ map, path: ['exclude', index] })),
    { map: baseline, path: ['report', 'baseline'] },
  ].flatMap(({ map, path }) => (isRecord(map) ? [{ map, path }] : []));
}

/** All maps of the suite in which axes may stand. */
export function axisSites(suite: unknown): AxisSite[] {
  const platforms = memberOf(suite, 'platforms');
  const benchmarks = memberOf(suite, 'benchmarks');
  const sites: [unknown, SuitePath][] = [
    [memberOf(suite, 'factors'), ['factors']],
    ...(isRecord(platforms) ? Object.entries(platforms) : []).map(([id, entry]): [unknown, SuitePath] => [
      entry,
      ['platforms', id],
    ]),
    ...(Array.isArray(benchmarks) ? benchmarks : []).map((entry: unknown, index): [unknown, SuitePath] => [
      entry,
      ['benchmarks', index],
    ]),
    ...experimentsOf(suite).map(({ entry, path }): [unknown, SuitePath] => [
      memberOf(entry, 'factors'),
      [...path, 'factors'],
    ]),
  ];
  return [...sites.flatMap(([map, path]) => (isRecord(map) ? [{ map, path }] : [])), ...cellSites(suite)];
}
