// `sebs doctor`, the machine itself: what decides how well it measures. Comes in: nothing but the kernel's files; goes out:
// one check each. None of it is required; what this system does not show is not mentioned.
import os from 'node:os';
import { type HostFiles, hostFiles } from '../host/files.js';
import type { Check } from '../platforms/driver.js';
import { formatBytes, plural } from '../units.js';

/** A few sandboxes of usual size and the runtimes beside them. */
const LITTLE_MEMORY_BYTES = 1024 ** 3;

/** `root` and `cores` are other ones only in tests. */
export function machineChecks(root = '/', cores = os.availableParallelism()): Check[] {
  const files = hostFiles(root);
  return [memory(files), load(files, cores), cgroups(files), counters(files)].filter((check) => check !== undefined);
}

function memory(files: HostFiles): Check | undefined {
  const kilobytes = files.number('/proc/meminfo', 'MemAvailable');
  if (kilobytes === undefined) return undefined;
  const free = kilobytes * 1024;
  const total = (files.number('/proc/meminfo', 'MemTotal') ?? 0) * 1024;
  const text = `${formatBytes(free)} of ${formatBytes(total)} available`;
  if (free >= LITTLE_MEMORY_BYTES) return { name: 'memory', state: 'ok', text };
  return { name: 'memory', state: 'warning', text, hint: 'end other programs: functions that swap measure the disk' };
}

/** The load of others is in every number that functions on this machine give. */
function load(files: HostFiles, cores: number): Check | undefined {
  const average = Number(files.text('/proc/loadavg')?.split(' ')[0] ?? Number.NaN);
  if (!Number.isFinite(average)) return undefined;
  const text = `${plural(cores, 'core')}, load ${average.toFixed(2)} over the last minute`;
  if (average <= cores / 2) return { name: 'processors', state: 'ok', text };
  return {
    name: 'processors',
    state: 'warning',
    text,
    hint: 'what else runs here slows functions of this machine: wait for it, or end it, before you measure',
  };
}

function cgroups(files: HostFiles): Check | undefined {
  const mounts = files.text('/proc/self/mounts');
  if (mounts === undefined) return undefined;
  const types = new Set(mounts.split('\n').map((line) => line.split(' ')[2]));
  const versions = [types.has('cgroup') ? 'version 1' : '', types.has('cgroup2') ? 'version 2' : ''].filter(Boolean);
  if (versions.length > 0) return { name: 'cgroups', state: 'ok', text: versions.join(' and ') };
  return {
    name: 'cgroups',
    state: 'warning',
    text: 'none are mounted: memory limits are less exact',
    hint: 'in a container, give it access to /sys/fs/cgroup',
  };
}

/** Only measurements of hardware counters need them. */
function counters(files: HostFiles): Check | undefined {
  const level = Number(files.text('/proc/sys/kernel/perf_event_paranoid') ?? Number.NaN);
  if (!Number.isFinite(level)) return undefined;
  const text = `kernel.perf_event_paranoid is ${level}`;
  if (level <= 2) return { name: 'perf events', state: 'ok', text };
  return {
    name: 'perf events',
    state: 'warning',
    text: `${text}: counters are for root alone`,
    hint: 'only hardware counters need it: sysctl kernel.perf_event_paranoid=2',
  };
}
