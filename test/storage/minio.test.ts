// Storage of kind minio, against a real MinIO server: the server that a run starts for itself, and one of the user's
// that several runs share.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createStorage, removeResource, resourcesOfRun } from '../../src/storage/minio.js';
import { minioProgram, NO_MINIO, startMinio } from '../../src/storage/minio-server.js';
import { listServers, removeServers, serverResource } from '../../src/storage/server.js';
import type { ObjectStorage } from '../../src/storage/storage.js';
import { storageContext, temporaryFolder } from '../benchmarks/support.js';
import { leftOut } from '../support/left-out.js';

const SECRET = 'canary-secret-9d1c7e';
const KEYS = { accessKey: 'canary-access-51f0', secretKey: SECRET };
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const reference = (name: string): string => `\${${name}}`;
const HERE = { listen: '127.0.0.1', address: '127.0.0.1' };

describe('without the program', () => {
  it('says what is missing and what to do', async () => {
    const { context } = storageContext({ env: { PATH: '/nowhere' } });
    await expect(createStorage(context)).rejects.toThrow(NO_MINIO);
    expect(listServers(context.runId)).toEqual([]);
  });

  it('says which variable a reference lacks, and not what another one holds', async () => {
    const options = { endpoint: 'http://127.0.0.1:1', access_key: reference('A_KEY'), secret_key: reference('S_KEY') };
    const { context } = storageContext({ options, env: { A_KEY: SECRET } });
    const refused = await createStorage(context).catch((error: Error) => error.message);
    expect(refused).toBe(`secret_key of storage minio refers to ${reference('S_KEY')}, which is not set`);
  });
});

