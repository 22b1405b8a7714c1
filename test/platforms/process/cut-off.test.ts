// What is left when sebs is killed: nothing, within seconds, whatever its functions were doing.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadCatalogue } from '../../../src/benchmarks/catalogue.js';
import { createDriver } from '../../../src/platforms/process/driver.js';
import { listGuards } from '../../../src/platforms/process/guard.js';
import { processesOfRun } from '../../../src/platforms/process/tags.js';
import { type Bench, deployProbe, invoke, makeBench, until } from '../../contract/driver-harness.js';
import { type Compiled, compile } from '../../host/compiled.js';
import { leftOut } from '../../support/left-out.js';

const noProc = !existsSync('/proc/self/environ') && leftOut('what a kill -9 leaves', 'there is no /proc');

/** A program that holds the driver as a run does, gets functions into trouble, and says when they are in it. */
const HOLDER = `
import { request } from 'node:http';
const { driverFile, context, packages, hang } = JSON.parse(process.argv[2]);
const { createDriver } = await import(driverFile);
const nothing = () => undefined;
const ledger = { intend: nothing, created: nothing, removed: nothing, kept: nothing, failed: nothing };
const driver = await createDriver({ ...context, env: process.env, ledger, note: nothing, signal: new AbortController().signal });
const send = (origin, event) => new Promise((resolve) => {
  const r = request(origin, { method: 'POST', agent: false, headers: { 'content-length': Buffer.byteLength(JSON.stringify(event)) } }, (response) => {
    let text = '';
    response.on('data', (chunk) => { text += chunk; }).on('end', () => resolve(JSON.parse(text)));
  });
  r.on('error', () => resolve(undefined));
  r.end(JSON.stringify(event));
});
const orphans = [];
for (const { planned, code } of packages) {
  const deployment = { id: 'held-' + planned.language, platform: 'here', benchmark: 'probe', package: 'p', memory_mb: 128, timeout_s: 60, replicate: 0 };
  const endpoint = await driver.endpoint(await driver.deploy({ deployment, package: planned, code, environment: {} }), 'http');
  const place = () => endpoint.place({ mark: nothing, signal: new AbortController().signal });
  const first = await place();
  orphans.push((await send(first.origin, { do: 'orphan' })).result.output);
  first.release();
  const second = await place();
  if (hang) void send(second.origin, { do: 'hang' });
  await place();
}
setTimeout(() => console.log(JSON.stringify({ orphans })), 200);
setInterval(nothing, 1000);
`;

let compiled: Compiled;
let holderFile: string;
let bench: Bench;
const holders: ChildProcess[] = [];

beforeAll(() => {
  compiled = compile('platforms/process/driver.ts');
  holderFile = join(compiled.folder, 'holder.mjs');
  writeFileSync(holderFile, HOLDER);
});
afterAll(() => compiled?.remove());
beforeEach(() => {
  const made = makeBench();
  // As a run does: a folder of the run's own, with one for each platform.
  const context = { ...made.context, scratchDir: join(made.folder, `sebs-${made.context.runId}`, 'here') };
  bench = { ...made, context };
});
afterEach(async () => {
  for (const holder of holders.splice(0)) holder.kill('SIGKILL');
  await until(() => listGuards().every(({ runId }) => runId !== bench.context.runId), 'the guard is done');
  bench.remove();
});

interface Holder {
  kill(signal: NodeJS.Signals): void;
  ended: Promise<unknown>;
  /** Pids of what the functions started and put into a session of its own. */
  orphans: number[];
}

