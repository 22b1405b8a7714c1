// The storages of one open platform: which kind its entry in the suite names, opened when something asks for it, and
// what becomes of what they made. Comes in: a driver and what a run gives it; goes out: the part of an open platform
// that removes and lists resources, whoever made them, so that nothing else has to know who did.
import { join } from 'node:path';
import { PlatformError } from './errors.js';
import type { ResourceRef } from './generated/ledger.js';
import type { Lacks } from './plan/support.js';
import type { DriverContext, PlatformDriver } from './platforms/driver.js';
import type { OpenPlatform } from './run/state.js';
import { choiceOf, type StorageChoice } from './storage/choice.js';
import { lackOfHost, loadStorage } from './storage/registry.js';
import { listServers, removeServers } from './storage/server.js';
import type { StorageContext } from './storage/storage.js';

type Storages = Pick<OpenPlatform, 'lacks' | 'openStorage' | 'remove' | 'list'>;

const ON_THIS_HOST = { listen: '127.0.0.1', address: '127.0.0.1' };

export function storagesOf(driver: PlatformDriver, context: DriverContext): Storages {
  const { platformId, options } = context;

  function objectChoice(): StorageChoice {
    const choice = choiceOf(options.storage, driver.capabilities.storage[0]);
    if (choice === undefined) throw new PlatformError(`${platformId} has no storage`);
    return choice;
  }

  function contextOf(choice: StorageChoice): StorageContext {
    return {
      ...context,
      options: choice.options,
      scratchDir: join(context.scratchDir, 'storage'),
      place: driver.serverPlace?.() ?? ON_THIS_HOST,
    };
  }

  const removers: Readonly<Record<string, (resource: ResourceRef) => Promise<void>>> = {
    bucket: removeObjects,
    objects: removeObjects,
    server: removeServers,
  };

  async function removeObjects(resource: ResourceRef): Promise<void> {
    const choice = objectChoice();
    await (await loadStorage(choice.kind)).removeResource(resource, contextOf(choice));
  }

  const storage = lackOf(
    choiceOf(options.storage, driver.capabilities.storage[0]),
    driver.capabilities.storage,
    context,
  );
  return {
    lacks: { ...(storage === undefined ? {} : { storage }) },

    async openStorage() {
      const choice = objectChoice();
      return (await loadStorage(choice.kind)).createStorage(contextOf(choice));
    },

    async remove(resource) {
      const remove = removers[resource.kind] ?? driver.remove;
      await remove(resource);
    },

    async list(runId) {
      const found = [...(await driver.list(runId)), ...serversOf(runId, platformId)];
      const choice = choiceOf(options.storage, undefined);
      if (runId === undefined || choice === undefined) return found;
      const more = await (await loadStorage(choice.kind)).resourcesOfRun?.(runId, contextOf(choice));
      return [...found, ...(more ?? []).map((resource) => ({ ...resource, runId }))];
    },
  };
}

function lackOf(
  choice: StorageChoice | undefined,
  offered: readonly string[],
  { platformId, env }: DriverContext,
): Lacks[keyof Lacks] {
  if (choice === undefined) return undefined;
  if (!offered.includes(choice.kind)) {
    const reason = `${platformId} does not offer ${choice.kind} (it has ${offered.join(', ')})`;
    return { because: 'platform', reason };
  }
  const reason = lackOfHost(choice, env);
  return reason === undefined ? undefined : { because: 'host', reason };
}

/** Of a run those of one platform; without one, all that there are. */
function serversOf(runId: string | undefined, platform: string): (ResourceRef & { runId: string })[] {
  return listServers(runId).filter((server) => runId === undefined || server.platform === platform);
}
