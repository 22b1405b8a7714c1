// `sebs storage start|stop`: servers that outlive the command, found and ended by what was written down of them, and a
// suite that uses one.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LedgerLine } from '../../src/generated/ledger.js';
import { minioProgram, NO_MINIO } from '../../src/storage/minio-server.js';
import { ROOT } from '../support/cli.js';
import { leftOut } from '../support/left-out.js';
import { makeWorkspace, rowsOf, type Workspace } from '../support/workspace.js';

let user: Workspace;
let state: string;
beforeEach(() => {
  user = makeWorkspace();
  state = join(user.path, 'state', 'sebs', 'storage');
});
afterEach(async () => {
  await storage('stop', '--data');
  user.end();
});

function storage(...args: string[]) {
  return user.sebs(['storage', ...args], { env: { XDG_STATE_HOME: join(user.path, 'state') } });
}

/** What the user's shell knows after reading the file. */
function exported(kind: string): Record<string, string> {
  const lines = readFileSync(join(state, `${kind}.env`), 'utf8')
    .trim()
    .split('\n');
  return Object.fromEntries(lines.map((line) => line.replace('export ', '').split('=') as [string, string]));
}

function ledger(): string[] {
  const lines = readFileSync(join(state, 'ledger.jsonl'), 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as LedgerLine).map((line) => `${line.state} ${line.resource.platform}`);
}

describe('sebs storage', () => {
  it('starts a server that stays, tells how to use it without its keys, and ends it', async () => {
    const first = await storage('start', 'dynamodb');
    expect(first.code, first.stderr).toBe(0);
    const env = exported('dynamodb');
    const endpoint = env.SEBS_DYNAMODB_ENDPOINT ?? '';
    expect(first.stdout).toContain(`dynamodb serves at ${endpoint}`);
    expect(first.stdout + first.stderr).not.toContain(env.SEBS_DYNAMODB_SECRET_KEY);
    expect(statSync(join(state, 'dynamodb.env')).mode & 0o777).toBe(0o600);
    expect((await fetch(endpoint)).ok).toBe(true);
    const again = await storage('start', 'dynamodb', '--json');
    expect(JSON.parse(again.stdout)).toMatchObject([{ kind: 'dynamodb', endpoint }]);
    expect(ledger()).toEqual(['intended dynamodb', 'created dynamodb']);

    const references = `access_key: "\${SEBS_DYNAMODB_ACCESS_KEY}", secret_key: "\${SEBS_DYNAMODB_SECRET_KEY}"`;
    user.write(
      'suite.yaml',
      `
version: 1
name: carts
platforms:
  here: { type: process, nosql: { kind: dynamodb, endpoint: "\${SEBS_DYNAMODB_ENDPOINT}", ${references} } }
benchmarks: [{ path: ${join(ROOT, 'test/storage/fixtures/carts')} }]
factors: { language: nodejs }
experiments: { warm: { type: perf-cost, starts: [warm], repetitions: 2 } }
order: { blocks: 1 }
`,
    );
    const run = await user.sebs(['run', 'suite.yaml'], { env });
    expect(run.code, run.stdout + run.stderr).toBe(0);
    expect(rowsOf(user.runs()[0] ?? '').filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
    const left = await user.sebs(['resources', 'list', 'latest'], { env });
    expect(left.stdout).toContain('nothing is left');

    expect((await storage('stop')).stdout).toBe('minio: not running\ndynamodb: stopped\n');
    await expect(fetch(endpoint)).rejects.toThrow();
    expect(ledger()).toEqual(['intended dynamodb', 'created dynamodb', 'removed dynamodb']);
    expect((await storage('stop', 'dynamodb')).stdout).toBe('dynamodb: not running\n');
  }, 120_000);

  it('refuses one port for several servers, and a port that is taken', async () => {
    const several = await storage('start', '--port', '9000');
    expect([several.code, several.stderr]).toEqual([2, expect.stringContaining('--port is for one server')]);
    await storage('start', 'dynamodb');
    const { port } = new URL(exported('dynamodb').SEBS_DYNAMODB_ENDPOINT ?? '');
    if (minioProgram(process.env) === undefined) return;
    const taken = await storage('start', 'minio', '--port', port);
    expect([taken.code, taken.stderr]).toEqual([3, expect.stringContaining('MinIO does not start')]);
    expect(ledger().at(-1)).toBe('removed minio');
  }, 120_000);

  it.skipIf(minioProgram(process.env) === undefined && leftOut('sebs storage start minio', NO_MINIO))(
    'gives MinIO its objects and keys again when it is started again',
    async () => {
      expect((await storage('start', 'minio')).code).toBe(0);
      const before = exported('minio');
      await storage('stop', 'minio');
      await storage('start', 'minio');
      const after = exported('minio');
      expect(after.SEBS_MINIO_SECRET_KEY).toBe(before.SEBS_MINIO_SECRET_KEY);
      expect(existsSync(join(state, 'minio-data', 'data'))).toBe(true);
      await storage('stop', 'minio', '--data');
      expect(existsSync(join(state, 'minio-data'))).toBe(false);
    },
    120_000,
  );
});
