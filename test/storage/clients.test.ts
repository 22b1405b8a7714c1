// One contract for the clients that functions use, in every language, against the host's side of the same storage.
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { directoryStorage, PYTHON, runScript, temporaryFolder, WRAPPERS } from '../benchmarks/support.js';
import { leftOut } from '../support/left-out.js';

/** A call by its SeBS name and what it gave: a value as text, or the kind of error. */
type Step = [method: string, ...args: string[]];

// Both scripts take a list of steps and print one outcome per step; bytes go in and out as text.
const PYTHON_CLIENT = `
import io, json, os, sys
sys.path.insert(0, os.path.join(sys.argv[1], 'python', 'modules'))
import storage
client = storage.storage.get_instance()
assert client is storage.storage.get_instance()
def call(name, *args):
    if name == 'upload_stream':
        args = (*args[:2], io.BytesIO(args[2].encode()))
    try:
        value = getattr(client, name)(*args)
        return value.decode() if isinstance(value, bytes) else value
    except (ValueError, FileNotFoundError) as error:
        return {'error': 'missing' if isinstance(error, FileNotFoundError) else 'refused'}
print(json.dumps([call(*step) for step in json.load(sys.stdin)]))
`;
const NODE_CLIENT = `
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
const { storage } = await import(process.argv[1] + '/nodejs/modules/storage.mjs');
const client = storage.get_instance();
if (client !== storage.getInstance()) throw new Error('two instances');
const camel = (name) => name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());
async function call(name, ...args) {
  if (name === 'upload_stream') args[2] = Readable.from([args[2]]);
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

for (const [language, args] of CLIENTS) {
  const missing = language === 'python' && PYTHON === undefined;
  describe.skipIf(missing && leftOut('the storage client in Python', 'python3 is missing'))(
    `the storage client in ${language}`,
    () => {
      const steps = async (list: Step[], env: Record<string, string>): Promise<unknown[]> =>
        JSON.parse(await runScript(language, args, JSON.stringify(list), env)) as unknown[];

      it('uploads under unique names what the host then reads', async () => {
        const { storage } = await directoryStorage();
        await storage.createBucket('bucket');
        const file = join(temporaryFolder(), 'local.txt');
        writeFileSync(file, 'from a file');
        const keys = (await steps(
          [
            ['upload', 'bucket', 'out/a.tar.gz', file],
            ['upload', 'bucket', 'out/a.tar.gz', file],
            ['upload_stream', 'bucket', 'plain', 'from a stream'],
          ],
          storage.functionEnv('host'),
        )) as string[];
        expect(keys[0]).toMatch(/^out\/a\.tar\.[0-9a-f]{8}\.gz$/);
        expect(keys[1]).toMatch(/^out\/a\.tar\.[0-9a-f]{8}\.gz$/);
        expect(keys[2]).toMatch(/^plain\.[0-9a-f]{8}$/);
        expect((await storage.list('bucket')).map(({ key }) => key)).toEqual([...new Set(keys)].sort());
        const contents = await Promise.all(keys.map((key) => storage.download('bucket', key)));
        const texts = contents.map((content) => Buffer.from(content).toString());
        expect(texts).toEqual(['from a file', 'from a file', 'from a stream']);
        await storage.removeBucket('bucket');
        expect(existsSync(file)).toBe(true);
      });

      it('downloads what the host has uploaded: one object, a stream, all below a prefix', async () => {
        const { storage } = await directoryStorage();
        await storage.createBucket('bucket');
        for (const key of ['in/a', 'in/deep/b', 'input'])
          await storage.upload('bucket', key, new TextEncoder().encode(`content of ${key}`));
        const folder = temporaryFolder();
        const outcomes = await steps(
          [
            ['download', 'bucket', 'in/a', join(folder, 'new', 'a')],
            ['download_stream', 'bucket', 'in/deep/b'],
            ['download_directory', 'bucket', 'in', folder],
            ['download_directory', 'bucket', 'in/', folder],
            ['download_directory', 'bucket', 'nothing', folder],
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
        const { storage, context } = await directoryStorage();
        await storage.createBucket('bucket');
        const outside = temporaryFolder();
        writeFileSync(join(outside, 'secret'), 'secret');
        const folder = join(context.scratchDir, 'storage', 'bucket');
        symlinkSync(join(outside, 'secret'), join(folder, 'link'));
        mkdirSync(join(folder, 'in'));
        symlinkSync(outside, join(folder, 'in', 'door'));
        const file = join(outside, 'secret');
        const outcomes = await steps(
          [
            ['download_stream', 'bucket', '../bucket/x'],
            ['download', 'bucket', 'link', join(outside, 'copy')],
            ['download_stream', 'bucket', 'in/door/secret'],
            ['download_directory', 'bucket', 'in', outside],
            ['upload', 'bucket', 'in/door/x', file],
            ['upload', 'bucket', '/absolute', file],
            ['upload', '../bucket', 'x', file],
            ['upload_stream', 'bucket', 'a/../../x', 'data'],
            ['download_stream', 'bucket', 'nothing'],
            ['download_stream', 'other', 'x'],
            ['upload', 'bucket', 'x', join(outside, 'nothing')],
          ],
          storage.functionEnv('host'),
        );
        const refused = Array.from({ length: 8 }, () => ({ error: 'refused' }));
        expect(outcomes).toEqual([...refused, { error: 'missing' }, { error: 'missing' }, { error: 'missing' }]);
        expect(existsSync(join(outside, 'copy'))).toBe(false);
      });

      it('says what it is for when the environment names another storage', async () => {
        await expect(steps([], { SEBS_STORAGE: 'tape' })).rejects.toThrow('this client is for SEBS_STORAGE=directory');
      });
    },
  );
}

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
