import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createInvoker } from '../../src/invoke/invoker.js';
import { leftOut } from '../support/left-out.js';
import { listening, type TestServer } from './servers.js';

const withoutOpenssl = spawnSync('openssl', ['version']).status !== 0;
let folder: string;
let server: TestServer;
let ca: string;
let resumed: boolean[];

describe.skipIf(withoutOpenssl && leftOut('requests over TLS', 'openssl is not installed'))(
  'a request over TLS',
  () => {
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'sebs-tls-'));
      const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
      const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
      const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
      const made = spawnSync('openssl', ['req', '-x509', ...curve, '-nodes', '-keyout', key, '-out', cert, ...subject]);
      expect(made.status).toBe(0);
      ca = readFileSync(cert, 'utf8');
      const https = createServer({ key: readFileSync(key), cert: ca }, (_request, response) => void response.end('{}'));
      resumed = [];
      https.on('secureConnection', (socket) => resumed.push(socket.isSessionReused()));
      server = await listening(https, 'https');
    });
    afterAll(async () => {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    });

    const request = () => ({
      attemptId: 'a',
      endpoint: { origin: server.origin, path: '/', method: 'POST', headers: {} },
      connection: 'fresh' as const,
      body: Buffer.from('{}'),
      timeoutUs: 5_000_000,
    });

    test('is answered, its handshake is part of connecting, and no handshake is shortened by the one before', async () => {
      const invoker = await createInvoker({ ca });
      for (let count = 0; count < 3; count += 1) {
        const exchange = await invoker.send(request());
        expect(exchange).toMatchObject({ state: 'answered', connectionReused: false });
        const { clientUs, ...stages } = exchange.times;
        expect(Object.values(stages).reduce((sum, us) => sum + us, 0)).toBe(clientUs);
        expect(exchange.times.connectUs).toBeGreaterThan(0);
      }
      expect(resumed).toEqual([false, false, false]);
      await invoker.close();
    });

    test('to a server that is not trusted fails while connecting, and says why', async () => {
      const invoker = await createInvoker();
      const exchange = await invoker.send(request());
      expect(exchange).toMatchObject({
        state: 'unanswered',
        errorKind: 'connect',
        error: expect.stringMatching(/^the request failed \(.*SELF_SIGNED.*\) while connecting$/),
      });
      await invoker.close();
    });
  },
);
