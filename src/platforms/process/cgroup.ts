// Platform `process`, memory cgroups: where on this host a child group can be made, and what one child group does.
// Comes in: the kernel's files; goes out: a group per sandbox with a limit, a count of its out-of-memory kills, and its
// removal. Version 2 and version 1 differ in file names and in who may have processes; the rest is the same.
import { accessSync, constants, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { killAll, readOrEmpty } from '../../host/tagged.js';
import { BYTES_PER_MB } from '../../units.js';
import { nameTags } from './tags.js';

export interface CgroupPlace {
  by: 'cgroup-v2' | 'cgroup-v1';
  /** Group of this process, or an ancestor, in which we may make groups. */
  parent: string;
  /** Where the hierarchy is mounted. */
  mount: string;
}

/** How deep list() looks for our groups below the mount. */
const DEEPEST = 8;
const REMOVAL_LIMIT_MS = 2_000;

/** Where groups can be made: version 2 before version 1; undefined when neither lets us. */
export function findCgroupPlace(): CgroupPlace | undefined {
  const own = readOrEmpty('/proc/self/cgroup').split('\n');
  return mounts()
    .map((mount) => placeOn(mount, own))
    .find((place) => place !== undefined);
}

/** Makes the group of a run, in which each sandbox gets a child. */
export function makeRunGroup(place: CgroupPlace, name: string): string {
  const group = join(place.parent, name);
  mkdirSync(group, { recursive: true });
  if (place.by === 'cgroup-v2') writeFileSync(join(group, 'cgroup.subtree_control'), '+memory');
  return group;
}

/** Makes one sandbox's group. Swap counts as memory, or a function above its limit would only get slow. */
export function makeSandboxGroup(by: CgroupPlace['by'], runGroup: string, sandboxId: string, memoryMb: number): string {
  const group = join(runGroup, sandboxId);
  const bytes = String(memoryMb * BYTES_PER_MB);
  mkdirSync(group);
  if (by === 'cgroup-v2') {
    writeFileSync(join(group, 'memory.max'), bytes);
    writeIfThere(join(group, 'memory.swap.max'), '0');
    // The whole sandbox dies, not one process of it.
    writeIfThere(join(group, 'memory.oom.group'), '1');
  } else {
    writeFileSync(join(group, 'memory.limit_in_bytes'), bytes);
    writeIfThere(join(group, 'memory.memsw.limit_in_bytes'), bytes);
  }
  return group;
}

/** How many processes of the group the kernel killed because the limit was reached. */
export function outOfMemoryKills(group: string): number {
  const text = readOrEmpty(join(group, 'memory.events')) || readOrEmpty(join(group, 'memory.oom_control'));
  return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);
}

export function processesInGroup(group: string): number[] {
  return readOrEmpty(join(group, 'cgroup.procs')).split('\n').filter(Boolean).map(Number);
}

/** Kills what is in a group and its children, and removes them; throws when something resists until the deadline. */
export async function removeGroup(group: string): Promise<void> {
  if (!existsSync(group)) return;
  for (const child of childrenOf(group)) await removeGroup(join(group, child));
  const left = await killAll(() => processesInGroup(group));
  if (left.length > 0) throw new Error(`processes ${left.join(', ')} in ${group} do not end`);
  const until = performance.now() + REMOVAL_LIMIT_MS;
  for (let wait = 1; ; wait = Math.min(wait * 2, 50)) {
    try {
      return await rmdir(group);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return;
      // What was killed a moment ago keeps its group busy until the kernel has let go of it.
      if (code !== 'EBUSY' || performance.now() > until) throw error;
    }
    await delay(wait);
  }
}

/** Groups of runs, ours and others', wherever in the hierarchy they were made. */
export function listRunGroups(): string[] {
  return mounts().flatMap(({ mount }) => groupsBelow(mount, 0));
}

interface CgroupMount {
  by: CgroupPlace['by'];
  mount: string;
  /** The part of the hierarchy that is mounted there. */
  root: string;
}

/** From /proc/self/mountinfo: "36 35 98:0 /root /mount options - type source superoptions". */
function mounts(): CgroupMount[] {
  const found = readOrEmpty('/proc/self/mountinfo')
    .split('\n')
    .flatMap((line): CgroupMount[] => {
      const [left = '', right = ''] = line.split(' - ');
      const [, , , root = '/', mount = ''] = left.split(' ');
      const [type, , options = ''] = right.split(' ');
      if (type === 'cgroup2') return [{ by: 'cgroup-v2', mount, root }];
      return type === 'cgroup' && options.split(',').includes('memory') ? [{ by: 'cgroup-v1', mount, root }] : [];
    });
  return found.sort((a, b) => (a.by < b.by ? 1 : -1));
}

function placeOn({ by, mount, root }: CgroupMount, own: readonly string[]): CgroupPlace | undefined {
  const line = own.find((text) =>
    by === 'cgroup-v2' ? text.startsWith('0::') : /^\d+:([^:]*,)?memory(,|:)/.test(text),
  );
  if (line === undefined) return undefined;
  const path = line.slice(line.indexOf(':', line.indexOf(':') + 1) + 1);
  const below = path === root || root === '/' ? path : path.startsWith(`${root}/`) ? path.slice(root.length) : '/';
  const start = existsSync(join(mount, below)) ? join(mount, below) : mount;
  for (let group = start; group.startsWith(mount); group = dirname(group)) {
    if (canHoldGroups(by, group)) return { by, parent: group, mount };
    // Version 1 has no rule against processes beside groups, so the own group is the only right place: an ancestor
    // would take the functions out of the limits that this process was given.
    if (by === 'cgroup-v1' || group === mount) return undefined;
  }
  return undefined;
}

/**
 * Only looked at, nothing is made: `sebs plan` asks too. Version 2 lets a group with processes have no children with a
 * memory limit, so it must be an ancestor that already has such; and its cgroup.procs decides who may move a process.
 */
function canHoldGroups(by: CgroupPlace['by'], group: string): boolean {
  if (!writable(group)) return false;
  if (by === 'cgroup-v1') return existsSync(join(group, 'memory.limit_in_bytes'));
  const controllers = readOrEmpty(join(group, 'cgroup.subtree_control')).split(/\s+/);
  return controllers.includes('memory') && writable(join(group, 'cgroup.procs'));
}

function groupsBelow(folder: string, depth: number): string[] {
  if (depth > DEEPEST) return [];
  return childrenOf(folder).flatMap((name) => {
    const path = join(folder, name);
    return nameTags(name) === undefined ? groupsBelow(path, depth + 1) : [path];
  });
}

function childrenOf(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

function writable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Some kernels have no such file: no swap, or an older version. */
function writeIfThere(path: string, text: string): void {
  if (existsSync(path)) writeFileSync(path, text);
}
