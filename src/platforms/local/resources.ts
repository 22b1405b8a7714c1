// Platform `local`, what a run has outside its folder: its containers and its network. Comes in: the engine, the run and
// the platform; goes out: ledger lines before anything is made, and the removal of each, also by a later process that
// has only the ledger or the listing to go by. Containers are one entry, found by their label: a line in the ledger for
// each would be written while a cold start is timed.
import { PlatformError } from '../../errors.js';
import { shortHash } from '../../hash.js';
import type { DriverContext, ResourceRef } from '../driver.js';
import { removeContainer } from './container.js';
import { type Client, engineError, hasStatus, patiently } from './engine.js';
import { PLATFORM_LABEL, RUN_LABEL, runLabels, withLabels } from './tags.js';

export type ListedResource = ResourceRef & { runId: string };

export interface Resources {
  networkName: string;
  /** Makes the network unless it is there, and says that containers will be made: the ledger is told first. */
  hold(): Promise<ResourceRef>;
  remove(resource: ResourceRef): Promise<void>;
  /** Removes all that this object made and that was not removed; twice is fine. */
  close(): Promise<void>;
}

const KINDS = ['network', 'containers'] as const;
type Kind = (typeof KINDS)[number];

/** `endFunctions`: ends the sandboxes of this object, before what is left is looked for. */
export function createResources(
  context: DriverContext,
  engine: () => Client,
  endFunctions: () => Promise<void>,
): Resources {
  const { platformId, runId, ledger } = context;
  // An engine refuses names with other characters, and long ones; what it belongs to is in its labels.
  const networkName = `sebs-${shortHash([runId, platformId])}`;
  const held: ResourceRef[] = [];
  let holding: Promise<ResourceRef> | undefined;

  async function make(kind: Kind, id: string, work: () => Promise<void>): Promise<ResourceRef> {
    const resource = { platform: platformId, kind, id };
    ledger.intend(resource);
    held.push(resource);
    await work();
    ledger.created(resource);
    return resource;
  }

  async function makeAll(): Promise<ResourceRef> {
    if (runId === '') throw new PlatformError(`${platformId}: nothing can be deployed outside a run`);
    await make('network', networkName, () => createNetwork(engine(), networkName, runLabels(runId, platformId)));
    return make('containers', runId, async () => undefined);
  }

  const removals: Record<Kind, (resource: ResourceRef) => Promise<void>> = {
    async containers({ id, platform }) {
      if (id === runId && platform === platformId) await endFunctions();
      await removeContainers(engine(), id, platform);
    },
    async network({ id, platform }) {
      // Whatever is still on it must go first; a run of which only the ledger is known names it in the labels.
      await removeNetwork(engine(), id, platform);
    },
  };

  async function remove(resource: ResourceRef): Promise<void> {
    const removal = isKind(resource.kind) ? removals[resource.kind] : undefined;
    if (removal === undefined)
      throw new PlatformError(`${platformId} has no resources of kind ${resource.kind} (${resource.id})`);
    await removal(resource);
    ledger.removed(resource);
    const at = held.findIndex(({ kind, id }) => kind === resource.kind && id === resource.id);
    if (at >= 0) held.splice(at, 1);
    if (held.length === 0) holding = undefined;
  }

  return {
    networkName,
    hold() {
      holding ??= makeAll();
      holding.catch(() => {
        holding = undefined;
      });
      return holding;
    },
    remove,
    async close() {
      // Last made, first removed.
      for (const resource of [...held].reverse()) await remove(resource);
    },
  };
}

/** Everything of one run on this platform, or of all runs on every platform of this type. */
export async function listResources(client: Client, platformId: string, wanted?: string): Promise<ListedResource[]> {
  const filters = withLabels({
    [RUN_LABEL]: wanted,
    [PLATFORM_LABEL]: wanted === undefined ? undefined : platformId,
  });
  try {
    const [containers, networks] = await patiently(client, () =>
      Promise.all([client.listContainers({ all: true, filters }), client.listNetworks({ filters })]),
    );
    const found = [
      ...containers.map(({ Labels }) => ({ kind: 'containers', id: Labels[RUN_LABEL] ?? '', labels: Labels })),
      ...networks.map(({ Name, Labels }) => ({ kind: 'network', id: Name, labels: Labels ?? {} })),
    ].map(({ kind, id, labels }) => ({
      platform: labels[PLATFORM_LABEL] ?? platformId,
      kind,
      id,
      runId: labels[RUN_LABEL] ?? '',
    }));
    return [...new Map(found.map((item) => [`${item.platform}/${item.kind}/${item.id}`, item])).values()];
  } catch (error) {
    throw engineError(`${platformId}: what is left cannot be listed`, error);
  }
}

/** Sandboxes on it reach this machine and what lies beyond, but not each other. */
async function createNetwork(client: Client, name: string, labels: Readonly<Record<string, string>>): Promise<void> {
  try {
    await client.createNetwork({
      Name: name,
      Driver: 'bridge',
      CheckDuplicate: true,
      Labels: { ...labels },
      Options: { 'com.docker.network.bridge.enable_icc': 'false' },
    });
  } catch (error) {
    // A part of the run that was cut off may have left it.
    if (!hasStatus(error, 409)) throw engineError(`network ${name} could not be made`, error);
  }
}

async function removeContainers(client: Client, runId: string, platformId: string): Promise<void> {
  try {
    const filters = withLabels(runLabels(runId, platformId));
    const found = await patiently(client, () => client.listContainers({ all: true, filters }));
    await Promise.all(found.map(({ Id }) => removeContainer(client, client.getContainer(Id), Id.slice(0, 12))));
  } catch (error) {
    throw engineError(`containers of run ${runId}`, error);
  }
}

/** A ledger is a file that anyone can edit: what is removed must carry our label, and this platform's. */
async function removeNetwork(client: Client, name: string, platformId: string): Promise<void> {
  try {
    const found = await patiently(client, () =>
      client.listNetworks({
        filters: { name: [name], ...withLabels({ [PLATFORM_LABEL]: platformId }) },
      }),
    );
    const network = found.find(({ Name }) => Name === name);
    const runId = network?.Labels?.[RUN_LABEL];
    if (network === undefined || runId === undefined) return;
    await removeContainers(client, runId, platformId);
    await client.getNetwork(network.Id).remove();
  } catch (error) {
    if (!hasStatus(error, 404)) throw engineError(`network ${name} cannot be removed`, error);
  }
}

function isKind(kind: string): kind is Kind {
  return (KINDS as readonly string[]).includes(kind);
}
