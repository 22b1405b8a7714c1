import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Exchange, InvokeRequest, Invoker } from '../../src/invoke/exchange.js';
import { createInvoker } from '../../src/invoke/invoker.js';
import type { Endpoint } from '../../src/platforms/driver.js';
import { closedPort, httpServer, netServer, type TestServer } from './servers.js';

let invoker: Invoker;
const servers: TestServer[] = [];

beforeAll(async () => {
  invoker = await createInvoker();
});
afterAll(() => invoker.close());
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function http(listener: RequestListener, options: { keepAliveTimeout?: number } = {}): Promise<TestServer> {
  const server = await httpServer(listener, options);
  servers.push(server);
  return server;
}

async function net(...args: Parameters<typeof netServer>): Promise<TestServer> {
  const server = await netServer(...args);
  servers.push(server);
  return server;
}

function request(origin: string, more: Partial<InvokeRequest> & { at?: Partial<Endpoint> } = {}): InvokeRequest {
  const { at, ...rest } = more;
  return {
    attemptId: 'a-1',
    endpoint: { origin, path: '/invoke?x=1', method: 'POST', headers: {}, ...at },
    connection: 'fresh',
    body: Buffer.from('{"n":1}'),
    timeoutUs: 10_000_000,
    ...rest,
  };
}

function stageSum(exchange: Exchange): number {
  const { clientUs: _, ...stages } = exchange.times;
  return Object.values(stages).reduce((sum, us) => sum + us, 0);
}

/** What every exchange must be, whatever came of it. */
function expectSound(exchange: Exchange): void {
  expect(stageSum(exchange)).toBe(exchange.times.clientUs);
  for (const us of Object.values(exchange.times)) expect(Number.isInteger(us) && us >= 0).toBe(true);
  expect(Number.isInteger(exchange.releasedUs)).toBe(true);
}

