// Platform `local`, what the kernel counts for one container: where its counters are (cgroup version 1 or 2, and /proc)
// and what they say. Comes in: the container's first process; goes out: readings. A file that is not there, or says
// something else, gives nothing: what is unknown is absent and never 0.
import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';

/** Sums since the container was made; each absent where the kernel does not tell. */
export interface Usage {
  cpu_us?: number;
  cpu_user_us?: number;
  cpu_system_us?: number;
  page_faults?: number;
  page_faults_major?: number;
  context_switches_voluntary?: number;
  context_switches_involuntary?: number;
  block_read_bytes?: number;
  block_write_bytes?: number;
  network_received_bytes?: number;
  network_sent_bytes?: number;
}

export interface Counters {
  /** What of it is held in memory at this moment, page cache included. */
  memoryFile: string | undefined;
  read(): Usage;
  close(): void;
}

interface Source {
  path: string;
  parse(text: string): Usage;
}

const US_PER_NS = 1 / 1000;

/** Opens everything once, so that a reading costs little. `network`: whether its devices are its own. */
export function openCounters(pid: number, network: boolean): Counters {
  const groups = groupsOf(pid);
  const v2 = groups.get('');
  const sources = v2 === undefined || groups.has('memory') ? sourcesV1(groups) : sourcesV2(v2);
  if (network) sources.push({ path: `/proc/${pid}/net/dev`, parse: parseNetDev });
  const open = sources.flatMap(({ path, parse }) => {
    const file = openOrUndefined(path);
    return file === undefined ? [] : [{ file, parse }];
  });
  const processes = join(groups.get('memory') ?? v2 ?? '', 'cgroup.procs');
  const memory = groups.get('memory');
  let closed = false;
  return {
    memoryFile: memory !== undefined ? join(memory, 'memory.usage_in_bytes') : v2 && join(v2, 'memory.current'),
    read() {
      if (closed) return {};
      const parts = open.map(({ file, parse }) => {
        const text = textOf(file);
        return text === undefined ? {} : parse(text);
      });
      return Object.assign({}, ...parts, contextSwitches(processes)) as Usage;
    },
    close() {
      if (closed) return;
      closed = true;
      for (const { file } of open) closeSync(file);
    },
  };
}

/** Controller -> folder; version 2 has the name ''. From `/proc/<pid>/cgroup` and where hierarchies are mounted. */
function groupsOf(pid: number): Map<string, string> {
  const mounts = new Map(
    read('/proc/self/mountinfo')
      .split('\n')
      .flatMap((line): [string, string][] => {
        const [left = '', right = ''] = line.split(' - ');
        const mount = left.split(' ')[4] ?? '';
        const [type, , options = ''] = right.split(' ');
        if (type === 'cgroup2') return [['', mount]];
        return type === 'cgroup' ? options.split(',').map((name) => [name, mount]) : [];
      }),
  );
  return new Map(
    read(`/proc/${pid}/cgroup`)
      .split('\n')
      .filter(Boolean)
      .flatMap((line) => {
        const [, controllers = '', ...path] = line.split(':');
        return controllers.split(',').flatMap((name): [string, string][] => {
          const mount = mounts.get(name);
          return mount === undefined ? [] : [[name, join(mount, path.join(':'))]];
        });
      }),
  );
}

