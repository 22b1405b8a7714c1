// One contract for the clients that functions use, in every language, against the host's side of the same storage.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { minioProgram, NO_MINIO } from '../../src/storage/minio-server.js';
import {
  directoryStorage,
  minioStorage,
  PYTHON,
  runScript,
  type StorageFixture,
  temporaryFolder,
  WRAPPERS,
} from '../benchmarks/support.js';
import { leftOut } from '../support/left-out.js';

/** A call by its SeBS name and what it gave: a value as text, or the kind of error. */
type Step = [method: string, ...args: string[]];

// Both scripts take a list of steps and print one outcome per step; bytes go in and out as text.
const PYTHON_CLIENT = `
import io, json, os, sys
sys.path.insert(0, os.path.join(sys.argv[1], 'python'))
from modules import storage
client = storage.storage.get_instance()
assert client is storage.storage.get_instance()
def call(name, *args):
    if name == 'upload_stream':
        args = (*args[:2], io.BytesIO(args[2].encode()))
    if name == 'upload_file_as_stream':
        name, args = 'upload_stream', (*args[:2], open(args[2], 'rb'))
    try:
        value = getattr(client, name)(*args)
        return value.decode() if isinstance(value, bytes) else value
    except (ValueError, FileNotFoundError) as error:
        return {'error': 'missing' if isinstance(error, FileNotFoundError) else 'refused'}
print(json.dumps([call(*step) for step in json.load(sys.stdin)]))
`;
const NODE_CLIENT = `
import { createReadStream, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
const { storage } = await import(process.argv[1] + '/nodejs/modules/storage.mjs');
const client = storage.get_instance();
if (client !== storage.getInstance()) throw new Error('two instances');
const camel = (name) => name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());
async function call(name, ...args) {
  if (name === 'upload_stream') args[2] = Readable.from([args[2]]);
  if (name === 'upload_file_as_stream') [name, args[2]] = ['upload_stream', createReadStream(args[2])];
  try {
    const value = await client[camel(name)](...args);
    return name === 'download_stream' ? await text(value) : (value ?? null);
  } catch (error) {
    if (error.code === 'ENOENT') return { error: 'missing' };
    if (error instanceof TypeError) return { error: 'refused' };
    throw error;
  }
}
const outcomes = [];
for (const step of JSON.parse(readFileSync(0, 'utf8'))) outcomes.push(await call(...step));
process.stdout.write(JSON.stringify(outcomes));
`;

const CLIENTS: readonly [language: string, args: string[]][] = [
  ['python', ['-c', PYTHON_CLIENT, WRAPPERS]],
  ['nodejs', ['--input-type=module', '-e', NODE_CLIENT, WRAPPERS]],
];

