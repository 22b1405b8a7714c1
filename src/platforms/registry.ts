// The one list of platforms: type -> its module, loaded only when a suite uses it. Adding a platform is a line here, a
// folder of the same name in src/platforms, benchmarks/wrappers and docs/platforms, and a schema file; a test compares them.
import { UsageError } from '../errors.js';
import type { PlatformModule } from './driver.js';

const PLATFORMS: Readonly<Record<string, () => Promise<PlatformModule>>> = {
  process: () => import('./process/driver.js'),
};

export function platformTypes(): string[] {
  return Object.keys(PLATFORMS);
}

export async function loadPlatform(type: string): Promise<PlatformModule> {
  const load = PLATFORMS[type];
  if (load === undefined)
    throw new UsageError(`there is no platform '${type}'`, { hint: `known platforms: ${platformTypes().join(', ')}` });
  return load();
}
