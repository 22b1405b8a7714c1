import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Exchange, InvokeRequest, Invoker } from '../../src/invoke/exchange.js';
import { createInvoker } from '../../src/invoke/invoker.js';
import type { Placement, PlaceOptions, SandboxDeath } from '../../src/platforms/driver.js';
import { closedPort, httpServer, type TestServer } from './servers.js';

let invoker: Invoker;
let server: TestServer;
/** What the platform was asked to do, in order. */
let events: string[];

beforeAll(async () => {
  invoker = await createInvoker();
});
afterAll(() => invoker.close());
beforeEach(async () => {
  events = [];
  server = await httpServer(async (message, response) => {
    events.push('served');
    const waitMs = Number(message.url?.slice(1));
    if (waitMs < 0) message.socket.resetAndDestroy();
    else {
      await delay(waitMs);
      response.write('{');
      response.end('}');
    }
  });
});
afterEach(() => server.close());

function placed(place: (options: PlaceOptions) => Promise<Placement>, more: Partial<InvokeRequest> = {}, path = '/0') {
  return invoker.send({
    attemptId: 'a',
    endpoint: { origin: '', path, method: 'POST', headers: {}, place },
    connection: 'fresh',
    body: Buffer.from('{}'),
    timeoutUs: 5_000_000,
    ...more,
  });
}

function sandbox(created: boolean, death?: SandboxDeath): Placement {
  return {
    origin: server.origin,
    sandboxId: 's-1',
    created,
    facts: { memory_limit_by: 'none' },
    release: () => void events.push('released'),
    discard: async () => {
      events.push('discarded');
      return death;
    },
  };
}

function expectSound({ times: { clientUs, ...stages } }: Exchange): void {
  expect(Object.values(stages).reduce((sum, us) => sum + us, 0)).toBe(clientUs);
}

test('a sandbox that is created shows its stages as they passed, and may serve again afterwards', async () => {
  const exchange = await placed(async ({ mark }) => {
    await delay(100);
    mark('created');
    await delay(130);
    mark('started');
    await delay(160);
    mark('ready');
    return sandbox(true);
  });
  expectSound(exchange);
  expect(exchange).toMatchObject({ state: 'answered', placement: { sandboxId: 's-1', created: true } });
  const { createUs = 0, startUs = 0, readyUs = 0, queueUs } = exchange.times;
  expect(createUs).toBeGreaterThanOrEqual(99_000);
  expect(startUs).toBeGreaterThanOrEqual(129_000);
  expect(readyUs).toBeGreaterThanOrEqual(159_000);
  expect(queueUs).toBeLessThan(99_000);
  expect(events).toEqual(['served', 'released']);
});

test('a platform that knows no separate start marks created and ready', async () => {
  const exchange = await placed(async ({ mark }) => {
    await delay(10);
    mark('created');
    await delay(10);
    mark('ready');
    return sandbox(true);
  });
  expectSound(exchange);
  expect(Object.keys(exchange.times)).toEqual([
    'clientUs',
    'queueUs',
    'createUs',
    'readyUs',
    'connectUs',
    'firstByteUs',
    'downloadUs',
  ]);
});

test('a sandbox that was there already has no stage of its own: finding it is the client’s time', async () => {
  const exchange = await placed(async () => {
    await delay(15);
    return sandbox(false);
  });
  expectSound(exchange);
  expect(Object.keys(exchange.times)).toEqual(['clientUs', 'queueUs', 'connectUs', 'firstByteUs', 'downloadUs']);
  expect(exchange.times.queueUs).toBeGreaterThanOrEqual(14_000);
});

test('a sandbox is given back only after the response was read and its connection closed or kept', async () => {
  const reused: unknown[] = [];
  for (let count = 0; count < 3; count += 1) {
    const { connectionReused } = await placed(async () => sandbox(false), { connection: 'keep-alive' });
    reused.push(connectionReused);
  }
  expect(reused).toEqual([false, true, true]);
  expect(events).toEqual(['served', 'released', 'served', 'released', 'served', 'released']);
});

