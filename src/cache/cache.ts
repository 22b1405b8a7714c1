// The cache: things that are made once per content and kept between runs, in $XDG_CACHE_HOME/sebs/<kind>/<hash>. Comes
// in: a kind, a hash, and how to make the entry; goes out: its folder. An entry is made in a folder of its own and
// renamed into place in one step, so whoever finds it finds all of it; a lock per hash keeps two processes from making
// it twice. Whoever uses an entry holds a lease on it until its process ends, however it ends; nothing leased is pruned.
import { randomUUID } from 'node:crypto';
import { readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { SebsError } from '../errors.js';
import { makeFolder } from '../folders.js';
import { acquireLock, type LockHolder, lockHolder } from '../host/lock.js';

export const CACHE_KINDS = ['packages', 'inputs', 'deployed'] as const;
export type CacheKind = (typeof CACHE_KINDS)[number];

export interface CacheRequest<Facts> {
  cacheDir: string;
  kind: CacheKind;
  /** Lower-case hex of SHA-256. */
  hash: string;
  signal: AbortSignal;
  /** Called when another process makes the same entry. */
  onWait?(holder: LockHolder): void;
  /** What an entry that is there says of itself; undefined: it is damaged and is made again. */
  read(folder: string): Promise<Facts | undefined>;
  /** Fills an empty folder, which is then moved to its place in the cache. */
  make(folder: string): Promise<void>;
}

export interface Cached<Facts> {
  folder: string;
  facts: Facts;
  /** Whether it was there already. */
  hit: boolean;
}

/** `$XDG_CACHE_HOME/sebs`, or `~/.cache/sebs`. A relative XDG_CACHE_HOME counts as none, as its specification says. */
export function cacheDirectory(env: Readonly<Record<string, string | undefined>>): string {
  const base = env.XDG_CACHE_HOME;
  if (base !== undefined && isAbsolute(base)) return join(base, 'sebs');
  return join(env.HOME ?? homedir(), '.cache', 'sebs');
}

/** Takes an entry from the cache, or makes it. Throws what `make` throws, and the signal's reason while it waits. */
export async function fromCache<Facts>(request: CacheRequest<Facts>): Promise<Cached<Facts>> {
  const { cacheDir, kind, hash, signal, onWait } = request;
  const places = placesOf(cacheDir, kind, hash);
  const lock = await acquireLock(places.lock, { wait: true, signal, ...(onWait === undefined ? {} : { onWait }) });
  try {
    await lease(places.leases);
    const there = await readIfThere(request, places.entry);
    if (there !== undefined) {
      await touch(places.entry);
      return { folder: places.entry, facts: there, hit: true };
    }
    await removeLeftovers(places.building, hash);
    return { folder: places.entry, facts: await makeEntry(request, places), hit: false };
  } finally {
    lock.release();
  }
}

export interface CachePlaces {
  entry: string;
  lock: string;
  leases: string;
  building: string;
}

/** Where everything about one entry lies. Names that begin with a dot are no entries. */
export function placesOf(cacheDir: string, kind: CacheKind, hash: string): CachePlaces {
  const root = join(cacheDir, kind);
  return {
    entry: join(root, hash),
    lock: join(root, '.locks', hash),
    leases: join(root, '.leases', hash),
    building: join(root, '.building'),
  };
}

/** Whether a living process uses the entry. */
export async function isLeased(leases: string): Promise<boolean> {
  return (await namesIn(leases)).some((name) => lockHolder(join(leases, name)) !== undefined);
}

/** Removes what a killed process left of this hash; only for the holder of the hash's lock. */
export async function removeLeftovers(building: string, hash: string): Promise<void> {
  for (const name of await namesIn(building))
    if (name.startsWith(hash)) await rm(join(building, name), { recursive: true, force: true });
}

/** Takes an entry out of the cache in one step, then removes it; only for the holder of the hash's lock. */
export async function discardEntry(places: CachePlaces, hash: string): Promise<void> {
  makeFolder(places.building);
  const aside = join(places.building, `${hash}-${randomUUID()}`);
  await rename(places.entry, aside);
  await rm(aside, { recursive: true, force: true });
}

export async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}

async function readIfThere<Facts>(request: CacheRequest<Facts>, entry: string): Promise<Facts | undefined> {
  const there = await stat(entry).catch(() => undefined);
  if (there === undefined) return undefined;
  const facts = await request.read(entry);
  if (facts === undefined) await discardEntry(placesOf(request.cacheDir, request.kind, request.hash), request.hash);
  return facts;
}

async function makeEntry<Facts>(request: CacheRequest<Facts>, places: CachePlaces): Promise<Facts> {
  const folder = join(places.building, `${request.hash}-${randomUUID()}`);
  makeFolder(folder);
  try {
    await request.make(folder);
    request.signal.throwIfAborted();
    await rename(folder, places.entry);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const facts = await request.read(places.entry);
  if (facts === undefined) throw new Error(`the cache entry ${places.entry} was made, but cannot be read`);
  return facts;
}

/** One lease file per process and entry: a lock that nobody waits for and that ends with its process. */
async function lease(leases: string): Promise<void> {
  for (const name of await namesIn(leases)) {
    const file = join(leases, name);
    if (name !== String(process.pid) && lockHolder(file) === undefined) await rm(file, { force: true });
  }
  try {
    await acquireLock(join(leases, String(process.pid)), { wait: false });
  } catch (error) {
    // Held already: this process uses the entry a second time.
    if (!(error instanceof SebsError && error.code === 'LOCKED')) throw error;
  }
}

async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now);
}
