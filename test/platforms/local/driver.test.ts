// Platform local with a real engine: what a sandbox is allowed, how cold it can be, what is measured of it.
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadCatalogue } from '../../../src/benchmarks/catalogue.js';
import type { ColdLevel, Deployment, Endpoint, Network, PlatformDriver } from '../../../src/platforms/driver.js';
import { createDriver } from '../../../src/platforms/local/driver.js';
import { type Bench, invoke, makeBench, placeIn, sendTo } from '../../contract/driver-harness.js';
import { engine, withoutDocker } from '../../support/docker.js';

const FUNCTION = fileURLToPath(new URL('./fixtures/escape', import.meta.url));
const OPTIONS = { pids: 64, tmp: 16 };

describe.skipIf(withoutDocker('platform local: limits, levels of coldness, metering'))('platform local', () => {
  let bench: Bench;
  let driver: PlatformDriver;

  beforeEach(async () => {
    bench = makeBench({ options: OPTIONS });
    driver = await createDriver(bench.context);
  });
  afterEach(async () => {
    await driver.close();
    expect(await driver.list(bench.context.runId)).toEqual([]);
    bench.remove();
  });

  async function deploy(memoryMb: number, network: Network = 'bridge'): Promise<[Deployment, Endpoint]> {
    const catalogue = await loadCatalogue({ paths: [{ id: 'escape', path: FUNCTION }], ids: [] });
    const planned = {
      id: 'package-escape',
      platform: 'here',
      benchmark: 'escape',
      language: 'python',
      language_version: '3.11',
      architecture: driver.capabilities.architectures[0] ?? '',
      kind: 'directory',
      source_sha256: '',
    };
    const code = await driver.buildPackage({ package: planned, catalogue });
    const shape = { platform: 'here', benchmark: 'escape', package: planned.id, timeout_s: 60, replicate: 0 };
    const deployment = { id: `escape-${memoryMb}-${network}`, memory_mb: memoryMb, network, ...shape };
    const deployed = await driver.deploy({ deployment, package: planned, code, environment: {} });
    return [deployed, await driver.endpoint(deployed, 'http')];
  }

  async function outputOf(endpoint: Endpoint, event: unknown): Promise<unknown> {
    const { result, error } = await invoke(endpoint, event);
    return error ?? result?.output;
  }

  describe('lets a function', () => {
    it('write nothing outside of /tmp, and be nobody without capabilities', async () => {
      const [, endpoint] = await deploy(128);
      const paths = ['/function/x', '/etc/x', '/root/x', '/x', '/proc/sys/kernel/hostname', '/sys/x', '/tmp/x'];
      expect(await outputOf(endpoint, { do: 'write', paths })).toEqual(['/tmp/x']);
      expect(await outputOf(endpoint, { do: 'identity' })).toEqual({
        uid: 65534,
        capabilities: '0000000000000000',
        no_new_privileges: '1',
      });
    });

    it('fill its /tmp and no more, and live to tell', async () => {
      const [, endpoint] = await deploy(128);
      expect(await outputOf(endpoint, { do: 'fill', path: '/tmp/full', mb: 64 })).toEqual({
        mb: OPTIONS.tmp,
        error: 'No space left on device',
      });
      expect(await outputOf(endpoint, { do: 'nothing' })).toBe('nothing');
    });

    it('fork until its limit, and live to tell', async () => {
      const [, endpoint] = await deploy(128);
      const children = await outputOf(endpoint, { do: 'fork', most: 1000 });
      expect(children).toBeGreaterThan(OPTIONS.pids / 2);
      expect(children).toBeLessThan(OPTIONS.pids);
    });

    it('allocate until the kernel ends it, which is recorded as memory', async () => {
      const [, endpoint] = await deploy(96);
      const placement = await placeIn(endpoint);
      await expect(sendTo(endpoint, placement, { do: 'burn', mb: 400, ms: 0 })).rejects.toThrow();
      expect(await placement?.discard()).toMatchObject({ kind: 'memory' });
    });

    it('reach no other sandbox, though it listens', async () => {
      const [, endpoint] = await deploy(128);
      const [one, other] = [await placeIn(endpoint), await placeIn(endpoint)];
      const { result } = await sendTo(endpoint, one, { do: 'address' });
      const target = { host: result?.output, port: 9000 };
      expect((await sendTo(endpoint, one, { do: 'reach', ...target })).result?.output).toBe(true);
      expect((await sendTo(endpoint, other, { do: 'reach', ...target })).result?.output).toBe(false);
      one?.release();
      other?.release();
    });
  });

  it('asks the engine for the limits that were set, and for a port on the loopback alone', async () => {
    const [, endpoint] = await deploy(128);
    await invoke(endpoint, { do: 'nothing' });
    const label = [`sebs-run=${bench.context.runId}`];
    const [found] = (await engine?.client.listContainers({ filters: { label } })) ?? [];
    const inspected = await engine?.client.getContainer(found?.Id ?? '').inspect();
    expect(inspected?.HostConfig).toMatchObject({
      ReadonlyRootfs: true,
      Privileged: false,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      PidsLimit: OPTIONS.pids,
      Memory: 128 * 2 ** 20,
      MemorySwap: 128 * 2 ** 20,
      NanoCpus: 1e9,
    });
    expect(inspected?.NetworkSettings.Ports['9000/tcp']?.map(({ HostIp }) => HostIp)).toEqual(['127.0.0.1']);
  });

  it.each<[ColdLevel, string[]]>([
    ['new', ['created', 'started', 'ready']],
    ['restarted', ['started', 'ready']],
    ['resumed', ['started', 'ready']],
  ])('serves first requests at level %s, from as many sandboxes as are wanted', async (level, moments) => {
    const [deployment, endpoint] = await deploy(128);
    const seen = new Set<string>();
    for (let round = 0; round < 2; round += 1) {
      await driver.forceColdStart?.(deployment, { level, sandboxes: 2 });
      const marks: string[][] = [];
      const placements = await Promise.all(
        [0, 1].map((slot) => {
          const marked: string[] = [];
          marks[slot] = marked;
          const mark = (moment: string): void => void marked.push(moment);
          return endpoint.place?.({ mark, signal: new AbortController().signal });
        }),
      );
      expect(marks).toEqual([moments, moments]);
      for (const placement of placements) {
        const { is_cold, invocation_index, sandbox_id } = await sendTo(endpoint, placement, { do: 'nothing' });
        expect({ is_cold, invocation_index, created: placement?.created }).toEqual({
          is_cold: true,
          invocation_index: 0,
          created: true,
        });
        seen.add(sandbox_id);
        placement?.release();
      }
    }
    expect(seen.size).toBe(4);
  });

  it('serves on the network of the host, on its loopback', async () => {
    const [, endpoint] = await deploy(128, 'host');
    const placement = await placeIn(endpoint);
    expect(placement?.origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect((await sendTo(endpoint, placement, { do: 'nothing' })).status).toBe(200);
    placement?.release();
    expect(placement?.facts.sandbox_network_sent_bytes).toBeUndefined();
  });

  it('measures what an invocation uses: what it computes, holds, faults and sends', async () => {
    const [, endpoint] = await deploy(256);
    await invoke(endpoint, { do: 'nothing' });
    endpoint.beforeRelease?.();
    const placement = await placeIn(endpoint);
    await sendTo(endpoint, placement, { do: 'burn', mb: 64, ms: 300 });
    placement?.release();
    const { facts } = placement ?? {};
    expect(facts?.sandbox_cpu_us).toBeGreaterThan(290_000);
    expect(facts?.sandbox_cpu_us).toBeLessThan(900_000);
    expect(facts?.sandbox_memory_peak_bytes).toBeGreaterThan(64 * 2 ** 20);
    expect(facts?.sandbox_memory_peak_bytes).toBeLessThan(256 * 2 ** 20);
    expect(facts?.sandbox_memory_mean_bytes).toBeLessThanOrEqual(facts?.sandbox_memory_peak_bytes ?? 0);
    // Ten milliseconds apart, on a machine that may be busy.
    expect(facts?.sandbox_memory_samples).toBeGreaterThan(5);
    expect(facts?.sandbox_page_faults).toBeGreaterThan((64 * 2 ** 20) / 4096 / 600);
    expect(facts?.sandbox_network_received_bytes).toBeGreaterThan(100);
    expect(facts?.sandbox_context_switches_involuntary).toBeGreaterThanOrEqual(0);
    expect(facts?.memory_limit_by).toMatch(/^cgroup-v[12]$/);

    endpoint.beforeRelease?.();
    const idle = await placeIn(endpoint);
    await sendTo(endpoint, idle, { do: 'nothing' });
    idle?.release();
    expect(idle?.facts.sandbox_cpu_us).toBeLessThan(100_000);
  });

  it('makes a container anew when the one that was idle is gone', async () => {
    const [, endpoint] = await deploy(128);
    const first = await invoke(endpoint, { do: 'nothing' });
    const label = [`sebs-run=${bench.context.runId}`];
    for (const { Id } of (await engine?.client.listContainers({ filters: { label } })) ?? [])
      await engine?.client.getContainer(Id).kill();
    await expect
      .poll(async () => (await engine?.client.listContainers({ filters: { label } }))?.length, { timeout: 10_000 })
      .toBe(0);
    const next = await invoke(endpoint, { do: 'nothing' });
    expect(next.is_cold).toBe(true);
    expect(next.sandbox_id).not.toBe(first.sandbox_id);
  });
});
