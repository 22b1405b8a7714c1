import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PlatformError } from '../../../src/errors.js';
import type { PlatformDriver } from '../../../src/platforms/driver.js';
import { createDriver } from '../../../src/platforms/process/driver.js';
import { probeHost } from '../../../src/platforms/process/host.js';
import { nameTags, processesOfRun, taggedName } from '../../../src/platforms/process/tags.js';
import { type Bench, deployProbe, invoke, makeBench, placeIn, sendTo, until } from '../../contract/driver-harness.js';

let bench: Bench;
let driver: PlatformDriver;
beforeEach(async () => {
  bench = makeBench();
  driver = await createDriver(bench.context);
});
afterEach(async () => {
  await driver.close();
  bench.remove();
});

describe('placement', () => {
  it('marks the moments of a new sandbox, and none of a warm one', async () => {
    const endpoint = await driver.endpoint(await deployProbe(driver, { language: 'nodejs' }), 'http');
    const marks: string[] = [];
    const options = { mark: (stage: string) => void marks.push(stage), signal: new AbortController().signal };
    const cold = await endpoint.place?.(options);
    cold?.release();
    const warm = await endpoint.place?.(options);
    warm?.release();
    expect({ marks, created: [cold?.created, warm?.created] }).toEqual({
      marks: ['created', 'ready'],
      created: [true, false],
    });
  });

  it('takes the sandbox that was used last', async () => {
    const endpoint = await driver.endpoint(await deployProbe(driver, { language: 'nodejs' }), 'http');
    const [a, b] = await Promise.all([placeIn(endpoint), placeIn(endpoint)]);
    a?.release();
    b?.release();
    expect((await placeIn(endpoint))?.sandboxId).toBe(b?.sandboxId);
    expect((await placeIn(endpoint))?.sandboxId).toBe(a?.sandboxId);
  });

  it('passes over a sandbox that died while it was idle', async () => {
    const endpoint = await driver.endpoint(await deployProbe(driver, { language: 'nodejs' }), 'http');
    const { sandbox_id } = await invoke(endpoint, { do: 'echo' });
    for (const pid of processesOfRun(bench.context.runId, 'here')) process.kill(pid, 'SIGKILL');
    await until(() => processesOfRun(bench.context.runId, 'here').length === 0, 'it is dead');
    // The driver hears of it in one of its next turns.
    await new Promise((resolve) => setTimeout(resolve, 50));
    const next = await invoke(endpoint, { do: 'echo' });
    expect(next.is_cold).toBe(true);
    expect(next.sandbox_id).not.toBe(sandbox_id);
  });

  it('does not reuse a sandbox that was at work when a cold start was forced', async () => {
    const deployment = await deployProbe(driver, { language: 'nodejs' });
    const endpoint = await driver.endpoint(deployment, 'http');
    const placement = await placeIn(endpoint);
    await driver.forceColdStart?.(deployment);
    expect((await sendTo(endpoint, placement, { do: 'echo' })).status).toBe(200);
    placement?.release();
    expect((await invoke(endpoint, { do: 'echo' })).sandbox_id).not.toBe(placement?.sandboxId);
  });

  it('ends what was begun when the request is given up before the sandbox serves', async () => {
    const endpoint = await driver.endpoint(await deployProbe(driver, { language: 'nodejs' }), 'http');
    const giveUp = new AbortController();
    const placing = endpoint.place?.({ mark: () => giveUp.abort(new Error('late')), signal: giveUp.signal });
    await expect(placing).rejects.toThrow(PlatformError);
    expect(processesOfRun(bench.context.runId, 'here')).toEqual([]);
    expect(readdirSync(sandboxDir())).toEqual([]);
  });

  it('names the last words of a worker that ends before it serves, and leaves nothing of it', async () => {
    const deployment = await deployBroken(
      "import { writeSync } from 'node:fs';\nwriteSync(2, 'no library\\n');\nprocess.exit(4);",
    );
    const placing = placeIn(await driver.endpoint(deployment, 'http'));
    await expect(placing).rejects.toThrow(/it ended before it served: exited with code 4; it wrote last: no library/);
    expect(readdirSync(sandboxDir())).toEqual([]);
  });

  it('gives up a worker that never serves, at a deadline', async () => {
    await driver.close();
    driver = await createDriver(bench.context, { readyDeadlineMs: 500 });
    const deployment = await deployBroken('console.log("importing"); for (;;);');
    const placing = placeIn(await driver.endpoint(deployment, 'http'));
    await expect(placing).rejects.toThrow(/did not serve within 0.5 s.*importing/s);
    expect(processesOfRun(bench.context.runId, 'here')).toEqual([]);
  });

  it('is refused after the function was removed', async () => {
    const deployment = await deployProbe(driver, { language: 'nodejs' });
    const endpoint = await driver.endpoint(deployment, 'http');
    await driver.remove(deployment.resource);
    await expect(placeIn(endpoint)).rejects.toThrow(/is not deployed/);
  });

  function sandboxDir(): string {
    return join(bench.context.scratchDir, taggedName(bench.context.runId, 'here'));
  }

  /** A package whose worker does something else than to serve. */
  function deployBroken(code: string): ReturnType<typeof deployProbe> {
    const path = join(bench.folder, 'broken');
    mkdirSync(path);
    writeFileSync(join(path, 'worker.mjs'), code);
    const version = driver.capabilities.languages.nodejs?.[0] ?? '';
    const planned = { id: 'p', platform: 'here', benchmark: 'x', language: 'nodejs', language_version: version };
    return driver.deploy({
      deployment: {
        id: 'broken',
        platform: 'here',
        benchmark: 'x',
        package: 'p',
        memory_mb: null,
        timeout_s: 1,
        replicate: 0,
      },
      package: { ...planned, architecture: process.arch, kind: 'directory', source_sha256: '' },
      code: {
        sha256: 'x',
        kind: 'directory',
        path,
        sizeBytes: 0,
        runtime: '',
        sourceSha256: '',
        dependencies: [],
        cached: false,
      },
      environment: {},
    });
  }
});

