// Opens the platforms of a suite: a driver for each entry, and its storage when something asks for it. Comes in: the
// entries and what a run gives its drivers; goes out: open platforms, handed to plan/ (what they can do) and to run/.
import { join } from 'node:path';
import { messageOf, PlatformError, SebsError } from './errors.js';
import { storagesOf } from './platform-storage.js';
import type { DriverContext, Ledger } from './platforms/driver.js';
import { loadPlatform } from './platforms/registry.js';
import type { OpenPlatform } from './run/state.js';

export interface PlatformEntry {
  id: string;
  type: string;
  options: Readonly<Record<string, unknown>>;
}

export type Surroundings = Omit<DriverContext, 'platformId' | 'options'>;

/** All at the same time; when one cannot be opened, the others are closed again. */
export async function openPlatforms(
  entries: readonly PlatformEntry[],
  surroundings: Surroundings,
): Promise<Map<string, OpenPlatform>> {
  const opened = await Promise.allSettled(entries.map((entry) => openPlatform(entry, surroundings)));
  const failed = opened.find((result) => result.status === 'rejected');
  const platforms = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  if (failed === undefined) return new Map(platforms.map((platform) => [platform.id, platform]));
  await Promise.all(platforms.map(({ driver }) => driver.close()));
  throw failed.reason;
}

async function openPlatform(entry: PlatformEntry, surroundings: Surroundings): Promise<OpenPlatform> {
  const { id, type, options } = entry;
  const module = await loadPlatform(type);
  const scratchDir = join(surroundings.scratchDir, id);
  const context = { ...surroundings, platformId: id, options, scratchDir };
  const driver = await module.createDriver(context).catch((cause: unknown) => {
    throw cause instanceof SebsError ? cause : new PlatformError(`${id}: ${messageOf(cause)}`, { cause });
  });
  return { id, type, driver, ...storagesOf(driver, context) };
}

/** For looking at a platform without changing it: a driver that wants to create something is wrong, and says so. */
export function refusingLedger(): Ledger {
  const refuse = (): never => {
    throw new Error('a driver that was only asked something wants to change what exists on its platform');
  };
  return { intend: refuse, created: refuse, removed: refuse, kept: refuse, failed: refuse };
}
