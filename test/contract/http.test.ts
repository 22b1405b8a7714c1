import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll } from 'vitest';
import { createDriver } from '../../src/platforms/http/driver.js';
import { describePlatformContract } from './platform-contract.js';

const server = createServer((_request, response) => {
  response.setHeader('content-type', 'application/json').end('{"ok":true}');
});
let url = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => server.close());

describePlatformContract({
  name: 'http',
  create: (context) => createDriver(context),
  context: () => ({ options: { url: `\${FUNCTION}`, expect: { json: { ok: true } } }, env: { FUNCTION: url } }),
  async have(driver) {
    if (driver.adopt === undefined) throw new Error('it brings its own function and takes over none');
    return driver.adopt({
      id: 'deployment-1',
      platform: 'here',
      benchmark: null,
      package: null,
      memory_mb: null,
      timeout_s: 10,
      replicate: 0,
    });
  },
});
