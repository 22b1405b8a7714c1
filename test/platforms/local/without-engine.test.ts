// A machine whose engine is not there, may not be used or is too old: the sentence that says so, and what becomes of cells.

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDriver } from '../../../src/platforms/local/driver.js';
import { compareVersions, connectEngine } from '../../../src/platforms/local/engine.js';
import { type Bench, makeBench } from '../../contract/driver-harness.js';
import { makeWorkspace, type Workspace } from '../../support/workspace.js';

let folder: string;
let server: Server | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sebs-engine-'));
});
afterEach(async () => {
  await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
});

/** What an engine of some version would say. */
async function engineSaying(version: string, api: string): Promise<string> {
  const socket = join(folder, 'docker.sock');
  server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ Version: version, ApiVersion: api }));
  });
  await new Promise<void>((resolve) => server?.listen(socket, resolve));
  return `unix://${socket}`;
}

describe('an engine that cannot be used', () => {
  it('is said to be absent, with what to do', async () => {
    expect(await connectEngine({ DOCKER_HOST: `unix://${folder}/none.sock` })).toEqual({
      problem: `there is no Docker engine on this host (no ${folder}/none.sock)`,
      hint: expect.stringContaining('install Docker'),
    });
  });

  it('is said to be too old, with the version that is needed', async () => {
    const found = await connectEngine({ DOCKER_HOST: await engineSaying('18.09.1', '1.39') });
    expect(found).toEqual({
      problem: 'Docker 18.09.1 is too old: its API is 1.39, 1.41 is needed',
      hint: 'install Docker 20.10 or newer',
    });
  });

  it('is refused on another machine', async () => {
    expect(await connectEngine({ DOCKER_HOST: 'tcp://192.0.2.1:2375' })).toMatchObject({
      problem: expect.stringContaining('another machine'),
    });
  });

  it.each([
    ['1.41', '1.41', 0],
    ['1.9', '1.41', -32],
    ['1.50', '1.41', 9],
    ['2.0', '1.41', 1],
  ])('versions %s and %s are compared by their numbers', (one, other, sign) => {
    expect(Math.sign(compareVersions(one, other))).toBe(Math.sign(sign));
  });
});

describe('a driver without an engine', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = makeBench({ env: { ...process.env, DOCKER_HOST: `unix://${folder}/none.sock` } });
  });
  afterEach(() => bench.remove());

  it('has no language, says why, and closes', async () => {
    const driver = await createDriver(bench.context);
    expect(driver.capabilities.languages).toEqual({});
    expect(driver.capabilities.missing.python).toContain('there is no Docker engine on this host');
    expect(await driver.doctor()).toEqual([
      { name: 'Docker', state: 'warning', text: expect.stringContaining('no Docker engine'), hint: expect.any(String) },
    ]);
    await expect(driver.prepare()).rejects.toThrow('there is no Docker engine');
    await driver.close();
  });
});

describe('a suite without an engine', () => {
  let user: Workspace;
  beforeEach(() => {
    user = makeWorkspace();
  });
  afterEach(() => user.end());

  const suite = (unsupported: string, platforms: string): string => `
version: 1
name: without
platforms: ${platforms}
benchmarks: [{ id: 010.sleep, language: nodejs }]
experiments: { once: { type: perf-cost, starts: [warm], repetitions: 1 } }
unsupported: ${unsupported}
`;

  it('ends with 2 and the reason before anything is measured', async () => {
    user.write('suite.yaml', suite('error', '[local]'));
    const env = { DOCKER_HOST: `unix://${folder}/none.sock` };
    const { code, stderr } = await user.sebs(['run', 'suite.yaml'], { env });
    expect(code).toBe(2);
    expect(stderr).toContain('there is no Docker engine on this host');
    expect(user.runs()).toEqual([]);
  });

  it('leaves its cells out under unsupported: skip, and measures the others', async () => {
    user.write('suite.yaml', suite('skip', '[local, process]'));
    const env = { DOCKER_HOST: `unix://${folder}/none.sock` };
    const { code, stdout } = await user.sebs(['plan', 'suite.yaml'], { env });
    expect(code).toBe(0);
    expect(stdout).toContain('1 cell - host: there is no Docker engine on this host');
  });
});