async function text(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

const ok = (_request: IncomingMessage, response: ServerResponse): void => void response.end('{}');

describe('a request', () => {
  test('arrives as the endpoint describes it and comes back whole', async () => {
    const seen: unknown[] = [];
    const { origin } = await http(async (message, response) => {
      const { method, url, headers } = message;
      seen.push({ method, url, headers: { ...headers, host: 'host' }, body: await text(message) });
      response.writeHead(201, { 'X-Request-Id': 'r-7', 'Set-Cookie': ['a=1', 'b=2'] }).end('{"answer":42}');
    });
    const exchange = await invoker.send(request(origin, { at: { headers: { 'X-Key': 'k' } } }));
    expect(seen).toEqual([
      {
        method: 'POST',
        url: '/invoke?x=1',
        headers: {
          host: 'host',
          connection: 'close',
          'content-type': 'application/json',
          'content-length': '7',
          'x-key': 'k',
          'x-sebs-attempt': 'a-1',
        },
        body: '{"n":1}',
      },
    ]);
    expectSound(exchange);
    expect({ ...exchange, body: exchange.state === 'answered' && Buffer.from(exchange.body).toString() }).toEqual({
      attemptId: 'a-1',
      state: 'answered',
      status: 201,
      headers: expect.objectContaining({ 'x-request-id': 'r-7', 'set-cookie': 'a=1, b=2' }),
      body: '{"answer":42}',
      connectionReused: false,
      requestBytes: 7,
      releasedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      releasedUs: expect.any(Number),
      times: {
        clientUs: expect.any(Number),
        queueUs: expect.any(Number),
        connectUs: expect.any(Number),
        firstByteUs: expect.any(Number),
        downloadUs: expect.any(Number),
      },
    });
  });

  test('that is a GET carries no body', async () => {
    const bodies: string[] = [];
    const { origin } = await http(async (message, response) => {
      bodies.push(`${message.headers['content-type']} ${await text(message)}`);
      response.end('{}');
    });
    const exchange = await invoker.send(request(origin, { at: { method: 'GET' } }));
    expect(bodies).toEqual(['undefined ']);
    expect(exchange).toMatchObject({ state: 'answered', requestBytes: 0 });
  });

  test('with a status of an error is answered all the same', async () => {
    const { origin } = await http((_message, response) => void response.writeHead(503).end('busy'));
    expect(await invoker.send(request(origin))).toMatchObject({ state: 'answered', status: 503 });
  });

  test('is signed right before it is sent, and the signing is the time of the client', async () => {
    const seen: unknown[] = [];
    const { origin } = await http((message, response) => {
      seen.push(message.headers.authorization, message.headers['content-type']);
      response.end('{}');
    });
    const signed: unknown[] = [];
    const exchange = await invoker.send(
      request(origin, {
        at: {
          sign(what) {
            signed.push({ ...what, body: Buffer.from(what.body).toString() });
            const until = performance.now() + 20;
            while (performance.now() < until);
            return { authorization: 'signature' };
          },
        },
      }),
    );
    expect(signed).toEqual([
      {
        method: 'POST',
        path: '/invoke?x=1',
        headers: { 'content-type': 'application/json', 'x-sebs-attempt': 'a-1' },
        body: '{"n":1}',
      },
    ]);
    expect(seen).toEqual(['signature', 'application/json']);
    expect(exchange.times.queueUs).toBeGreaterThanOrEqual(20_000);
    expectSound(exchange);
  });

  test('whose stages take long shows each of them where it took long', async () => {
    const { origin } = await http(async (_message, response) => {
      await delay(50);
      response.writeHead(200).flushHeaders();
      response.write('{"a":');
      await delay(30);
      response.end('1}');
    });
    const exchange = await invoker.send(request(origin));
    expectSound(exchange);
    const { firstByteUs = 0, downloadUs = 0, clientUs } = exchange.times;
    // Timers may be a millisecond early. On a busy machine the first byte may be seen late, which shortens the download.
    expect(firstByteUs).toBeGreaterThanOrEqual(49_000);
    expect(firstByteUs).toBeLessThan(250_000);
    expect(downloadUs).toBeGreaterThanOrEqual(10_000);
    expect(downloadUs).toBeLessThan(230_000);
    expect(clientUs).toBeGreaterThanOrEqual(78_000);
  });

  test('is answered by a body in chunks, in drops, or without a length', async () => {
    const chunked = await http((_message, response) => {
      for (let part = 0; part < 50; part += 1) response.write('x'.repeat(1000));
      response.end();
    });
    const drops = await net((socket) => {
      socket.once('data', async () => {
        for (const byte of 'HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc') {
          socket.write(byte);
          await delay(0);
        }
      });
    });
    const untilClose = await net((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\n\r\nall of it'));
    });
    const sizes: unknown[] = [];
    for (const { origin } of [chunked, drops, untilClose]) {
      const exchange = await invoker.send(request(origin));
      expectSound(exchange);
      sizes.push(exchange.state === 'answered' ? exchange.body.byteLength : exchange);
    }
    expect(sizes).toEqual([50_000, 3, 9]);
  });

  test('is timed to the real response when an early hint comes first', async () => {
    const { origin } = await http(async (_message, response) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload' });
      await delay(40);
      response.end('{}');
    });
    const exchange = await invoker.send(request(origin));
    expect(exchange).toMatchObject({ state: 'answered', status: 200 });
    expect(exchange.times.firstByteUs).toBeGreaterThanOrEqual(39_000);
  });
});