describe('what a sandbox is given', () => {
  for (const language of ['nodejs', 'python']) {
    it(`is an environment without anything of ours or the user's but what is listed (${language})`, async () => {
      const deployment = await deployProbe(driver, { language, environment: { SEBS_STORAGE: 'directory', LANG: 'C' } });
      const endpoint = await driver.endpoint(deployment, 'http');
      const { result, sandbox_id } = await invoke(endpoint, { do: 'environment' });
      const environment = result?.output as Record<string, string>;
      // What a shell adds by itself.
      for (const name of ['PWD', 'OLDPWD', 'SHLVL', '_', 'LC_CTYPE']) delete environment[name];
      expect(environment).toEqual({
        PATH: process.env.PATH,
        LANG: 'C',
        TMPDIR: expect.stringContaining(bench.context.scratchDir),
        SEBS_STORAGE: 'directory',
        SEBS_RUN: bench.context.runId,
        SEBS_PLATFORM: 'here',
        SEBS_SANDBOX_ID: sandbox_id,
      });
    });

    it(`is a folder and temporary files of its own, gone with it (${language})`, async () => {
      const deployment = await deployProbe(driver, { language });
      const endpoint = await driver.endpoint(deployment, 'http');
      const { result } = await invoke(endpoint, { do: 'folders' });
      const folders = (result?.output ?? {}) as Partial<{ working: string; temporary: string; path: string[] }>;
      const { working = '', temporary = '', path = [] } = folders;
      expect(dirname(temporary)).toBe(join(working, 'tmp'));
      expect(existsSync(join(working, 'here'))).toBe(true);
      // Nothing that this host happens to have installed.
      for (const entry of path.slice(2)) expect(entry).not.toMatch(/site-packages|dist-packages/);
      await driver.endSandboxes?.(deployment);
      expect(existsSync(working)).toBe(false);
    });
  }

  it('ends with what left its process group', async () => {
    for (const memoryMb of [null, 128]) {
      const deployment = await deployProbe(driver, { language: 'nodejs', memoryMb });
      const endpoint = await driver.endpoint(deployment, 'http');
      const orphan = (await invoke(endpoint, { do: 'orphan' })).result?.output;
      expect(processesOfRun(bench.context.runId, 'here')).toContain(orphan);
      await driver.endSandboxes?.(deployment);
      expect(processesOfRun(bench.context.runId, 'here')).toEqual([]);
    }
  });
});

