// Platform `process`, what a run has outside its folder: its processes, the folder of its sandboxes, its memory cgroup
// and its guard. Comes in: the run and the platform; goes out: ledger lines before anything is made, and the removal of
// each, also by a later process that has only the ledger or the listing to go by.
import { mkdirSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { PlatformError } from '../../errors.js';
import { killAll } from '../../host/tagged.js';
import type { DriverContext, ResourceRef } from '../driver.js';
import { type CgroupPlace, findCgroupPlace, listRunGroups, makeRunGroup, removeGroup } from './cgroup.js';
import { endGuards, type Guard, listGuards, startGuard } from './guard.js';
import type { LimitWay } from './memory-limit.js';
import { nameTags, processesOfRun, taggedName, taggedProcesses } from './tags.js';

export type ListedResource = ResourceRef & { runId: string };

export interface Resources {
  /** Folder in which each sandbox has one of its own. */
  sandboxDir: string;
  /**
   * Makes what functions need, unless it is there: the ledger is told first. Returns what stands for their sandboxes.
   * `limited`: some function has a memory limit.
   */
  hold(limited: boolean): ResourceRef;
  /** The run's cgroup. */
  runGroup(): string;
  remove(resource: ResourceRef): Promise<void>;
  /** Removes all that this object made and that was not removed; twice is fine. */
  close(): Promise<void>;
}

interface Surroundings {
  limitWay: LimitWay;
  /** Ends the functions of this object. */
  endFunctions(): Promise<void>;
}

type Kind = 'guard' | 'directory' | 'cgroup' | 'sandboxes';

export function createResources(
  context: DriverContext,
  path: string,
  { limitWay, endFunctions }: Surroundings,
): Resources {
  const { platformId, runId, scratchDir, ledger } = context;
  const name = taggedName(runId, platformId);
  const sandboxDir = join(scratchDir, name);
  /** In the order in which they were made. */
  const held = new Map<Kind, ResourceRef>();
  let guard: Guard | undefined;
  let place: CgroupPlace | undefined;

  function add(kind: Kind, id: string, location: string | undefined, make: () => void): ResourceRef {
    const known = held.get(kind);
    if (known !== undefined) return known;
    const resource = { platform: platformId, kind, id, ...(location === undefined ? {} : { location }) };
    ledger.intend(resource);
    held.set(kind, resource);
    make();
    ledger.created(resource);
    return resource;
  }

  /** Where the group will be; '' where limits are held in another way. */
  function groupPath(): string {
    if (!limitWay.startsWith('cgroup')) return '';
    place ??= findCgroupPlace();
    return place === undefined ? '' : join(place.parent, name);
  }

  function runGroup(): string {
    const group = groupPath();
    if (place === undefined) throw new PlatformError(`${platformId}: no memory cgroup can be made on this host`);
    const where = place;
    add('cgroup', name, group, () => makeRunGroup(where, name));
    return group;
  }

  const removals: Record<Kind, (resource: ResourceRef) => Promise<void>> = {
    async sandboxes({ id, platform }) {
      if (id === runId && platform === platformId) await endFunctions();
      const left = await killAll(() => processesOfRun(id, platform));
      if (left.length > 0)
        throw new PlatformError(`processes ${left.join(', ')} of run ${id} do not end after SIGKILL`);
    },
    async directory(resource) {
      await rm(taggedLocation(resource), { recursive: true, force: true, maxRetries: 5 });
    },
    async cgroup(resource) {
      await removeGroup(taggedLocation(resource));
    },
    async guard({ id, platform }) {
      if (id === runId && platform === platformId) await guard?.dismiss();
      guard = undefined;
      const left = await endGuards(id, platform);
      if (left.length > 0) throw new PlatformError(`guard ${left.join(', ')} of run ${id} does not end after SIGKILL`);
    },
  };

  async function remove(resource: ResourceRef): Promise<void> {
    const removal = isKind(resource.kind) ? removals[resource.kind] : undefined;
    if (removal === undefined)
      throw new PlatformError(`${platformId} has no resources of kind ${resource.kind} (${resource.id})`);
    await removal(resource);
    ledger.removed(resource);
    if (isKind(resource.kind) && held.get(resource.kind)?.id === resource.id) held.delete(resource.kind);
  }

  return {
    sandboxDir,
    hold(limited) {
      if (runId === '') throw new PlatformError(`${platformId}: nothing can be deployed outside a run`);
      // The guard first: what is made after it is gone when sebs is killed.
      add('guard', runId, undefined, () => {
        guard = startGuard({ runId, platformId, scratchDir, cgroup: groupPath(), path });
      });
      add('directory', name, sandboxDir, () => mkdirSync(sandboxDir, { recursive: true }));
      if (limited && limitWay.startsWith('cgroup')) runGroup();
      return add('sandboxes', runId, undefined, () => undefined);
    },
    runGroup,
    remove,
    async close() {
      // Last made, first removed; the guard stays until nothing is left that it would have to clean up.
      for (const resource of [...held.values()].reverse()) await remove(resource);
    },
  };
}

/** Everything of one run on this platform, or of all runs on every platform of this type. */
export function listResources({ platformId, scratchDir }: DriverContext, wanted?: string): ListedResource[] {
  const found: ListedResource[] = [
    ...listGuards().map(({ runId, platformId: platform }) => ({ platform, kind: 'guard', id: runId, runId })),
    ...runFolders(scratchDir).flatMap((path) => named('directory', path)),
    ...listRunGroups().flatMap((path) => named('cgroup', path)),
    ...taggedProcesses().map(({ runId, platformId: platform = platformId }) => ({
      platform,
      kind: 'sandboxes',
      id: runId,
      runId,
    })),
  ];
  const mine = found.filter(
    ({ runId, platform }) => wanted === undefined || (runId === wanted && platform === platformId),
  );
  return [...new Map(mine.map((item) => [`${item.platform}/${item.kind}/${item.id}/${item.location}`, item])).values()];
}

function named(kind: Kind, path: string): ListedResource[] {
  const tags = nameTags(basename(path));
  if (tags === undefined) return [];
  return [{ platform: tags.platformId, kind, id: basename(path), location: path, runId: tags.runId }];
}

/**
 * Folders of sandboxes: below this scratch folder, and below those of other runs, which lie beside it or beside the
 * folder that it is in.
 */
function runFolders(scratchDir: string): string[] {
  const others = [dirname(scratchDir), dirname(dirname(scratchDir))]
    .flatMap(foldersIn)
    .filter((path) => basename(path).startsWith('sebs-'));
  return [...new Set([scratchDir, ...others].flatMap((path) => taggedBelow(path, 2)))];
}

function taggedBelow(path: string, depth: number): string[] {
  if (nameTags(basename(path)) !== undefined) return [path];
  return depth === 0 ? [] : foldersIn(path).flatMap((folder) => taggedBelow(folder, depth - 1));
}

function foldersIn(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(path, entry.name));
  } catch {
    return [];
  }
}

/** A ledger is a file that anyone can edit: what is removed must carry our tag in its own name. */
function taggedLocation({ kind, id, location }: ResourceRef): string {
  if (location === undefined || basename(location) !== id || nameTags(id) === undefined)
    throw new PlatformError(`${kind} ${id} has no location that is named like it (${location ?? 'none'})`, {
      hint: 'the ledger line is damaged; remove it by hand',
    });
  return location;
}

function isKind(kind: string): kind is Kind {
  return kind === 'guard' || kind === 'directory' || kind === 'cgroup' || kind === 'sandboxes';
}
