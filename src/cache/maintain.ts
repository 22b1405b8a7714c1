// `sebs cache list` and `sebs cache prune`: what the cache holds, and what of it may go. Comes in: the cache's folder;
// goes out: its entries with size and last use, and what was removed. An entry that a living process uses, or is
// making, stays.
import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SebsError } from '../errors.js';
import { acquireLock, type Lock, lockHolder } from '../host/lock.js';
import { CACHE_KINDS, type CacheKind, discardEntry, isLeased, namesIn, placesOf, removeLeftovers } from './cache.js';

export interface CacheItem {
  kind: CacheKind;
  hash: string;
  path: string;
  sizeBytes: number;
  /** UTC, ISO-8601. */
  lastUsedAt: string;
  /** Whether a living process uses it. */
  inUse: boolean;
}

export interface PruneOptions {
  /** Removes what was not used for this long; 30 days when nothing is said. */
  olderThanDays?: number;
  /** Removes everything that is not in use. */
  all?: boolean;
}

export interface PruneResult {
  removed: CacheItem[];
  /** Old enough, but in use. */
  inUse: CacheItem[];
  freedBytes: number;
}

const DEFAULT_AGE_DAYS = 30;
const MS_PER_DAY = 86_400_000;
const HASH = /^[0-9a-f]{64}/;

/** Everything in the cache, by kind and then the most recently used first. A cache that is not there is empty. */
export async function listCache(cacheDir: string): Promise<CacheItem[]> {
  const items: CacheItem[] = [];
  for (const kind of CACHE_KINDS) {
    const names = await namesIn(join(cacheDir, kind));
    const found = await Promise.all(
      names.filter((name) => HASH.test(name)).map((hash) => itemOf(cacheDir, kind, hash)),
    );
    items.push(...found.filter((item) => item !== undefined).sort((a, b) => (a.lastUsedAt > b.lastUsedAt ? -1 : 1)));
  }
  return items;
}

/** Removes old entries, and whatever killed processes left half made. */
export async function pruneCache(cacheDir: string, options: PruneOptions = {}): Promise<PruneResult> {
  const ageDays = options.all === true ? 0 : (options.olderThanDays ?? DEFAULT_AGE_DAYS);
  const newestUse = new Date(Date.now() - ageDays * MS_PER_DAY).toISOString();
  const result: PruneResult = { removed: [], inUse: [], freedBytes: 0 };
  for (const item of await listCache(cacheDir)) {
    if (options.all !== true && item.lastUsedAt > newestUse) continue;
    if (await removeUnused(cacheDir, item)) {
      result.removed.push(item);
      result.freedBytes += item.sizeBytes;
    } else result.inUse.push(item);
  }
  for (const kind of CACHE_KINDS) result.freedBytes += await removeHalfMade(cacheDir, kind);
  return result;
}

async function removeUnused(cacheDir: string, item: CacheItem): Promise<boolean> {
  const places = placesOf(cacheDir, item.kind, item.hash);
  const lock = await lockIfFree(places.lock);
  if (lock === undefined) return false;
  try {
    if (await isLeased(places.leases)) return false;
    await discardEntry(places, item.hash);
    await rm(places.leases, { recursive: true, force: true });
    return true;
  } finally {
    lock.release();
  }
}

async function removeHalfMade(cacheDir: string, kind: CacheKind): Promise<number> {
  let freedBytes = 0;
  const { building } = placesOf(cacheDir, kind, '');
  for (const name of await namesIn(building)) {
    const hash = HASH.exec(name)?.[0];
    if (hash === undefined) continue;
    const lock = await lockIfFree(placesOf(cacheDir, kind, hash).lock);
    if (lock === undefined) continue;
    try {
      freedBytes += await sizeOf(join(building, name));
      await removeLeftovers(building, hash);
    } finally {
      lock.release();
    }
  }
  return freedBytes;
}

async function lockIfFree(path: string): Promise<Lock | undefined> {
  try {
    return await acquireLock(path, { wait: false });
  } catch (error) {
    if (error instanceof SebsError && error.code === 'LOCKED') return undefined;
    throw error;
  }
}

/** undefined: it went away meanwhile. */
async function itemOf(cacheDir: string, kind: CacheKind, hash: string): Promise<CacheItem | undefined> {
  const places = placesOf(cacheDir, kind, hash);
  const facts = await lstat(places.entry).catch(() => undefined);
  if (facts === undefined) return undefined;
  return {
    kind,
    hash,
    path: places.entry,
    sizeBytes: await sizeOf(places.entry),
    lastUsedAt: facts.mtime.toISOString(),
    inUse: lockHolder(places.lock) !== undefined || (await isLeased(places.leases)),
  };
}

/** Bytes of all files below; what vanishes while it is counted counts as nothing. */
export async function sizeOf(path: string): Promise<number> {
  const facts = await lstat(path).catch(() => undefined);
  if (facts === undefined) return 0;
  if (!facts.isDirectory()) return facts.size;
  const names = await readdir(path).catch(() => []);
  const sizes = await Promise.all(names.map((name) => sizeOf(join(path, name))));
  return sizes.reduce((sum, size) => sum + size, 0);
}
