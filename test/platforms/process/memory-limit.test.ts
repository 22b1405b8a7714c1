import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { findCgroupPlace } from '../../../src/platforms/process/cgroup.js';
import { createDriver } from '../../../src/platforms/process/driver.js';
import type { LimitWay } from '../../../src/platforms/process/memory-limit.js';
import { createWatchdog } from '../../../src/platforms/process/watchdog.js';
import { type Bench, deployProbe, invoke, makeBench, placeIn, sendTo, until } from '../../contract/driver-harness.js';
import { leftOut } from '../../support/left-out.js';

const cgroup = findCgroupPlace();
const ways: LimitWay[] = ['rlimit-data', 'watchdog'];
if (cgroup === undefined) leftOut('memory limits by cgroup', 'no memory cgroup can be made here');
else ways.unshift(cgroup.by);

let bench: Bench;
afterEach(() => bench?.remove());

for (const memoryLimitBy of ways) {
  describe(`a memory limit held by ${memoryLimitBy}`, () => {
    for (const language of ['nodejs', 'python']) {
      it(`lets ${language} work at the smallest setting, and says how it is held`, async () => {
        bench = makeBench();
        const driver = await createDriver(bench.context, { memoryLimitBy });
        try {
          const memoryMb = driver.capabilities.memory?.min ?? 0;
          const endpoint = await driver.endpoint(await deployProbe(driver, { language, memoryMb }), 'http');
          const placement = await placeIn(endpoint);
          const { status, result } = await sendTo(endpoint, placement, { do: 'echo', value: 5 });
          expect({ status, result }).toEqual({ status: 200, result: { output: { value: 5 } } });
          expect(placement?.facts).toEqual({ memory_limit_by: memoryLimitBy });
          placement?.release();
        } finally {
          await driver.close();
        }
      });

      it(`tells that ${language} asked for more`, async () => {
        bench = makeBench();
        const driver = await createDriver(bench.context, { memoryLimitBy });
        try {
          const endpoint = await driver.endpoint(await deployProbe(driver, { language, memoryMb: 128 }), 'http');
          const placement = await placeIn(endpoint);
          const outcome = await sendTo(endpoint, placement, { do: 'allocate', mb: 1500 }).then(
            (answer) => ({ told: answer.error?.out_of_memory, status: answer.status }),
            () => 'no answer',
          );
          const death = await placement?.discard();
          if (memoryLimitBy === 'rlimit-data') {
            // The kernel refuses: the runtime lives to tell, or ends itself for want of memory.
            if (outcome === 'no answer') expect(death?.kind).toBe('memory');
            else expect(outcome).toEqual({ told: true, status: 500 });
            return;
          }
          expect(outcome).toBe('no answer');
          expect(death?.kind).toBe('memory');
          expect(death?.text).toContain(
            `killed by SIGKILL after it reached its memory limit of 128 MB (${memoryLimitBy})`,
          );
        } finally {
          await driver.close();
        }
      });
    }
  });
}

describe('without a memory setting', () => {
  it('nothing holds the function, and the record says so', async () => {
    bench = makeBench();
    const driver = await createDriver(bench.context);
    try {
      const endpoint = await driver.endpoint(await deployProbe(driver, { language: 'nodejs' }), 'http');
      const placement = await placeIn(endpoint);
      expect(placement?.facts).toEqual({ memory_limit_by: 'none' });
      placement?.release();
      const { status } = await invoke(endpoint, { do: 'allocate', mb: 300 });
      expect(status).toBe(200);
    } finally {
      await driver.close();
    }
  });
});

describe('what is measured of memory', () => {
  it.skipIf(!existsSync('/proc/self/clear_refs') && leftOut('peak memory per invocation', 'there is no /proc'))(
    'is the peak of each invocation, not of the one before',
    async () => {
      bench = makeBench();
      const driver = await createDriver(bench.context);
      try {
        for (const language of ['nodejs', 'python']) {
          const endpoint = await driver.endpoint(await deployProbe(driver, { language }), 'http');
          const small = (await invoke(endpoint, { do: 'echo' })).resources;
          const large = (await invoke(endpoint, { do: 'allocate', mb: 200 })).resources;
          expect(small?.memory_peak_scope).toBe('invocation');
          const grown = (large?.memory_peak_bytes ?? 0) - (small?.memory_peak_bytes ?? 0);
          expect(grown).toBeGreaterThan(195 * 1024 ** 2);
          expect(large?.page_faults_minor).toBeGreaterThan(0);
          if (language === 'nodejs') continue; // gives the memory back when its collector likes
          const after = (await invoke(endpoint, { do: 'echo' })).resources;
          expect(after?.memory_peak_bytes).toBeLessThan((small?.memory_peak_bytes ?? 0) + 20 * 1024 ** 2);
        }
      } finally {
        await driver.close();
      }
    },
  );

  it('and of the processor: busy time counts, sleep does not', async () => {
    bench = makeBench();
    const driver = await createDriver(bench.context);
    try {
      for (const language of ['nodejs', 'python']) {
        const endpoint = await driver.endpoint(await deployProbe(driver, { language }), 'http');
        const busy = (await invoke(endpoint, { do: 'burn', cpu_ms: 200 })).resources;
        const idle = (await invoke(endpoint, { do: 'sleep', ms: 200 })).resources;
        const used = (resources: typeof busy) => (resources?.cpu_user_us ?? 0) + (resources?.cpu_system_us ?? 0);
        // The function itself burns until its processor clock says 200 ms, however long that takes here.
        expect(used(busy)).toBeGreaterThanOrEqual(195_000);
        expect(used(busy)).toBeLessThan(300_000);
        expect(used(idle)).toBeLessThan(30_000);
        expect(idle?.context_switches_voluntary).toBeGreaterThan(0);
      }
    } finally {
      await driver.close();
    }
  });
});

describe('the watchdog where there is no /proc', () => {
  it('kills a group that ps shows above its limit, and no other', async () => {
    bench = makeBench();
    const script = 'const b = Buffer.alloc(+process.argv[1] * 1048576, 1); setInterval(() => b[0]++, 1000)';
    const start = (mb: number) =>
      spawn(process.execPath, ['-e', script, String(mb)], { detached: true, stdio: 'ignore' });
    const [large, small] = [start(300), start(1)];
    const watchdog = createWatchdog('ps');
    const watched = [large, small].map((child) => watchdog.watch(child.pid ?? 0, 150));
    try {
      await until(() => large.signalCode !== null, 'the large one is killed', 15_000);
      expect({ signal: large.signalCode, killed: watched.map((entry) => entry.killed()) }).toEqual({
        signal: 'SIGKILL',
        killed: [true, false],
      });
      expect(small.signalCode).toBeNull();
    } finally {
      for (const entry of watched) entry.stop();
      for (const child of [large, small]) child.kill('SIGKILL');
    }
  });
});
