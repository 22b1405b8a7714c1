// Runs whose functions keep their objects in MinIO: a server of the run's own, also when the run is killed, and one of
// the user's, whose keys must not be found anywhere afterwards.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { LedgerLine } from '../../src/generated/ledger.js';
import { minioProgram, NO_MINIO, startMinio } from '../../src/storage/minio-server.js';
import { listServers } from '../../src/storage/server.js';
import { PYTHON } from '../benchmarks/support.js';
import { CLI, ROOT } from '../support/cli.js';
import { leftOut } from '../support/left-out.js';
import { countedKeys, expectedKeys, makeWorkspace, planOfRun, rowsOf, type Workspace } from '../support/workspace.js';

let user: Workspace;
beforeEach(() => {
  user = makeWorkspace();
});
afterEach(() => user.end());

const suite = (storage: string, repetitions = 4) => `
version: 1
name: stored
platforms: { here: { type: process, storage: ${storage} } }
benchmarks: [311.compression]
factors: { language: nodejs }
experiments: { cold-warm: { type: perf-cost, starts: [cold, warm], repetitions: ${repetitions} } }
order: { blocks: 2 }
`;

function ledgerOf(run: string): string[] {
  return readFileSync(join(run, 'raw/ledger.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as LedgerLine)
    .map(({ state, resource }) => `${state} ${resource.kind}`);
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}

describe('a run whose functions keep items in tables', () => {
  it('starts an embedded server, makes the tables, fills them, and ends it', async () => {
    const languages = PYTHON === undefined ? 'nodejs' : '[python, nodejs]';
    user.write(
      'suite.yaml',
      `
version: 1
name: carts
platforms: [process]
benchmarks: [{ path: ${join(ROOT, 'test/storage/fixtures/carts')} }]
factors: { language: ${languages}, concurrency: [1, 4] }
experiments: { cold-warm: { type: perf-cost, starts: [cold, warm], repetitions: 2 } }
order: { blocks: 1 }
`,
    );
    const { code, stdout, stderr } = await user.sebs(['run', 'suite.yaml']);
    expect(code, stdout + stderr).toBe(0);
    expect(stderr).not.toContain('Warning');
    const run = user.runs()[0] ?? '';
    expect(countedKeys(run)).toEqual(expectedKeys(planOfRun(run)));
    expect(rowsOf(run).filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
    expect(ledgerOf(run)).toEqual(expect.arrayContaining(['intended server', 'created server', 'removed server']));
    expect(listServers().filter(({ runId }) => run.endsWith(runId))).toEqual([]);
  }, 120_000);
});

describe('a run whose storage cannot be had', () => {
  it('does not begin, and says what is missing', async () => {
    user.write('suite.yaml', suite('minio'));
    const { code, stderr } = await user.sebs(['run', 'suite.yaml'], { env: { PATH: '/nowhere' } });
    expect(code).toBe(2);
    expect(stderr).toContain(`311.compression needs object storage; ${NO_MINIO}`);
    expect(user.runs()).toEqual([]);
  });
});

describe.skipIf(minioProgram(process.env) === undefined && leftOut('runs with MinIO', NO_MINIO))('a run', () => {
  it('starts a MinIO server of its own and ends it', async () => {
    user.write('suite.yaml', suite('minio'));
    const { code, stdout, stderr } = await user.sebs(['run', 'suite.yaml']);
    expect(code, stdout + stderr).toBe(0);
    const run = user.runs()[0] ?? '';
    expect(rowsOf(run).filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
    expect(ledgerOf(run)).toEqual(expect.arrayContaining(['intended server', 'created server', 'removed server']));
    expect(listServers().filter(({ runId }) => run.endsWith(runId))).toEqual([]);
  }, 120_000);

  it('that is killed takes its server with it, and resumes with a new one', async () => {
    user.write('suite.yaml', suite('minio', 60));
    const child = spawn(process.execPath, [CLI, 'run', 'suite.yaml'], {
      cwd: user.path,
      env: { ...process.env, ...user.env },
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => child.once('close', resolve));
    onTestFinished(() => void child.kill('SIGKILL'));
    await until(() => linesOf(user.runs()[0]) > 3);
    const run = user.runs()[0] ?? '';
    expect(listServers().filter(({ runId }) => run.endsWith(runId))).toHaveLength(1);
    child.kill('SIGKILL');
    await ended;
    await until(() => !listServers().some(({ runId }) => run.endsWith(runId)));
    const { code, stdout, stderr } = await user.sebs(['resume', 'latest'], { timeout: 90_000 });
    expect(code, stdout + stderr).toBe(0);
    expect(countedKeys(run)).toEqual(expectedKeys(planOfRun(run)));
  }, 150_000);

  it("uses the user's server: inputs are uploaded once, results go, and the keys are written nowhere", async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sebs-minio-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const keys = { accessKey: 'canary-access-51f0', secretKey: 'canary-secret-9d1c7e' };
    const place = { listen: '127.0.0.1', address: '127.0.0.1' };
    const signal = AbortSignal.timeout(120_000);
    const context = { env: process.env, place, platformId: 'user', runId: 'none', signal };
    const server = await startMinio(context, keys, folder);
    onTestFinished(() => server.end());
    const references = `access_key: "\${CANARY_ACCESS}", secret_key: "\${CANARY_SECRET}"`;
    user.write('suite.yaml', suite(`{ kind: minio, endpoint: "http://127.0.0.1:${server.port}", ${references} }`));
    const env = { CANARY_ACCESS: keys.accessKey, CANARY_SECRET: keys.secretKey };
    const said: string[] = [];
    const inputsAfter: string[][] = [];
    for (let turn = 0; turn < 2; turn += 1) {
      const { code, stdout, stderr } = await user.sebs(['run', 'suite.yaml'], { env });
      expect(code, stdout + stderr).toBe(0);
      said.push(stdout, stderr);
      const objects = filesBelow(join(folder, 'data/sebs-benchmarks'));
      expect(objects.filter((path) => path.includes('/runs/'))).toEqual([]);
      inputsAfter.push(
        objects.filter((path) => path.includes('/inputs/')).map((path) => `${path} ${statSync(path).mtimeMs}`),
      );
    }
    expect(inputsAfter[0]?.length).toBeGreaterThan(5);
    expect(inputsAfter[1]).toEqual(inputsAfter[0]);
    const listed = await user.sebs(['resources', 'list'], { env });
    expect(listed.stdout).toContain('sebs-benchmarks');
    const cleaned = await user.sebs(['resources', 'clean'], { env });
    expect(cleaned.code, cleaned.stdout + cleaned.stderr).toBe(0);
    expect(readdirSync(join(folder, 'data'))).not.toContain('sebs-benchmarks');
    said.push(listed.stdout, listed.stderr, cleaned.stdout, cleaned.stderr);
    const found = [...filesBelow(user.path).map((path) => readFileSync(path, 'latin1')), ...said];
    expect(found.filter((content) => content.includes('canary-'))).toEqual([]);
    expect(found.some((content) => content.includes('CANARY_SECRET'))).toBe(true);
  }, 150_000);
});

/** How many outcomes are written; none before there is a run. */
function linesOf(run: string | undefined): number {
  const file = join(run ?? '', 'raw/invocations.jsonl');
  return run !== undefined && existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0;
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 40_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('waited too long');
    await delay(20);
  }
}
