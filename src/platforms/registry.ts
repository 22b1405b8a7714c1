// The one list of platforms: type -> its module, loaded only when a suite uses it. Adding a platform is a line here, a
// folder of the same name in src/platforms, benchmarks/wrappers and docs/platforms, and a schema file; a test compares them.
import { UsageError } from '../errors.js';
import type { PlatformModule } from './driver.js';

const PLATFORMS: Readonly<Record<string, () => Promise<PlatformModule>>> = {
  process: () => import('./process/driver.js'),
  local: () => import('./local/driver.js'),
  simulated: () => import('./simulated/driver.js'),
  http: () => import('./http/driver.js'),
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

/** What a suite says of one platform. */
export interface PlatformSetting {
  id: string;
  type: string;
  options: Readonly<Record<string, unknown>>;
}

/**
 * The model that stands in for a platform in a rehearsal: it has the capabilities of the platform as far as they are known
 * without looking, so that neither account nor engine is needed. A model rehearses itself.
 */
export async function standInFor<Setting extends PlatformSetting>(setting: Setting): Promise<Setting> {
  const { nominalCapabilities } = await loadPlatform(setting.type);
  const capabilities = nominalCapabilities?.(setting.options);
  if (capabilities?.isModel === true) return setting;
  const options = capabilities === undefined ? {} : { rehearses: { type: setting.type, capabilities } };
  return { ...setting, type: 'simulated', options };
}