describe('what goes wrong', () => {
  async function failing(origin: string, more: Partial<InvokeRequest> = {}): Promise<[string, string, string[]]> {
    const exchange = await invoker.send(request(origin, more));
    expectSound(exchange);
    if (exchange.state === 'answered') throw new Error('it was answered');
    expect(exchange.error).not.toContain('127.0.0.1');
    return [exchange.errorKind, exchange.error, Object.keys(exchange.times)];
  }

  const CONNECTED = ['clientUs', 'queueUs', 'connectUs', 'firstByteUs'];

  test('nothing listens', async () => {
    expect(await failing(await closedPort())).toEqual([
      'connect',
      'nothing listens at the address (ECONNREFUSED) while connecting',
      ['clientUs', 'queueUs', 'connectUs'],
    ]);
  });

  test('the name is not known', async () => {
    const [kind, error] = await failing('http://nowhere.invalid');
    expect(kind).toBe('connect');
    expect(error).toMatch(/^the name of the host .*\((ENOTFOUND|EAI_AGAIN)\) while connecting$/);
  });

  test('the other side closes without a word', async () => {
    const { origin } = await net((socket) => socket.once('data', () => socket.end()));
    expect(await failing(origin)).toEqual([
      'reset',
      'the other side closed the connection (UND_ERR_SOCKET) before the first byte of the response',
      CONNECTED,
    ]);
  });

  test('the other side resets before it answers', async () => {
    const { origin } = await net((socket) => socket.once('data', () => socket.resetAndDestroy()));
    expect(await failing(origin)).toEqual([
      'reset',
      'the other side reset the connection (ECONNRESET) before the first byte of the response',
      CONNECTED,
    ]);
  });

  test('the response breaks off in its head, in a body of known length, and in a chunk', async () => {
    const beginnings = [
      'HTTP/1.1 200 OK\r\ncontent-ty',
      'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\nabc',
      'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 100\r\n\r\nabc',
      'HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\nff\r\nabc',
    ];
    const seen: unknown[] = [];
    for (const beginning of beginnings) {
      for (const connection of ['fresh', 'keep-alive'] as const) {
        const { origin } = await net((socket) => socket.once('data', () => socket.end(beginning)));
        const [kind, error] = await failing(origin, { connection });
        seen.push([kind, error.replace(/^.*\) /, '')]);
      }
    }
    const head = ['reset', 'before the first byte of the response'];
    const rest = ['reset', 'while the response was read'];
    expect(seen).toEqual([head, head, ...Array(8).fill(rest)]);
  });

  test('the response is reset in its middle', async () => {
    const { origin } = await net((socket) =>
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc', () => socket.resetAndDestroy());
      }),
    );
    const [kind] = await failing(origin);
    expect(kind).toBe('reset');
  });

  test('the response is not HTTP', async () => {
    const { origin } = await net((socket) => socket.once('data', () => socket.end('SSH-2.0-garbage\r\n')));
    const [kind, error, stages] = await failing(origin);
    expect([kind, stages]).toEqual(['protocol', CONNECTED]);
    expect(error).toMatch(
      /^Response does not match the HTTP\/1\.1 protocol \(.*\) \(HTTP_PARSER\) before the first byte/,
    );
  });

  test('the head of the response is endless', async () => {
    const { origin } = await net((socket) =>
      socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`)),
    );
    expect((await failing(origin)).slice(0, 2)).toEqual([
      'protocol',
      'the head of the response is larger than sebs reads (UND_ERR_HEADERS_OVERFLOW) before the first byte of the response',
    ]);
  });

  test('the body is larger than the bound, announced or not, and no more than the bound is kept', async () => {
    const small = await createInvoker({ maxBodyBytes: 100_000 });
    const { origin } = await http((message, response) => {
      const size = Number(message.url?.slice(1));
      if (message.headers['x-length'] === 'known') response.setHeader('content-length', size);
      response.end(Buffer.alloc(size));
    });
    for (const length of ['known', 'unknown']) {
      const at = { headers: { 'x-length': length } };
      const fits = await small.send(request(origin, { at: { ...at, path: '/100000' } }));
      expect(fits).toMatchObject({ state: 'answered' });
      const exchange = await small.send(request(origin, { at: { ...at, path: '/100001' } }));
      expectSound(exchange);
      expect(exchange).toMatchObject({
        state: 'unanswered',
        errorKind: 'protocol',
        error: 'the response is larger than sebs reads (UND_ERR_RES_EXCEEDED_MAX_SIZE) while the response was read',
      });
    }
    await small.close();
  });

  test('the request itself is impossible', async () => {
    const { origin } = await http(ok);
    const broken = await invoker.send(request(origin, { at: { headers: { 'x-bad': 'a\nb' } } }));
    expect(broken).toMatchObject({
      errorKind: 'client',
      error: 'invalid x-bad header (UND_ERR_INVALID_ARG) before the request was sent',
    });
    const unsigned = await invoker.send(
      request(origin, {
        at: {
          sign() {
            throw new Error('there are no credentials');
          },
        },
      }),
    );
    expect(unsigned).toMatchObject({
      errorKind: 'client',
      error: 'there are no credentials, before the request was sent',
    });
    const nowhere = await invoker.send(request('not a url'));
    expect(nowhere).toMatchObject({ errorKind: 'client' });
  });

  test('no answer comes in time: the client gives up then, and the server sees it go', async () => {
    let gone = false;
    const { origin } = await http((message) => {
      message.socket.on('close', () => {
        gone = true;
      });
    });
    const exchange = await invoker.send(request(origin, { timeoutUs: 120_000 }));
    expectSound(exchange);
    expect(exchange).toMatchObject({
      state: 'unanswered',
      errorKind: 'timeout',
      error: 'no complete response within 0.12 s: given up before the first byte of the response',
      connectionReused: false,
    });
    expect(exchange.times.clientUs).toBeGreaterThanOrEqual(119_000);
    expect(exchange.times.clientUs).toBeLessThan(1_000_000);
    await expect.poll(() => gone).toBe(true);
  });

  test('the body never ends: the deadline covers it too', async () => {
    const { origin } = await http((_message, response) => {
      response.write('drip');
      const dripping = setInterval(() => response.write('drip'), 10);
      response.on('close', () => clearInterval(dripping));
    });
    expect(await invoker.send(request(origin, { timeoutUs: 100_000 }))).toMatchObject({
      errorKind: 'timeout',
      error: 'no complete response within 0.1 s: given up while the response was read',
    });
  });

  test('somebody stops the attempt', async () => {
    const { origin } = await http(() => {});
    const stop = new AbortController();
    const waiting = invoker.send(request(origin, { signal: stop.signal }));
    await delay(30);
    stop.abort();
    const exchange = await waiting;
    expectSound(exchange);
    expect(exchange).toMatchObject({
      errorKind: 'client',
      error: 'stopped by sebs before the first byte of the response',
    });
    expect(await invoker.send(request(origin, { signal: stop.signal }))).toMatchObject({
      errorKind: 'client',
      error: 'stopped by sebs before the request was sent',
    });
  });

  test('a request that failed is not sent again', async () => {
    for (const connection of ['fresh', 'keep-alive'] as const) {
      let requests = 0;
      const { origin } = await net((socket) =>
        socket.on('data', () => {
          requests += 1;
          if (requests === 1) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}');
          else socket.destroy();
        }),
      );
      const get = request(origin, { connection, at: { method: 'GET' } });
      expect(await invoker.send(get)).toMatchObject({ state: 'answered' });
      expect(await invoker.send(get)).toMatchObject({ state: 'unanswered', errorKind: 'reset' });
      await delay(50);
      expect(requests).toBe(2);
    }
  });

  test('the invoker is closed while a request waits', async () => {
    const other = await createInvoker();
    const { origin } = await http(() => {});
    const waiting = other.send(request(origin));
    await delay(20);
    await other.close();
    expect(await waiting).toMatchObject({ errorKind: 'client' });
    expect(await other.send(request(origin))).toMatchObject({ errorKind: 'client' });
  });
});

describe('connections', () => {
  test('are new for each request under fresh, and closed after it', async () => {
    let open = 0;
    const server = await http((message, response) => {
      open += 1;
      message.socket.once('close', () => {
        open -= 1;
      });
      response.end('{}');
    });
    for (let count = 1; count <= 5; count += 1) {
      const exchange = await invoker.send(request(server.origin));
      expect(exchange).toMatchObject({ connectionReused: false, times: { connectUs: expect.any(Number) } });
      expect(server.accepted()).toBe(count);
    }
    await expect.poll(() => open).toBe(0);
  });

  test('are kept under keep-alive, and a reused one has no connect stage', async () => {
    const server = await http(ok);
    const reused: unknown[] = [];
    for (let count = 0; count < 4; count += 1) {
      const exchange = await invoker.send(request(server.origin, { connection: 'keep-alive' }));
      expectSound(exchange);
      reused.push([exchange.connectionReused, 'connectUs' in exchange.times]);
    }
    expect(reused).toEqual([
      [false, true],
      [true, false],
      [true, false],
      [true, false],
    ]);
    expect(server.accepted()).toBe(1);
  });

  test('are as many as requests at the same time', async () => {
    const server = await http(async (_message, response) => {
      await delay(20);
      response.end('{}');
    });
    const batch = Array.from({ length: 10 }, () => request(server.origin, { connection: 'keep-alive' }));
    expect((await invoker.sendTogether(batch)).map((exchange) => exchange.connectionReused)).toEqual(
      Array(10).fill(false),
    );
    expect((await invoker.sendTogether(batch)).map((exchange) => exchange.connectionReused)).toEqual(
      Array(10).fill(true),
    );
    expect(server.accepted()).toBe(10);
  });

  test('that the server closed while idle are replaced before use, and the request shows it', async () => {
    const server = await net((socket) =>
      socket.on('data', () => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}');
        setTimeout(() => socket.end(), 20);
      }),
    );
    const get = request(server.origin, { connection: 'keep-alive' });
    expect(await invoker.send(get)).toMatchObject({ connectionReused: false });
    await delay(60);
    expect(await invoker.send(get)).toMatchObject({ state: 'answered', connectionReused: false });
    // The client was too busy to notice the end: it must be seen all the same before the request is written.
    await delay(1);
    const until = performance.now() + 60;
    while (performance.now() < until);
    const exchange = await invoker.send(get);
    expect(exchange).toMatchObject({ state: 'answered', connectionReused: false });
    expectSound(exchange);
    expect(server.accepted()).toBe(3);
  });

  test('that the server announces to close are not used again', async () => {
    const server = await http((_message, response) => void response.setHeader('connection', 'close').end('{}'));
    const keep = request(server.origin, { connection: 'keep-alive' });
    for (let count = 0; count < 3; count += 1)
      expect(await invoker.send(keep)).toMatchObject({ connectionReused: false });
    expect(server.accepted()).toBe(3);
  });

  test('that failed are not used again', async () => {
    let requests = 0;
    const server = await http((_message, response) => {
      requests += 1;
      if (requests > 1) response.end('{}');
    });
    const keep = request(server.origin, { connection: 'keep-alive' });
    expect(await invoker.send({ ...keep, timeoutUs: 50_000 })).toMatchObject({ errorKind: 'timeout' });
    expect(await invoker.send(keep)).toMatchObject({ state: 'answered', connectionReused: false });
  });

  test('to a forgotten origin are closed, also those in use, once they are done', async () => {
    let open = 0;
    const server = await http(async (message, response) => {
      open += 1;
      message.socket.once('close', () => {
        open -= 1;
      });
      await delay(30);
      response.end('{}');
    });
    const keep = request(server.origin, { connection: 'keep-alive' });
    await invoker.send(keep);
    invoker.forget(server.origin);
    await expect.poll(() => open).toBe(0);
    const inUse = invoker.send(keep);
    await delay(10);
    invoker.forget(server.origin);
    expect(await inUse).toMatchObject({ state: 'answered' });
    await expect.poll(() => open).toBe(0);
    expect(await invoker.send(keep)).toMatchObject({ connectionReused: false });
  });

  test('do not keep a process alive and are all closed at the end', async () => {
    const other = await createInvoker();
    let open = 0;
    const server = await http((message, response) => {
      open += 1;
      message.socket.once('close', () => {
        open -= 1;
      });
      response.end('{}');
    });
    await other.sendTogether(Array.from({ length: 5 }, () => request(server.origin, { connection: 'keep-alive' })));
    expect(open).toBe(5);
    await other.close();
    await expect.poll(() => open).toBe(0);
  });
});

describe('many requests', () => {
  test('a hundred at once are all answered, released in one turn, each with its own answer', async () => {
    const server = await http(async (message, response) => response.end(await text(message)));
    for (const connection of ['fresh', 'keep-alive'] as const) {
      const exchanges = await invoker.sendTogether(
        Array.from({ length: 100 }, (_, index) =>
          request(server.origin, { connection, attemptId: `a-${index}`, body: Buffer.from(`{"n":${index}}`) }),
        ),
      );
      for (const exchange of exchanges) expectSound(exchange);
      expect(
        exchanges.map((exchange) => exchange.state === 'answered' && Buffer.from(exchange.body).toString()),
      ).toEqual(Array.from({ length: 100 }, (_, index) => `{"n":${index}}`));
      const released = exchanges.map(({ releasedUs }) => releasedUs);
      expect(Math.max(...released) - Math.min(...released)).toBeLessThan(20_000);
    }
  });

  test('of any mix of outcomes are each sound', async () => {
    const server = await http(async (message, response) => {
      const [waitMs = '0', what = 'ok', size = '0'] = (message.url ?? '').slice(1).split('-');
      await delay(Number(waitMs));
      if (what === 'reset') message.socket.resetAndDestroy();
      else if (what === 'half')
        response.writeHead(200, { 'content-length': 10 }).write('half', () => message.socket.end());
      else response.end(Buffer.alloc(Number(size)));
    });
    const attempt = fc.record({
      waitMs: fc.integer({ min: 0, max: 15 }),
      what: fc.constantFrom('ok', 'ok', 'reset', 'half', 'slow'),
      size: fc.integer({ min: 0, max: 100_000 }),
      connection: fc.constantFrom('fresh' as const, 'keep-alive' as const),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(attempt, { minLength: 1, maxLength: 12 }), async (attempts) => {
        const exchanges = await invoker.sendTogether(
          attempts.map(({ waitMs, what, size, connection }) =>
            request(server.origin, {
              connection,
              at: { path: `/${what === 'slow' ? 200 : waitMs}-${what}-${size}` },
              timeoutUs: what === 'slow' ? 30_000 : 20_000_000,
            }),
          ),
        );
        for (const exchange of exchanges) expectSound(exchange);
        expect(exchanges.map((exchange) => (exchange.state === 'answered' ? 'answered' : exchange.errorKind))).toEqual(
          attempts.map(({ what }) => ({ ok: 'answered', reset: 'reset', half: 'reset', slow: 'timeout' })[what]),
        );
      }),
      { numRuns: 40 },
    );
  }, 60_000);
});
