import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os, { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { clientHost, hostCounters } from '../../src/host/facts.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sebs-host-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A machine's files below the root. */
function machine(files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}

const CPU = '/sys/devices/system/cpu';

describe('the facts of a machine', () => {
  test('are those its kernel tells', async () => {
    machine({
      '/etc/os-release': 'NAME="Debian"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
      '/proc/sys/kernel/osrelease': '6.1.0-18-amd64\n',
      '/proc/cpuinfo': [0, 1, 2, 3]
        .map(
          (cpu) =>
            `processor\t: ${cpu}\nmodel name\t: Example CPU @ 3.00GHz\nmicrocode\t: 0x2b\nflags\t\t: fpu hypervisor lm\n`,
        )
        .join('\n'),
      '/proc/meminfo': 'MemTotal:        2048 kB\nMemFree:  5 kB\nSwapTotal:   1024 kB\n',
      '/proc/loadavg': '0.52 1.50 2.00 1/123 4567\n',
      '/proc/self/mounts': 'cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\nproc /proc proc rw 0 0\n',
      '/proc/self/cgroup': '0::/kubepods/burstable/pod1/abc\n',
      [`${CPU}/cpu0/topology/thread_siblings_list`]: '0-1,4\n',
      [`${CPU}/cpufreq/policy0/scaling_governor`]: 'performance\n',
      [`${CPU}/cpufreq/policy1/scaling_governor`]: 'powersave\n',
      [`${CPU}/intel_pstate/no_turbo`]: '1\n',
      '/sys/devices/system/node/node0/cpulist': '0-1\n',
      '/sys/devices/system/node/node1/cpulist': '2-3\n',
      '/sys/devices/system/clocksource/clocksource0/current_clocksource': 'tsc\n',
      '/sys/class/dmi/id/sys_vendor': 'QEMU\n',
      '/run/systemd/timesync/synchronized': '',
    });
    expect(await clientHost(root)).toEqual({
      os: 'Debian GNU/Linux 12 (bookworm)',
      kernel: '6.1.0-18-amd64',
      arch: os.arch(),
      cpu_model: 'Example CPU @ 3.00GHz',
      cores: 4,
      cores_usable: os.availableParallelism(),
      threads_per_core: 3,
      governor: 'performance,powersave',
      turbo: 'off',
      microcode: '0x2b',
      numa_nodes: 2,
      memory_bytes: 2_097_152,
      swap_bytes: 1_048_576,
      cgroup: 'v2',
      virtualised: 'kvm',
      container: 'kubernetes',
      load_average: [0.52, 1.5, 2],
      clock_source: 'tsc',
      ntp_synchronised: true,
    });
  });

  test('are absent, not guessed, where the kernel tells nothing', async () => {
    expect(await clientHost(root)).toEqual({
      os: os.type(),
      kernel: os.release(),
      arch: os.arch(),
      cpu_model: expect.any(String),
      cores: os.availableParallelism(),
      cores_usable: os.availableParallelism(),
      memory_bytes: os.totalmem(),
    });
  });

  test('tell kinds of control groups, virtual machines and containers apart', async () => {
    const mounts = (...types: string[]) => types.map((type) => `${type} /x ${type} rw 0 0`).join('\n');
    const cases: [Record<string, string>, object][] = [
      [{ '/proc/self/mounts': mounts('cgroup', 'tmpfs') }, { cgroup: 'v1' }],
      [{ '/proc/self/mounts': mounts('cgroup', 'cgroup2') }, { cgroup: 'hybrid' }],
      [{ '/proc/self/mounts': mounts('tmpfs') }, { cgroup: 'none' }],
      [{ '/proc/cpuinfo': 'flags : fpu lm' }, { virtualised: 'no' }],
      [{ '/proc/cpuinfo': 'flags : fpu hypervisor' }, { virtualised: 'yes' }],
      [{ '/proc/sys/kernel/osrelease': '5.15.90.1-microsoft-standard-WSL2' }, { virtualised: 'wsl' }],
      [{ '/.dockerenv': '' }, { container: 'docker' }],
      [{ '/run/.containerenv': '' }, { container: 'podman' }],
      [{ '/proc/self/cgroup': '0::/system.slice/docker-12.scope' }, { container: 'docker' }],
      [{ [`${CPU}/cpufreq/boost`]: '1' }, { turbo: 'on' }],
      [{ '/run/systemd/timesync/clock': '' }, { ntp_synchronised: false }],
    ];
    for (const [files, facts] of cases) {
      rmSync(root, { recursive: true });
      machine(files);
      expect(await clientHost(root)).toMatchObject(facts);
    }
  });

  test('of this machine are there, hold no host name, and come quickly', async () => {
    await clientHost();
    const before = performance.now();
    const facts = await clientHost();
    expect(performance.now() - before).toBeLessThan(50);
    expect(facts.cores).toBeGreaterThan(0);
    expect(facts.memory_bytes).toBeGreaterThan(1e8);
    expect(facts.cpu_model).not.toBe('');
    const name = os.hostname();
    if (name.length > 3) expect(JSON.stringify(facts)).not.toContain(name);
  });
});

describe('the counters of a machine', () => {
  test('are those its kernel keeps, with control groups of version 2', () => {
    machine({
      '/proc/vmstat': 'nr_free_pages 9\npswpin 1\npswpout 2\npgmajfault 3\noom_kill 4\noom_kill_extra 99\n',
      '/proc/stat': 'cpu  10 20 30 40 50 60 70 80 90 100\ncpu0 1 1 1 1 1 1 1 1 1 1\n',
      '/proc/pressure/cpu': 'some avg10=0.00 avg60=0.00 avg300=0.00 total=555\nfull avg10=0.00 total=7\n',
      '/proc/self/cgroup': '0::/user.slice\n',
      '/sys/fs/cgroup/user.slice/cpu.stat': 'usage_usec 1\nnr_periods 5\nnr_throttled 6\nthrottled_usec 777\n',
      [`${CPU}/cpu0/thermal_throttle/core_throttle_count`]: '3\n',
      [`${CPU}/cpu1/thermal_throttle/core_throttle_count`]: '4\n',
    });
    expect(hostCounters(root)).toEqual({
      swap_in_pages: 1,
      swap_out_pages: 2,
      major_faults: 3,
      out_of_memory_kills: 4,
      iowait_ticks: 50,
      steal_ticks: 80,
      cpu_pressure_us: 555,
      thermal_throttles: 7,
      cgroup_throttles: 6,
      cgroup_throttled_us: 777,
    });
  });

  test('are those of version 1 where those hold the CPU', () => {
    machine({
      '/proc/self/cgroup': '4:memory:/\n3:cpu,cpuacct:/job\n0::/\n',
      '/sys/fs/cgroup/cpu,cpuacct/job/cpu.stat': 'nr_periods 5\nnr_throttled 6\nthrottled_time 7000000\n',
    });
    expect(hostCounters(root)).toEqual({ cgroup_throttles: 6, cgroup_throttled_us: 7000 });
  });

  test('are absent where there are none', () => {
    expect(hostCounters(root)).toEqual({});
  });
});