describe('resources', () => {
  it('of another platform in the same run stay', async () => {
    const other = await createDriver({
      ...bench.context,
      platformId: 'there',
      scratchDir: join(bench.folder, 'there'),
    });
    try {
      const endpoint = await driver.endpoint(await deployProbe(driver, { language: 'nodejs' }), 'http');
      const elsewhere = await other.endpoint(await deployProbe(other, { language: 'nodejs' }), 'http');
      const { sandbox_id } = await invoke(endpoint, { do: 'echo' });
      await invoke(elsewhere, { do: 'echo' });
      await other.close();
      expect((await invoke(endpoint, { do: 'echo' })).sandbox_id).toBe(sandbox_id);
      expect((await driver.list(bench.context.runId)).every(({ platform }) => platform === 'here')).toBe(true);
    } finally {
      await other.close();
    }
  });

  it('are not removed by a damaged ledger line', async () => {
    const precious = join(bench.folder, 'precious');
    mkdirSync(precious);
    const id = taggedName(bench.context.runId, 'here');
    for (const resource of [
      { platform: 'here', kind: 'directory', id: basename(precious), location: precious },
      { platform: 'here', kind: 'directory', id, location: precious },
      { platform: 'here', kind: 'directory', id },
      { platform: 'here', kind: 'cgroup', id, location: precious },
      { platform: 'here', kind: 'bucket', id: 'b' },
    ])
      await expect(driver.remove(resource)).rejects.toThrow(PlatformError);
    expect(existsSync(precious)).toBe(true);
  });

  it('are not made by a driver that only looks', async () => {
    const looker = await createDriver({ ...bench.context, runId: '' });
    await looker.doctor();
    await looker.prepare();
    await looker.list();
    await looker.close();
    expect(bench.ledger).toEqual([]);
    expect(existsSync(bench.context.scratchDir)).toBe(false);
  });

  it('have names that say their run and platform, whatever these are', () => {
    const id = fc.string({ minLength: 1, unit: 'grapheme' });
    fc.assert(
      fc.property(id, id, (runId, platformId) => {
        const name = taggedName(runId, platformId);
        expect(name).not.toContain('/');
        expect(nameTags(name)).toEqual({ runId, platformId });
      }),
    );
    fc.assert(
      fc.property(fc.string(), (name) => void (name.startsWith('sebs-run=') || expect(nameTags(name)).toBeUndefined())),
    );
  });
});

describe('looking at the host', () => {
  it('says what to do where there is no python3', async () => {
    expect(await probeHost({ PATH: '/nonexistent' })).toEqual({
      found: [expect.objectContaining({ language: 'nodejs', executable: process.execPath })],
      missing: { python: expect.stringMatching(/there is no python3 on this host: install/) },
    });
  });

  it('says so where python3 is too old, or is not what it seems', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sebs-python-'));
    const python = (script: string) => {
      writeFileSync(join(folder, 'python3'), `#!/bin/sh\n${script}\n`);
      chmodSync(join(folder, 'python3'), 0o755);
      return probeHost({ PATH: `${folder}:/bin:/usr/bin` });
    };
    try {
      expect((await python('echo /x/python3; echo 3.6.9')).missing.python).toContain(
        'python3 is 3.6.9, which is too old',
      );
      expect((await python('exit 3')).missing.python).toContain('does not run');
      expect((await python('echo hello')).missing.python).toContain('did not say');
      expect((await python('echo /x/python3; echo 3.14.0')).found[0]).toEqual({
        language: 'python',
        version: '3.14',
        fullVersion: '3.14.0',
        executable: '/x/python3',
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
