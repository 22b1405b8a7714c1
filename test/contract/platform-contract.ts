// The part of the contract that holds for every platform, also where no function of ours is executed (models, and what is
// deployed already). Comes in: how to make a driver and how to have a function; goes out: a describe block.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClock } from '../../src/clock.js';
import { createInvoker } from '../../src/invoke/invoker.js';
import type { Deployment, DriverContext, PlatformDriver } from '../../src/platforms/driver.js';
import { readReply } from '../../src/run/record.js';
import { type Bench, makeBench } from './driver-harness.js';

export interface PlatformSubject {
  name: string;
  create(context: DriverContext): Promise<PlatformDriver>;
  context?(): Partial<DriverContext>;
  have(driver: PlatformDriver): Promise<Deployment>;
}

export function describePlatformContract(subject: PlatformSubject): void {
  describe(`the platform contract: ${subject.name}`, () => {
    const clock = createClock();
    let bench: Bench;
    let driver: PlatformDriver;
    let deployment: Deployment;

    beforeEach(async () => {
      bench = makeBench({ simulation: { clock, seed: 7 }, ...subject.context?.() });
      driver = await subject.create(bench.context);
      deployment = await subject.have(driver);
    });
    afterEach(async () => {
      for (const { state, resource } of bench.ledger) if (state === 'created') await driver.remove(resource);
      await driver.close();
      const left = await driver.list(bench.context.runId);
      bench.remove();
      expect(left, 'outlives the run').toEqual([]);
    });

    it('says what it can do, and its facts are plain data', async () => {
      const { capabilities } = driver;
      expect(capabilities.triggers).toContain('http');
      expect(capabilities.maxConcurrency).toBeGreaterThanOrEqual(1);
      expect(JSON.parse(JSON.stringify(capabilities))).toEqual(capabilities);
      expect(JSON.parse(JSON.stringify(await driver.prepare()))).toEqual(await driver.prepare());
    });

    it('had again with the same content, nothing is created', async () => {
      const before = bench.ledger.length;
      expect(await subject.have(driver)).toEqual(deployment);
      expect(bench.ledger.length).toBe(before);
    });

    it('answers a batch, and its own word on the outputs is that they are right', async () => {
      const invoker = await createInvoker({ clock });
      try {
        const endpoint = await driver.endpoint(deployment, 'http');
        const exchanges = await invoker.sendTogether(
          [0, 1, 2].map((position) => ({
            attemptId: `cell.0.0.${position}`,
            endpoint,
            connection: 'fresh' as const,
            body: endpoint.body ?? Buffer.from('{}'),
            timeoutUs: 10_000_000,
            draw: { cell: 'cell', block: 0, role: 'counted' as const, position, tries: 0 },
          })),
        );
        for (const exchange of exchanges) {
          const { firstByteUs = 0, connectUs = 0, downloadUs = 0, queueUs, clientUs } = exchange.times;
          expect(queueUs + connectUs + firstByteUs + downloadUs).toBe(clientUs);
          const { answer, fault } = readReply(exchange, endpoint);
          expect(fault).toBeUndefined();
          expect(endpoint.judge?.(answer?.output) ?? null).toBeNull();
        }
        expect(new Set(exchanges.map(({ releasedUs }) => releasedUs)).size).toBeLessThanOrEqual(3);
      } finally {
        await invoker.close();
      }
    });

    it('writes to the ledger before it creates, under its own id', () => {
      const order = bench.ledger.map(({ state, resource }) => `${state} ${resource.kind} ${resource.id}`);
      for (const [at, line] of order.entries())
        if (line.startsWith('created')) expect(order.indexOf(line.replace('created', 'intended'))).toBeLessThan(at);
      expect(bench.ledger.every(({ resource }) => resource.platform === bench.context.platformId)).toBe(true);
    });

    it('lists what it created for the run, and what another process removes twice is gone', async () => {
      const { runId } = bench.context;
      const created = bench.ledger.filter(({ state }) => state === 'created').map(({ resource }) => resource);
      const listed = (await driver.list(runId)).map(({ kind, id }) => `${kind} ${id}`);
      expect(listed).toEqual(created.map(({ kind, id }) => `${kind} ${id}`));
      expect(await driver.list('some-other-run')).toEqual([]);
      const later = await subject.create(bench.context);
      for (const resource of [...created, ...created]) await later.remove(resource);
      expect(await later.list(runId)).toEqual([]);
      await later.close();
    });

    it('checks the host without changing it, and closes twice', async () => {
      const before = bench.ledger.length;
      expect((await driver.doctor()).length).toBeGreaterThan(0);
      expect(bench.ledger.length).toBe(before);
      await driver.close();
      await driver.close();
    });
  });
}
