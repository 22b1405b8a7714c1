// What the client's machine is, for the manifest. Comes in: nothing but the kernel's files; goes out: ClientHost. No
// subprocess, a few milliseconds, no host name; what cannot be seen is absent.
import os from 'node:os';
import type { ClientHost } from '../generated/manifest.js';
import { type HostFiles, hostFiles, wholeNumber } from './files.js';

export { hostCounters } from './counters.js';

const CPUS = '/sys/devices/system/cpu';

/** `root` is another folder only in tests, which put a machine's files there. */
export async function clientHost(root = '/'): Promise<ClientHost> {
  const files = hostFiles(root);
  const cpuinfo = files.text('/proc/cpuinfo') ?? '';
  const kilobytes = (key: string) => times(files.number('/proc/meminfo', key), 1024);
  return {
    os: /^PRETTY_NAME="?([^"\n]+)"?$/m.exec(files.text('/etc/os-release') ?? '')?.[1] ?? os.type(),
    kernel: files.text('/proc/sys/kernel/osrelease') ?? os.release(),
    arch: os.arch(),
    cpu_model: cpuField(cpuinfo, 'model name') ?? os.cpus()[0]?.model ?? 'unknown',
    cores: [...cpuinfo.matchAll(/^processor\s*:/gm)].length || os.availableParallelism(),
    memory_bytes: kilobytes('MemTotal') ?? os.totalmem(),
    ...known({
      cores_usable: os.availableParallelism(),
      threads_per_core: listLength(files.text(`${CPUS}/cpu0/topology/thread_siblings_list`)),
      governor: distinct(files, `${CPUS}/cpufreq`, /^policy\d+$/, 'scaling_governor'),
      turbo: turbo(files),
      microcode: cpuField(cpuinfo, 'microcode'),
      numa_nodes: files.names('/sys/devices/system/node', /^node\d+$/).length || undefined,
      swap_bytes: kilobytes('SwapTotal'),
      cgroup: cgroup(files),
      virtualised: virtualised(files, cpuinfo),
      container: container(files),
      load_average: loadAverage(files),
      clock_source: files.text('/sys/devices/system/clocksource/clocksource0/current_clocksource'),
      ntp_synchronised: ntpSynchronised(files),
    }),
  };
}

function cpuField(cpuinfo: string, name: string): string | undefined {
  return new RegExp(`^${name}\\s*:\\s*(.+)$`, 'm').exec(cpuinfo)?.[1]?.trim();
}

/** `0-1,4` names three. */
function listLength(list: string | undefined): number | undefined {
  if (list === undefined) return undefined;
  let length = 0;
  for (const range of list.split(',')) {
    const [first, last = first] = range.split('-').map(wholeNumber);
    if (first === undefined || last === undefined) return undefined;
    length += last - first + 1;
  }
  return length;
}

function distinct(files: HostFiles, folder: string, pattern: RegExp, file: string): string | undefined {
  const values = files.names(folder, pattern).map((name) => files.text(`${folder}/${name}/${file}`));
  return [...new Set(values.filter((value) => value !== undefined))].sort().join(',') || undefined;
}

function turbo(files: HostFiles): string | undefined {
  const off = files.text(`${CPUS}/intel_pstate/no_turbo`);
  if (off !== undefined) return off === '0' ? 'on' : 'off';
  const boost = files.text(`${CPUS}/cpufreq/boost`);
  return boost === undefined ? undefined : boost === '1' ? 'on' : 'off';
}

function cgroup(files: HostFiles): ClientHost['cgroup'] {
  const mounts = files.text('/proc/self/mounts');
  if (mounts === undefined) return undefined;
  const types = new Set(mounts.split('\n').map((line) => line.split(' ')[2]));
  if (types.has('cgroup')) return types.has('cgroup2') ? 'hybrid' : 'v1';
  return types.has('cgroup2') ? 'v2' : 'none';
}

/** The hypervisor where it tells its name, `yes` where only its flag is there, `no` where a flag would be. */
function virtualised(files: HostFiles, cpuinfo: string): string | undefined {
  if (/microsoft/i.test(files.text('/proc/sys/kernel/osrelease') ?? '')) return 'wsl';
  const flags = cpuField(cpuinfo, 'flags')?.split(' ');
  const named = files.text('/sys/hypervisor/type') ?? hypervisorOf(files.text('/sys/class/dmi/id/sys_vendor'));
  if (flags === undefined) return named;
  return flags.includes('hypervisor') ? (named ?? 'yes') : 'no';
}

function hypervisorOf(vendor: string | undefined): string | undefined {
  const names: [RegExp, string][] = [
    [/qemu|kvm|red hat/i, 'kvm'],
    [/vmware/i, 'vmware'],
    [/innotek|virtualbox/i, 'virtualbox'],
    [/xen/i, 'xen'],
    [/microsoft/i, 'hyper-v'],
    [/amazon/i, 'amazon ec2'],
    [/google/i, 'google compute engine'],
    [/digitalocean|hetzner|openstack|alibaba|oracle|parallels/i, 'other'],
  ];
  return vendor === undefined ? undefined : names.find(([pattern]) => pattern.test(vendor))?.[1];
}

function container(files: HostFiles): string | undefined {
  if (files.exists('/.dockerenv')) return 'docker';
  if (files.exists('/run/.containerenv')) return 'podman';
  const own = files.text('/proc/self/cgroup') ?? '';
  const kind = /kubepods|docker|libpod|containerd|lxc/.exec(own)?.[0];
  return kind === 'kubepods' ? 'kubernetes' : kind === 'libpod' ? 'podman' : kind;
}

function loadAverage(files: HostFiles): number[] | undefined {
  const numbers = files.text('/proc/loadavg')?.split(' ').slice(0, 3).map(Number);
  return numbers?.length === 3 && numbers.every(Number.isFinite) ? numbers : undefined;
}

/** Known only where systemd-timesyncd keeps the time: it leaves a file once the clock was set. */
function ntpSynchronised(files: HostFiles): boolean | undefined {
  return files.exists('/run/systemd/timesync') ? files.exists('/run/systemd/timesync/synchronized') : undefined;
}

function times(value: number | undefined, factor: number): number | undefined {
  return value === undefined ? undefined : value * factor;
}

type Known<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function known<T extends object>(fields: T): Known<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Known<T>;
}
