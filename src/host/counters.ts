// What disturbed the machine: counters of the kernel that only grow, read before and after measuring. Comes in: nothing
// but the kernel's files; goes out: plain numbers. A counter this machine does not show is absent.
import { type HostFiles, hostFiles, wholeNumber } from './files.js';

const VMSTAT = {
  swap_in_pages: 'pswpin',
  swap_out_pages: 'pswpout',
  out_of_memory_kills: 'oom_kill',
  major_faults: 'pgmajfault',
} as const;

/** Where /proc/stat's first line has them; in clock ticks, usually of 10 ms. */
const CPU_TICKS = { iowait_ticks: 5, steal_ticks: 8 } as const;

/** `root` is another folder only in tests. */
export function hostCounters(root = '/'): Record<string, number> {
  const files = hostFiles(root);
  const counters: Record<string, number> = {};
  const keep = (name: string, value: number | undefined): void => {
    if (value !== undefined) counters[name] = value;
  };
  for (const [name, key] of Object.entries(VMSTAT)) keep(name, files.number('/proc/vmstat', key));
  const cpu = files.text('/proc/stat')?.split('\n')[0]?.split(/\s+/);
  for (const [name, column] of Object.entries(CPU_TICKS)) keep(name, wholeNumber(cpu?.[column]));
  keep('cpu_pressure_us', pressureUs(files));
  keep('thermal_throttles', thermalThrottles(files));
  const own = ownCpuStat(files);
  if (own !== undefined) {
    keep('cgroup_throttles', files.number(own, 'nr_throttled'));
    const nanoseconds = files.number(own, 'throttled_time');
    const microseconds = nanoseconds === undefined ? undefined : Math.round(nanoseconds / 1000);
    keep('cgroup_throttled_us', files.number(own, 'throttled_usec') ?? microseconds);
  }
  return counters;
}

/** How long some task has waited for a CPU since boot. */
function pressureUs(files: HostFiles): number | undefined {
  return wholeNumber(/^some .*total=(\d+)/m.exec(files.text('/proc/pressure/cpu') ?? '')?.[1]);
}

function thermalThrottles(files: HostFiles): number | undefined {
  const cpus = '/sys/devices/system/cpu';
  const counts = files
    .names(cpus, /^cpu\d+$/)
    .map((name) => wholeNumber(files.text(`${cpus}/${name}/thermal_throttle/core_throttle_count`)))
    .filter((count) => count !== undefined);
  return counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + count, 0);
}

/** The file that tells how often this process's own control group was held back: version 2, else version 1. */
function ownCpuStat(files: HostFiles): string | undefined {
  for (const line of files.text('/proc/self/cgroup')?.split('\n') ?? []) {
    const [id, controllers = '', path = ''] = line.split(':');
    const mounts = id === '0' ? ['', 'unified'] : controllers.split(',').includes('cpu') ? ['cpu', controllers] : [];
    for (const mount of mounts) {
      const file = `/sys/fs/cgroup/${mount}/${path}/cpu.stat`;
      if (files.number(file, 'nr_throttled') !== undefined) return file;
    }
  }
  return undefined;
}