function sourcesV1(groups: ReadonlyMap<string, string>): Source[] {
  const inGroup = (controller: string, file: string, parse: Source['parse']): Source[] => {
    const folder = groups.get(controller);
    return folder === undefined ? [] : [{ path: join(folder, file), parse }];
  };
  return [
    ...inGroup('cpuacct', 'cpuacct.usage', (text) => only('cpu_us', scaled(text, US_PER_NS))),
    ...inGroup('cpuacct', 'cpuacct.usage_user', (text) => only('cpu_user_us', scaled(text, US_PER_NS))),
    ...inGroup('cpuacct', 'cpuacct.usage_sys', (text) => only('cpu_system_us', scaled(text, US_PER_NS))),
    ...inGroup('memory', 'memory.stat', (text) => ({
      ...only('page_faults', field(text, 'total_pgfault')),
      ...only('page_faults_major', field(text, 'total_pgmajfault')),
    })),
    ...inGroup('blkio', 'blkio.throttle.io_service_bytes_recursive', (text) => ({
      ...only('block_read_bytes', sumOf(text, /^\S+ Read (\d+)$/gm)),
      ...only('block_write_bytes', sumOf(text, /^\S+ Write (\d+)$/gm)),
    })),
  ];
}

function sourcesV2(folder: string): Source[] {
  return [
    {
      path: join(folder, 'cpu.stat'),
      parse: (text) => ({
        ...only('cpu_us', field(text, 'usage_usec')),
        ...only('cpu_user_us', field(text, 'user_usec')),
        ...only('cpu_system_us', field(text, 'system_usec')),
      }),
    },
    {
      path: join(folder, 'memory.stat'),
      parse: (text) => ({
        ...only('page_faults', field(text, 'pgfault')),
        ...only('page_faults_major', field(text, 'pgmajfault')),
      }),
    },
    {
      path: join(folder, 'io.stat'),
      parse: (text) => ({
        ...only('block_read_bytes', sumOf(text, /\brbytes=(\d+)/g)),
        ...only('block_write_bytes', sumOf(text, /\bwbytes=(\d+)/g)),
      }),
    },
  ];
}

/** Of the threads that live now: no group counts them, and those of a process that has ended are gone with it. */
function contextSwitches(processes: string): Usage {
  const pids = read(processes).split('\n').filter(Boolean);
  if (pids.length === 0) return {};
  const sums = { context_switches_voluntary: 0, context_switches_involuntary: 0 };
  for (const pid of pids)
    for (const thread of threadsOf(pid)) {
      const status = read(`/proc/${pid}/task/${thread}/status`);
      sums.context_switches_voluntary += Number(/^voluntary_ctxt_switches:\s+(\d+)$/m.exec(status)?.[1] ?? 0);
      sums.context_switches_involuntary += Number(/^nonvoluntary_ctxt_switches:\s+(\d+)$/m.exec(status)?.[1] ?? 0);
    }
  return sums;
}

/** Received and sent over all devices but the loopback. */
export function parseNetDev(text: string): Usage {
  const rows = text
    .split('\n')
    .map((line) => /^\s*([^:\s]+):\s*(.*)$/.exec(line))
    .flatMap((found) => (found === null || found[1] === 'lo' ? [] : [(found[2] ?? '').split(/\s+/).map(Number)]));
  if (rows.length === 0) return {};
  const sum = (column: number): number => rows.reduce((total, row) => total + (row[column] ?? 0), 0);
  return { network_received_bytes: sum(0), network_sent_bytes: sum(8) };
}

/** `name 123` on a line of its own. */
function field(text: string, name: string): number | undefined {
  const found = new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** A group without a line has moved nothing yet. */
function sumOf(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].reduce((sum, [, n]) => sum + Number(n), 0);
}

function scaled(text: string, factor: number): number | undefined {
  const number = Number(text.trim());
  return text.trim() === '' || !Number.isFinite(number) ? undefined : Math.round(number * factor);
}

function only<K extends keyof Usage>(name: K, value: number | undefined): Usage {
  return value === undefined ? {} : { [name]: value };
}

function threadsOf(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

const buffer = Buffer.alloc(16_384);

/** From the start of an open file of the kernel; undefined when it cannot be read any more. */
function textOf(file: number): string | undefined {
  try {
    return buffer.toString('latin1', 0, readSync(file, buffer, 0, buffer.length, 0));
  } catch {
    return undefined;
  }
}

function openOrUndefined(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch {
    return undefined;
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
