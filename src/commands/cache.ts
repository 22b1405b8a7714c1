// `sebs cache list|prune`: what is kept between runs (code packages, inputs, deployments), and making room. Comes in:
// what to remove; goes out: tables. An entry that a living process uses is never removed.
import { cacheDirectory } from '../cache/cache.js';
import { type CacheItem, listCache, pruneCache } from '../cache/maintain.js';
import { EXIT } from '../errors.js';
import { formatBytes, plural } from '../units.js';
import type { CommandContext, CommandResult } from './command.js';
import { table } from './table.js';

export async function cacheList({ env }: CommandContext): Promise<CommandResult> {
  const folder = cacheDirectory(env);
  const items = await listCache(folder);
  const text =
    items.length === 0
      ? `the cache is empty: ${folder}`
      : `${tableOf(items)}\n\n${plural(items.length, 'entry', 'entries')}, ${formatBytes(total(items))} in ${folder}`;
  return { exitCode: EXIT.ok, text, data: { folder, items } };
}

export interface CachePruneOptions {
  /** Removes what was not used for this long. */
  olderThanDays?: number;
  all: boolean;
}

export async function cachePrune(
  { olderThanDays, all }: CachePruneOptions,
  { env }: CommandContext,
): Promise<CommandResult> {
  const folder = cacheDirectory(env);
  const result = await pruneCache(folder, { all, ...(olderThanDays === undefined ? {} : { olderThanDays }) });
  const lines = [`removed ${plural(result.removed.length, 'entry', 'entries')}, ${formatBytes(result.freedBytes)}`];
  if (result.inUse.length > 0)
    lines.push(`left ${plural(result.inUse.length, 'entry', 'entries')} that a run is using`);
  return { exitCode: EXIT.ok, text: lines.join('\n'), data: { folder, ...result } };
}

function tableOf(items: readonly CacheItem[]): string {
  const rows = items.map(({ kind, hash, sizeBytes, lastUsedAt, inUse }) => [
    kind,
    hash.slice(0, 12),
    formatBytes(sizeBytes),
    lastUsedAt,
    inUse ? 'in use' : '',
  ]);
  return table(['kind', 'hash', 'size', 'last used', ''], rows, [2]);
}

function total(items: readonly CacheItem[]): number {
  return items.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
