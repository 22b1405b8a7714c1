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
import { lackOfHost, loadNosql, loadStorage } from './storage/registry.js';
import { listServers, removeServers } from './storage/server.js';
import type { StorageContext } from './storage/storage.js';

type Storages = Pick<OpenPlatform, 'lacks' | 'openStorage' | 'openNosql' | 'remove' | 'list'>;

const ON_THIS_HOST = { listen: '127.0.0.1', address: '127.0.0.1' };
const STORES = { storage: 'storage', nosql: 'NoSQL storage' } as const;

export function storagesOf(driver: PlatformDriver, context: DriverContext): Storages {
  const { platformId, options } = context;

  /** What the suite names, or the platform's first. */
  function chosen(store: keyof typeof STORES): StorageChoice {
    const choice = choiceOf(options[store], driver.capabilities[store][0]);
    if (choice === undefined) throw new PlatformError(`${platformId} has no ${STORES[store]}`);
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

  async function removeObjects(resource: ResourceRef): Promise<void> {
    const choice = chosen('storage');
    await (await loadStorage(choice.kind)).removeResource(resource, contextOf(choice));
  }

  async function removeTable(resource: ResourceRef): Promise<void> {
    const choice = chosen('nosql');
    await (await loadNosql(choice.kind)).removeResource(resource, contextOf(choice));
  }

  /** Only a server of the user's can hold more than the listings of driver and servers show. */
  async function stored(runId: string): Promise<ResourceRef[]> {
    const users = (entry: unknown): StorageChoice | undefined => {
      const choice = choiceOf(entry, undefined);
      return choice?.options.endpoint === undefined ? undefined : choice;
    };
    const [objects, tables] = [users(options.storage), users(options.nosql)];
    const found = await Promise.all([
      objects && (await loadStorage(objects.kind)).resourcesOfRun?.(runId, contextOf(objects)),
      tables && (await loadNosql(tables.kind)).resourcesOfRun(runId, contextOf(tables)),
    ]);
    return found.flatMap((resources) => resources ?? []);
  }

  const removers: Readonly<Record<string, (resource: ResourceRef) => Promise<void>>> = {
    bucket: removeObjects,
    objects: removeObjects,
    table: removeTable,
    server: removeServers,
  };

  const storage = lackOf('storage', driver, context);
  const nosql = lackOf('nosql', driver, context);
  return {
    lacks: { ...(storage === undefined ? {} : { storage }), ...(nosql === undefined ? {} : { nosql }) },

    async openStorage() {
      const choice = chosen('storage');
      return (await loadStorage(choice.kind)).createStorage(contextOf(choice));
    },

    async openNosql() {
      const choice = chosen('nosql');
      return (await loadNosql(choice.kind)).createNosql(contextOf(choice));
    },

    async remove(resource) {
      const remove = removers[resource.kind] ?? driver.remove;
      await remove(resource);
    },

    async list(runId) {
      const found = [...(await driver.list(runId)), ...serversOf(runId, platformId)];
      if (runId === undefined) return found;
      return [...found, ...(await stored(runId)).map((resource) => ({ ...resource, runId }))];
    },
  };
}

function lackOf(
  store: keyof typeof STORES,
  { capabilities }: PlatformDriver,
  { platformId, options, env }: DriverContext,
): Lacks[keyof Lacks] {
  const offered = capabilities[store];
  const choice = choiceOf(options[store], offered[0]);
  if (choice === undefined) return undefined;
  if (!offered.includes(choice.kind)) {
    const has = offered.length === 0 ? 'none' : offered.join(', ');
    return { because: 'platform', reason: `${platformId} does not offer ${choice.kind} (it has ${has})` };
  }
  const reason = lackOfHost(choice, env);
  return reason === undefined ? undefined : { because: 'host', reason };
}

/** Of a run those of one platform; without one, all that there are. */
function serversOf(runId: string | undefined, platform: string): (ResourceRef & { runId: string })[] {
  return listServers(runId).filter((server) => runId === undefined || server.platform === platform);
}
