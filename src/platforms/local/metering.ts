// Platform `local`, what one invocation used of its container: memory from the sampler, everything else as the
// difference of two readings, before the requests are released and after the answer was read, both outside of what is
// timed. Comes in: a container's first process; goes out: columns of the record. A new container is measured from its
// making, so that a cold start's columns hold the start of its runtime too.
import { readFileSync } from 'node:fs';
import type { Invocation } from '../../generated/invocation.js';
import type { Network } from '../driver.js';
import { openCounters, type Usage } from './cgroup.js';
import { type Sampler, startSampler } from './sampler.js';

export interface Metering {
  open(pid: number, network: Network): Meter;
  /** What sampling took, in words; undefined when nothing was sampled. */
  cost(): string | undefined;
  close(): Promise<void>;
}

export interface Meter {
  memoryFile: string | undefined;
  /** Reads where the counters stand: what is done until the next `begin` counts for nobody. */
  look(): void;
  begin(): { end(): Partial<Invocation> };
  close(): void;
}

const FIELDS = {
  cpu_us: 'sandbox_cpu_us',
  cpu_user_us: 'sandbox_cpu_user_us',
  cpu_system_us: 'sandbox_cpu_system_us',
  page_faults: 'sandbox_page_faults',
  page_faults_major: 'sandbox_page_faults_major',
  context_switches_voluntary: 'sandbox_context_switches_voluntary',
  context_switches_involuntary: 'sandbox_context_switches_involuntary',
  block_read_bytes: 'sandbox_block_read_bytes',
  block_write_bytes: 'sandbox_block_write_bytes',
  network_received_bytes: 'sandbox_network_received_bytes',
  network_sent_bytes: 'sandbox_network_sent_bytes',
} as const satisfies Record<keyof Usage, keyof Invocation>;

export function createMetering(): Metering {
  let sampler: Sampler | undefined;
  let spans = 0;
  let sampledMs = 0;
  let samples = 0;

  function open(pid: number, network: Network): Meter {
    sampler ??= startSampler();
    const sampling = sampler;
    const counters = openCounters(pid, network === 'bridge');
    const watch = counters.memoryFile === undefined ? undefined : sampling.watch(counters.memoryFile);
    /** Where the counters stood when nobody was served; at the beginning they stand at nothing. */
    let before: Usage = {};
    let isNew = true;
    return {
      memoryFile: counters.memoryFile,
      look() {
        before = counters.read();
        isNew = false;
      },
      begin() {
        const startedMs = performance.now();
        const samplerUs = sampling.cpuUs();
        watch?.begin();
        return {
          end() {
            const seen = watch?.end();
            sampledMs += performance.now() - startedMs;
            spans += 1;
            const now = counters.read();
            const used = isNew ? now : difference(before, now);
            before = now;
            isNew = false;
            const held = heldNow(counters.memoryFile);
            samples += seen?.count ?? 0;
            const tookUs = sampling.cpuUs();
            return {
              ...renamed(used),
              ...memoryFields(seen, held),
              ...(samplerUs === undefined || tookUs === undefined ? {} : { sampler_cpu_us: tookUs - samplerUs }),
            };
          },
        };
      },
      close() {
        watch?.close();
        counters.close();
      },
    };
  }

  return {
    open,
    cost() {
      const cpuUs = sampler?.cpuUs();
      if (cpuUs === undefined || spans === 0) return undefined;
      const share = ((cpuUs / 1000 / Math.max(1, sampledMs)) * 100).toFixed(1);
      return `memory was sampled ${samples} times in ${spans} invocations; the sampler took ${(cpuUs / 1000).toFixed(0)} ms of CPU, ${share} % of the time that containers served`;
    },
    async close() {
      const ending = sampler;
      sampler = undefined;
      await ending?.close();
    },
  };
}

/** A counter that one of the readings lacks, or that fell because a process and its sum have gone, is unknown. */
export function difference(before: Usage, now: Usage): Usage {
  const names = Object.keys(now) as (keyof Usage)[];
  const entries = names.flatMap((name) => {
    const [early, late] = [before[name], now[name]];
    return early === undefined || late === undefined || late < early ? [] : [[name, late - early]];
  });
  return Object.fromEntries(entries) as Usage;
}

function renamed(usage: Usage): Partial<Invocation> {
  return Object.fromEntries(Object.entries(usage).map(([name, value]) => [FIELDS[name as keyof Usage], value]));
}

/** The reading after the answer is a sample like the others, so that a short invocation has one. */
function memoryFields(
  seen: { peakBytes: number; sumBytes: number; count: number } | undefined,
  held: number | undefined,
): Partial<Invocation> {
  const { peakBytes = 0, sumBytes = 0, count = 0 } = seen ?? {};
  const all = count + (held === undefined ? 0 : 1);
  if (all === 0) return {};
  return {
    sandbox_memory_peak_bytes: Math.max(peakBytes, held ?? 0),
    sandbox_memory_mean_bytes: Math.round((sumBytes + (held ?? 0)) / all),
    sandbox_memory_samples: all,
  };
}

function heldNow(file: string | undefined): number | undefined {
  if (file === undefined) return undefined;
  try {
    return Number(readFileSync(file, 'latin1'));
  } catch {
    return undefined;
  }
}