const withoutMinio = minioProgram(process.env) === undefined && leftOut('storage clients against MinIO', NO_MINIO);
const folder = mkdtempSync(join(tmpdir(), 'sebs-minio-'));
let minio: StorageFixture | undefined;
beforeAll(async () => {
  if (!withoutMinio) minio = await minioStorage(folder);
});
afterAll(async () => {
  await minio?.storage.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The storages that the clients are held against; one server serves all tests. */
const STORAGES: readonly [kind: string, open: () => Promise<StorageFixture>][] = [
  ['directory', directoryStorage],
  ...(withoutMinio ? [] : [['minio', async () => minio as StorageFixture] as [string, () => Promise<StorageFixture>]]),
];
/** More than one part of the S3 clients, and no whole number of them. */
const LARGE_BYTES = 20_000_003;
let buckets = 0;

/** A storage with a bucket that no other test uses. */
async function withBucket(open: () => Promise<StorageFixture>): Promise<StorageFixture & { bucket: string }> {
  const fixture = await open();
  buckets += 1;
  const bucket = `bucket-${buckets}`;
  await fixture.storage.createBucket(bucket);
  onTestFinished(() => fixture.storage.removeBucket(bucket));
  return { ...fixture, bucket };
}

const CASES = STORAGES.flatMap(([kind, open]) => CLIENTS.map(([language, args]) => ({ kind, open, language, args })));

for (const { kind, open, language, args } of CASES) {
  const missing = language === 'python' && PYTHON === undefined;
  describe.skipIf(missing && leftOut('the storage client in Python', 'python3 is missing'))(
    `the storage client in ${language} for ${kind}`,
    () => {
      const steps = async (list: Step[], env: Record<string, string>): Promise<unknown[]> =>
        JSON.parse(await runScript(language, args, JSON.stringify(list), env)) as unknown[];

      it('uploads under unique names what the host then reads', async () => {
        const { storage, bucket } = await withBucket(open);
        const file = join(temporaryFolder(), 'local.txt');
        writeFileSync(file, 'from a file');
        const keys = (await steps(
          [
            ['upload', bucket, 'out/a.tar.gz', file],
            ['upload', bucket, 'out/a.tar.gz', file],
            ['upload_stream', bucket, 'plain', 'from a stream'],
          ],
          storage.functionEnv('host'),
        )) as string[];
        expect(keys[0]).toMatch(/^out\/a\.tar\.[0-9a-f]{8}\.gz$/);
        expect(keys[1]).toMatch(/^out\/a\.tar\.[0-9a-f]{8}\.gz$/);
        expect(keys[2]).toMatch(/^plain\.[0-9a-f]{8}$/);
        expect((await storage.list(bucket)).map(({ key }) => key)).toEqual([...new Set(keys)].sort());
        const contents = await Promise.all(keys.map((key) => storage.download(bucket, key)));
        const texts = contents.map((content) => Buffer.from(content).toString());
        expect(texts).toEqual(['from a file', 'from a file', 'from a stream']);
        await storage.removeBucket(bucket);
        expect(existsSync(file)).toBe(true);
      });

      it('downloads what the host has uploaded: one object, a stream, all below a prefix', async () => {
        const { storage, bucket } = await withBucket(open);
        for (const key of ['in/a', 'in/deep/b', 'input'])
          await storage.upload(bucket, key, new TextEncoder().encode(`content of ${key}`));
        const folder = temporaryFolder();
        const outcomes = await steps(
          [
            ['download', bucket, 'in/a', join(folder, 'new', 'a')],
            ['download_stream', bucket, 'in/deep/b'],
            ['download_directory', bucket, 'in', folder],
            ['download_directory', bucket, 'in/', folder],
            ['download_directory', bucket, 'nothing', folder],
          ],
          storage.functionEnv('host'),
        );
        expect(outcomes).toEqual([null, 'content of in/deep/b', ['in/a', 'in/deep/b'], ['in/a', 'in/deep/b'], []]);
        expect(readFileSync(join(folder, 'new/a'), 'utf8')).toBe('content of in/a');
        expect(readFileSync(join(folder, 'in/a'), 'utf8')).toBe('content of in/a');
        expect(readFileSync(join(folder, 'in/deep/b'), 'utf8')).toBe('content of in/deep/b');
        expect(existsSync(join(folder, 'input'))).toBe(false);
      });

      it('refuses what leaves a bucket, and says what is not there', async () => {
        const { storage, bucket } = await withBucket(open);
        const file = join(temporaryFolder(), 'file');
        writeFileSync(file, 'content');
        const outcomes = await steps(
          [
            ['download_stream', bucket, `../${bucket}/x`],
            ['download_directory', bucket, 'in/../..', temporaryFolder()],
            ['upload', bucket, '/absolute', file],
            ['upload', `../${bucket}`, 'x', file],
            ['upload_stream', bucket, 'a/../../x', 'data'],
            ['download_stream', bucket, 'nothing'],
            ['download_stream', 'no-such-bucket', 'x'],
            ['upload', bucket, 'x', join(temporaryFolder(), 'nothing')],
          ],
          storage.functionEnv('host'),
        );
        const refused = Array.from({ length: 5 }, () => ({ error: 'refused' }));
        expect(outcomes).toEqual([...refused, { error: 'missing' }, { error: 'missing' }, { error: 'missing' }]);
      });

      it('takes keys with every kind of character, and objects of several parts', async () => {
        const { storage, bucket } = await withBucket(open);
        const key = "odd/a b+c%20ü€&<'>()*!~$@=;:,";
        await storage.upload(bucket, key, new TextEncoder().encode('odd'));
        const large = join(temporaryFolder(), 'large');
        writeFileSync(large, Buffer.alloc(LARGE_BYTES, 'sebs!'));
        const target = temporaryFolder();
        const env = storage.functionEnv('host');
        const [stored, text, found] = (await steps(
          [
            ['upload_file_as_stream', bucket, key, large],
            ['download_stream', bucket, key],
            ['download_directory', bucket, 'odd', target],
          ],
          env,
        )) as [string, string, string[]];
        expect(text).toBe('odd');
        expect(found).toEqual([key, stored].sort());
        expect(readFileSync(join(target, key), 'utf8')).toBe('odd');
        expect(readFileSync(join(target, stored)).equals(readFileSync(large))).toBe(true);
        expect(Buffer.from(await storage.download(bucket, stored)).equals(readFileSync(large))).toBe(true);
      });

      it('says what it is for when the environment names another storage', async () => {
        await expect(steps([], { SEBS_STORAGE: 'tape' })).rejects.toThrow(
          'there is no storage client for SEBS_STORAGE=tape',
        );
      });
    },
  );
}

describe('the storage clients for a directory', () => {
  it.each(CLIENTS)('refuse symbolic links in %s', async (language, args) => {
    if (language === 'python' && PYTHON === undefined) return;
    const { storage, context } = await directoryStorage();
    await storage.createBucket('bucket');
    const outside = temporaryFolder();
    const file = join(outside, 'secret');
    writeFileSync(file, 'secret');
    const bucket = join(context.scratchDir, 'storage', 'bucket');
    symlinkSync(file, join(bucket, 'link'));
    mkdirSync(join(bucket, 'in'));
    symlinkSync(outside, join(bucket, 'in', 'door'));
    const list: Step[] = [
      ['download', 'bucket', 'link', join(outside, 'copy')],
      ['download_stream', 'bucket', 'in/door/secret'],
      ['download_directory', 'bucket', 'in', outside],
      ['upload', 'bucket', 'in/door/x', file],
    ];
    const outcomes = JSON.parse(await runScript(language, args, JSON.stringify(list), storage.functionEnv('host')));
    expect(outcomes).toEqual(list.map(() => ({ error: 'refused' })));
    expect(existsSync(join(outside, 'copy'))).toBe(false);
  });
});

describe('the storage client in nodejs, as functions written for SeBS use it', () => {
  it('gives the key and the promise of an upload apart, and a writable for a stream', async () => {
    const { storage } = await directoryStorage();
    await storage.createBucket('bucket');
    const script = `
      const { storage } = await import(process.argv[1] + '/nodejs/modules/storage.mjs');
      const client = new storage();
      const [key, promise] = client.upload('bucket', 'a.txt', process.argv[2]);
      await promise;
      const [writable, stored, streamKey] = client.uploadStream('bucket', 'b.txt');
      writable.write('from a ');
      writable.end('stream');
      await stored;
      process.stdout.write(JSON.stringify([key, streamKey]));`;
    const file = join(temporaryFolder(), 'a.txt');
    writeFileSync(file, 'from a file');
    const env = storage.functionEnv('host');
    const keys = JSON.parse(
      await runScript('nodejs', ['--input-type=module', '-e', script, WRAPPERS, file], '', env),
    ) as string[];
    const contents = await Promise.all(keys.map((key) => storage.download('bucket', key)));
    expect(contents.map((content) => Buffer.from(content).toString())).toEqual(['from a file', 'from a stream']);
  });
});