describe.skipIf(minioProgram(process.env) === undefined && leftOut('storage in MinIO', NO_MINIO))('minio', () => {
  async function ownServer(runId: string): Promise<{ storage: ObjectStorage; ledger: string[]; scratchDir: string }> {
    const scratchDir = temporaryFolder();
    const { context, ledger } = storageContext({ runId, scratchDir, env: process.env });
    const storage = await createStorage(context);
    onTestFinished(() => storage.close());
    return { storage, ledger, scratchDir };
  }

  /** A server that is there before any run and after it, and how a run of a given id sees it. */
  async function usersServer(bucket?: string) {
    const context = {
      env: process.env,
      place: HERE,
      platformId: 'user',
      runId: 'none',
      signal: AbortSignal.timeout(60_000),
    };
    const server = await startMinio(context, KEYS, temporaryFolder());
    onTestFinished(() => server.end());
    const options = {
      endpoint: `http://127.0.0.1:${server.port}`,
      access_key: reference('A_KEY'),
      secret_key: reference('S_KEY'),
      ...(bucket === undefined ? {} : { bucket }),
    };
    const env = { A_KEY: KEYS.accessKey, S_KEY: KEYS.secretKey };
    return (runId: string) => storageContext({ runId, options, env });
  }

  it('starts a server of its own, which is in the ledger first, found by looking, and gone afterwards', async () => {
    const { storage, ledger, scratchDir } = await ownServer('run-a');
    expect(ledger).toEqual(['intend server run-a', 'created server run-a']);
    expect(listServers('run-a')).toEqual([
      { ...serverResource({ runId: 'run-a', platformId: 'here' }), runId: 'run-a' },
    ]);
    expect(listServers('another-run')).toEqual([]);
    const home = await storage.openHome();
    expect(home).toEqual({ bucket: 'sebs-run-a', inputs: '', outputs: '' });
    await storage.upload(home.bucket, 'a/b', text('content'));
    const env = storage.functionEnv('host');
    expect(env.SEBS_STORAGE).toBe('s3');
    expect(() => storage.functionEnv('cloud')).toThrow('cannot be seen from a cloud');
    expect(readFileSync(join(scratchDir, 'minio/server.log'), 'utf8')).not.toContain(env.SEBS_STORAGE_SECRET_KEY);
    await removeServers(serverResource({ runId: 'run-a', platformId: 'here' }));
    expect(listServers('run-a')).toEqual([]);
    await storage.close();
    await storage.close();
  });

  it('gives back what was uploaded, lists it in order of keys, and removes it', async () => {
    const { storage } = await ownServer('run-b');
    await storage.createBucket('bucket');
    await storage.createBucket('bucket');
    for (const key of ['b/two.txt', 'a.txt', 'b/deep/three', 'ü b']) await storage.upload('bucket', key, text(key));
    await storage.upload('bucket', 'a.txt', text('again'));
    expect(await storage.list('bucket', 'b/')).toEqual([
      { key: 'b/deep/three', bytes: 12 },
      { key: 'b/two.txt', bytes: 9 },
    ]);
    expect((await storage.list('bucket')).map(({ key }) => key)).toEqual(['a.txt', 'b/deep/three', 'b/two.txt', 'ü b']);
    expect(Buffer.from(await storage.download('bucket', 'a.txt')).toString()).toBe('again');
    expect(Buffer.from(await storage.download('bucket', 'ü b')).toString()).toBe('ü b');
    await storage.remove('bucket', 'a.txt');
    await storage.remove('bucket', 'a.txt');
    expect(await storage.clean('bucket', 'b/')).toBe(2);
    await expect(storage.download('bucket', 'a.txt')).rejects.toThrow(
      "read 'a.txt' in bucket 'bucket': there is no object",
    );
    await expect(storage.upload('bucket', '../x', text('x'))).rejects.toThrow('leaves its bucket');
    await storage.removeBucket('bucket');
    await storage.removeBucket('bucket');
    await expect(storage.list('bucket')).rejects.toThrow('there is no such bucket');
  });

  it('lists more objects than one answer holds', async () => {
    const { storage } = await ownServer('run-c');
    await storage.createBucket('bucket');
    const keys = Array.from({ length: 1_050 }, (_, index) => `k/${String(index).padStart(4, '0')}`);
    for (let at = 0; at < keys.length; at += 50)
      await Promise.all(keys.slice(at, at + 50).map((key) => storage.upload('bucket', key, text('x'))));
    expect((await storage.list('bucket', 'k/')).map(({ key }) => key)).toEqual(keys);
    expect(await storage.clean('bucket', 'k/')).toBe(1_050);
  }, 60_000);

  it("keeps inputs in the user's server for later runs, and what a run wrote goes with it", async () => {
    const runOf = await usersServer();
    const first = runOf('run-1');
    const storage = await createStorage(first.context);
    const home = await storage.openHome();
    expect(home).toEqual({ bucket: 'sebs-benchmarks', inputs: 'inputs/', outputs: 'runs/run-1/' });
    expect(first.ledger).toEqual([
      'intend bucket sebs-benchmarks',
      'created bucket sebs-benchmarks',
      'kept bucket sebs-benchmarks',
      'intend objects run-1',
      'created objects run-1',
    ]);
    await storage.upload(home.bucket, 'inputs/hash/x', text('input'));
    await storage.upload(home.bucket, `${home.outputs}out/y`, text('output'));

    const second = runOf('run-2');
    const other = await createStorage(second.context);
    await other.openHome();
    expect(second.ledger).toEqual(['intend objects run-2', 'created objects run-2']);

    const objects = { platform: 'here', kind: 'objects', id: 'run-1', location: 'sebs-benchmarks' };
    const bucket = { platform: 'here', kind: 'bucket', id: 'sebs-benchmarks' };
    expect(await resourcesOfRun('run-1', first.context)).toEqual([objects]);
    await removeResource(objects, first.context);
    await removeResource(objects, first.context);
    expect(await resourcesOfRun('run-1', first.context)).toEqual([]);
    expect((await other.list('sebs-benchmarks')).map(({ key }) => key)).toEqual(['inputs/hash/x', 'runs/run-2/.run']);
    await expect(removeResource(bucket, first.context)).rejects.toThrow("bucket 'sebs-benchmarks' is used by run-2");
    await removeResource({ ...objects, id: 'run-2' }, second.context);
    await removeResource(bucket, first.context);
    await removeResource(bucket, first.context);
    await expect(other.list('sebs-benchmarks')).rejects.toThrow('there is no such bucket');
  });

  it("takes the user's bucket as it is, and never makes one of that name", async () => {
    const runOf = await usersServer('my-own');
    const { context, ledger } = runOf('run-1');
    const storage = await createStorage(context);
    await expect(storage.openHome()).rejects.toThrow("there is no bucket 'my-own'");
    expect(ledger).toEqual([]);
    await storage.createBucket('my-own');
    expect((await storage.openHome()).bucket).toBe('my-own');
    expect(ledger).toEqual(['intend objects run-1', 'created objects run-1']);
  });

  it('names what is wrong with a server or its keys, without the keys', async () => {
    const runOf = await usersServer();
    const { context } = runOf('run-1');
    const wrong = await createStorage({ ...context, env: { A_KEY: KEYS.accessKey, S_KEY: 'canary-wrong-key' } });
    const refused = await wrong.openHome().catch((error: Error) => `${error.message} ${JSON.stringify(error)}`);
    expect(refused).toContain('cannot look for bucket');
    expect(refused).not.toContain('canary');
    const gone = await createStorage({ ...context, options: { ...context.options, endpoint: 'http://127.0.0.1:1' } });
    await expect(gone.openHome()).rejects.toThrow('ECONNREFUSED 127.0.0.1:1');
    expect(() => gone.functionEnv('container')).toThrow('cannot be seen from a container');
  });
});