test('a sandbox that cannot be created is an outcome, in the words of the platform', async () => {
  const exchange = await placed(async ({ mark }) => {
    mark('created');
    throw new Error('the image is not there');
  });
  expectSound(exchange);
  expect(exchange).toMatchObject({ state: 'unanswered', errorKind: 'create', error: 'the image is not there' });
  expect(Object.keys(exchange.times)).toEqual(['clientUs', 'queueUs', 'createUs', 'startUs']);
  expect('placement' in exchange).toBe(false);
  const thrown = await placed(() => {
    throw new Error('at once');
  });
  expect(thrown).toMatchObject({ errorKind: 'create', error: 'at once' });
});

test('a sandbox whose request failed is ended, and what it died of is told beside what was seen', async () => {
  const death = { kind: 'memory', text: 'killed after it reached 128 MB' } as const;
  const exchange = await placed(async () => sandbox(false, death), {}, '/-1');
  expectSound(exchange);
  expect(exchange).toMatchObject({ state: 'unanswered', errorKind: 'reset', death, placement: { sandboxId: 's-1' } });
  expect(events).toEqual(['served', 'discarded']);
});

test('the connection kept to a sandbox that is ended is closed', async () => {
  await placed(async () => sandbox(false), { connection: 'keep-alive' });
  await Promise.all([
    placed(async () => sandbox(false), { connection: 'keep-alive' }, '/0'),
    placed(async () => sandbox(false), { connection: 'keep-alive', timeoutUs: 60_000 }, '/2000'),
  ]);
  expect(await placed(async () => sandbox(false), { connection: 'keep-alive' })).toMatchObject({
    connectionReused: false,
  });
});

test('a sandbox that is gone when the request is sent is ended too', async () => {
  const origin = await closedPort();
  const exchange = await placed(async () => ({ ...sandbox(false), origin }));
  expect(exchange).toMatchObject({ errorKind: 'connect' });
  expect(events).toEqual(['discarded']);
});

test('the placement has a deadline of its own: the platform is told and the attempt is over', async () => {
  const exchange = await placed(
    ({ signal, mark }) => {
      mark('created');
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          events.push('told');
          reject(new Error('ended half way'));
        });
      });
    },
    { placementTimeoutUs: 50_000 },
  );
  expectSound(exchange);
  expect(exchange).toMatchObject({ errorKind: 'create', error: 'no sandbox within 0.05 s' });
  expect(exchange.times.clientUs).toBeGreaterThanOrEqual(49_000);
  expect(exchange.times.clientUs).toBeLessThan(500_000);
  expect(events).toEqual(['told']);
});

test('a sandbox that comes into being after the deadline is ended, and the waiting for it is not client time', async () => {
  const exchange = await placed(
    async () => {
      await delay(300);
      return sandbox(true);
    },
    { placementTimeoutUs: 40_000 },
  );
  expectSound(exchange);
  expect(exchange).toMatchObject({ errorKind: 'create' });
  expect(exchange.times.clientUs).toBeLessThan(290_000);
  expect(events).toEqual(['discarded']);
});

test('the time limit of the function begins when its sandbox is there', async () => {
  const slowly = async () => {
    await delay(120);
    return sandbox(true);
  };
  const served = await placed(slowly, { timeoutUs: 100_000 });
  expect(served.state).toBe('answered');
  expect(served.times.clientUs).toBeGreaterThanOrEqual(119_000);
  events.length = 0;
  const exchange = await placed(slowly, { timeoutUs: 100_000 }, '/3000');
  expect(exchange).toMatchObject({ errorKind: 'timeout' });
  expect(exchange.times.clientUs).toBeLessThan(1_000_000);
  expect(events).toEqual(['served', 'discarded']);
});

test('a sandbox that cannot be ended is said, and the run goes on', async () => {
  const exchange = await placed(
    async () => ({ ...sandbox(false), discard: () => Promise.reject(new Error('it is stuck')) }),
    {},
    '/-1',
  );
  expect(exchange).toMatchObject({
    errorKind: 'reset',
    error: expect.stringMatching(
      / before the first byte of the response; then its sandbox could not be ended: it is stuck$/,
    ),
  });
});