async function hold(hang: boolean): Promise<Holder> {
  const { platformId, options, runId, logDir, scratchDir, cacheDir } = bench.context;
  const driver = await createDriver({ ...bench.context, runId: '' });
  const catalogue = await loadCatalogue({
    paths: [{ id: 'probe', path: fileURLToPath(new URL('../../contract/fixtures/probe', import.meta.url)) }],
    ids: [],
  });
  const packages = [];
  for (const [language, versions] of Object.entries(driver.capabilities.languages)) {
    const planned = {
      id: 'p',
      platform: 'here',
      benchmark: 'probe',
      language,
      language_version: versions[0] ?? '',
      architecture: driver.capabilities.architectures[0] ?? '',
      kind: 'directory',
      source_sha256: '',
    };
    packages.push({ planned, code: await driver.buildPackage({ package: planned, catalogue }) });
  }
  await driver.close();
  const driverFile = join(compiled.folder, 'platforms/process/driver.js');
  const context = { platformId, options, runId, logDir, scratchDir, cacheDir };
  const child = spawn(process.execPath, [holderFile, JSON.stringify({ driverFile, context, packages, hang })], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  holders.push(child);
  const said = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the holder ended with ${code}`)));
    createInterface(child.stdout).once('line', resolve);
  });
  const { orphans } = JSON.parse(said) as Pick<Holder, 'orphans'>;
  return { kill: (signal) => void child.kill(signal), ended: once(child, 'exit'), orphans };
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** `scratch` tells who has to remove the scratch folder: the guard, or whoever closed the driver. */
async function expectNothingLeft(orphans: readonly number[], scratch: 'gone' | 'empty' = 'gone'): Promise<void> {
  const { runId, scratchDir } = bench.context;
  await until(() => processesOfRun(runId, 'here').length === 0, 'no process carries the run', 5_000);
  await until(() => !orphans.some(lives), 'what left its group is gone', 5_000);
  await until(() => !listGuards().some((guard) => guard.runId === runId), 'the guard is done', 10_000);
  if (scratch === 'empty') expect(readdirSync(scratchDir)).toEqual([]);
  else expect(existsSync(dirname(scratchDir))).toBe(false);
  const asker = await createDriver({ ...bench.context, runId: '' });
  expect(await asker.list(runId)).toEqual([]);
  await asker.close();
}

describe.skipIf(noProc)('after kill -9 of the process that holds the driver', () => {
  it('functions in an endless loop, daemons that they started and the scratch folder are gone', async () => {
    const holder = await hold(true);
    expect(holder.orphans.length).toBeGreaterThan(0);
    expect(holder.orphans.every(lives)).toBe(true);
    expect(processesOfRun(bench.context.runId, 'here').length).toBe(holder.orphans.length * 3);
    expect(readdirSync(bench.context.scratchDir).length).toBe(1);
    holder.kill('SIGKILL');
    await expectNothingLeft(holder.orphans);
  });

  it('a driver that goes on with the run right away keeps what it makes', async () => {
    const holder = await hold(true);
    holder.kill('SIGKILL');
    await holder.ended;
    const driver = await createDriver(bench.context);
    try {
      expect(await driver.list(bench.context.runId)).toEqual([]);
      const endpoint = await driver.endpoint(await deployProbe(driver, { language: 'nodejs', memoryMb: 128 }), 'http');
      const { sandbox_id } = await invoke(endpoint, { do: 'echo' });
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect((await invoke(endpoint, { do: 'echo' })).sandbox_id).toBe(sandbox_id);
    } finally {
      await driver.close();
    }
    await expectNothingLeft(holder.orphans, 'empty');
  });

  it('the same without a hanging function: workers end by their control channel', async () => {
    const holder = await hold(false);
    holder.kill('SIGKILL');
    await expectNothingLeft(holder.orphans);
  });

  it('the guard hears no signal of the terminal, and does not carry the run itself', async () => {
    const holder = await hold(false);
    const [guard] = listGuards().filter(({ runId }) => runId === bench.context.runId);
    expect(guard).toMatchObject({ orphaned: false, platformId: 'here' });
    const pid = guard?.pid ?? 0;
    expect(processesOfRun(bench.context.runId, 'here')).not.toContain(pid);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(pid, signal);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(lives(pid)).toBe(true);
    holder.kill('SIGKILL');
    await expectNothingLeft(holder.orphans);
  });
});
