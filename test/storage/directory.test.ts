import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PlatformError } from '../../src/errors.js';
import { removeResource } from '../../src/storage/directory.js';
import { checkedKey } from '../../src/storage/keys.js';
import { loadStorage, storageKinds } from '../../src/storage/registry.js';
import { directoryStorage, temporaryFolder } from '../benchmarks/support.js';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

async function bucketFixture(): Promise<Awaited<ReturnType<typeof directoryStorage>> & { folder: string }> {
  const fixture = await directoryStorage();
  await fixture.storage.createBucket('bucket');
  return { ...fixture, folder: join(fixture.context.scratchDir, 'storage', 'bucket') };
}

describe('the directory storage', () => {
  it('gives back what was uploaded, lists it in order of keys, and removes it', async () => {
    const { storage } = await bucketFixture();
    await storage.upload('bucket', 'b/two.txt', text('two'));
    await storage.upload('bucket', 'a.txt', text('one'));
    await storage.upload('bucket', 'b/deep/three', text(''));
    await storage.upload('bucket', 'a.txt', text('again'));
    expect(await storage.list('bucket')).toEqual([
      { key: 'a.txt', bytes: 5 },
      { key: 'b/deep/three', bytes: 0 },
      { key: 'b/two.txt', bytes: 3 },
    ]);
    expect(await storage.list('bucket', 'b/t')).toEqual([{ key: 'b/two.txt', bytes: 3 }]);
    expect(await storage.list('bucket', 'none/at/all')).toEqual([]);
    expect(Buffer.from(await storage.download('bucket', 'a.txt')).toString()).toBe('again');
    await storage.remove('bucket', 'a.txt');
    await storage.remove('bucket', 'a.txt');
    expect(await storage.clean('bucket', 'b/')).toBe(2);
    expect(await storage.list('bucket')).toEqual([]);
    await storage.removeBucket('bucket');
    await storage.removeBucket('bucket');
    await expect(storage.list('bucket')).rejects.toThrow("there is no bucket 'bucket'");
  });

  it('writes buckets to the ledger before and after, and removes one by its ledger line', async () => {
    const { storage, ledger, context } = await bucketFixture();
    await storage.createBucket('bucket');
    expect(ledger).toEqual(['intend bucket bucket', 'created bucket bucket']);
    const resource = {
      platform: 'here',
      kind: 'bucket',
      id: 'bucket',
      location: join(context.scratchDir, 'storage'),
    };
    await removeResource(resource, context);
    await removeResource(resource, context);
    expect(ledger.slice(2)).toEqual(['removed bucket bucket', 'removed bucket bucket']);
    await expect(storage.list('bucket')).rejects.toThrow('there is no bucket');
    await expect(removeResource({ ...resource, id: '../..' }, context)).rejects.toThrow('is no name of a bucket');
  });

  it('names the object and the bucket that are not there', async () => {
    const { storage } = await bucketFixture();
    await storage.upload('bucket', 'a/b', text('x'));
    for (const key of ['nothing', 'a', 'a/b/c'])
      await expect(storage.download('bucket', key)).rejects.toThrow(`there is no object '${key}' in bucket 'bucket'`);
    await expect(storage.download('other', 'a')).rejects.toThrow("there is no bucket 'other'");
    await expect(storage.createBucket('../up')).rejects.toThrow("'../up' is no name of a bucket");
    await expect(storage.upload('bucket', 'a', text('x'))).rejects.toThrow("a part of it is another object's name");
    await expect(storage.upload('bucket', 'a/b/c', text('x'))).rejects.toThrow("a part of it is another object's name");
  });

  it('refuses every key that leaves its bucket', async () => {
    const { storage } = await bucketFixture();
    const part = fc.constantFrom('..', '.', '', 'a', 'b');
    const key = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'));
    await fc.assert(
      fc.asyncProperty(key, async (candidate) => {
        const good = candidate.split('/').every((name) => name === 'a' || name === 'b');
        if (good) {
          expect(checkedKey(candidate)).toBe(candidate);
          return;
        }
        await expect(storage.upload('bucket', candidate, text('x'))).rejects.toThrow(PlatformError);
        await expect(storage.download('bucket', candidate)).rejects.toThrow(PlatformError);
        await expect(storage.remove('bucket', candidate)).rejects.toThrow(PlatformError);
      }),
    );
    expect(await storage.list('bucket')).toEqual([]);
    for (const bad of ['/etc/passwd', 'a\0b', 'x'.repeat(1025), ''])
      expect(() => checkedKey(bad)).toThrow(PlatformError);
    await expect(storage.list('bucket', '../')).rejects.toThrow('leaves its bucket');
    await expect(storage.clean('bucket', '..')).rejects.toThrow('leaves its bucket');
  });

  it('refuses symbolic links that a function has left', async () => {
    const { storage, folder } = await bucketFixture();
    const outside = temporaryFolder();
    writeFileSync(join(outside, 'secret'), 'secret');
    symlinkSync(join(outside, 'secret'), join(folder, 'link'));
    await expect(storage.download('bucket', 'link')).rejects.toThrow('symbolic link');
    await expect(storage.list('bucket')).rejects.toThrow("'link' in bucket 'bucket' is a symbolic link");
    mkdirSync(join(folder, 'deep'));
    symlinkSync(outside, join(folder, 'deep', 'door'));
    for (const work of [
      () => storage.download('bucket', 'deep/door/secret'),
      () => storage.upload('bucket', 'deep/door/new', text('x')),
      () => storage.list('bucket', 'deep/door/'),
      () => storage.clean('bucket', 'deep/door/'),
      () => storage.remove('bucket', 'deep/door/secret'),
    ])
      await expect(work()).rejects.toThrow('symbolic link');
  });

  it('keeps every object when many are written, removed and listed at once', async () => {
    const { storage } = await bucketFixture();
    const keep = Array.from({ length: 60 }, (_, index) => `d${index % 3}/s${index % 5}/keep${index}`);
    const drop = keep.map((key) => key.replace('keep', 'drop'));
    await Promise.all(drop.map((key) => storage.upload('bucket', key, text(key))));
    await Promise.all([
      ...keep.map((key) => storage.upload('bucket', key, text(key))),
      ...drop.map((key) => storage.remove('bucket', key)),
      storage.list('bucket'),
    ]);
    const listed = (await storage.list('bucket')).map(({ key }) => key);
    expect(listed).toEqual([...keep].sort());
    for (const key of keep) expect(Buffer.from(await storage.download('bucket', key)).toString()).toBe(key);
  });

  it('lets readers meet whole objects only', async () => {
    const { storage } = await bucketFixture();
    const versions = ['a', 'b'].map((letter) => text(letter.repeat(300_000)));
    await storage.upload('bucket', 'big', versions[0] as Uint8Array);
    const writer = (async () => {
      for (let turn = 0; turn < 20; turn += 1) await storage.upload('bucket', 'big', versions[turn % 2] as Uint8Array);
    })();
    for (let turn = 0; turn < 40; turn += 1) {
      const read = Buffer.from(await storage.download('bucket', 'big')).toString();
      expect([read.length, new Set(read).size]).toEqual([300_000, 1]);
    }
    await writer;
  });

  it('says which views it offers and which storages there are', async () => {
    const { storage, context } = await bucketFixture();
    expect(storage.functionEnv('host')).toEqual({
      SEBS_STORAGE: 'directory',
      SEBS_STORAGE_ROOT: join(context.scratchDir, 'storage'),
    });
    expect(() => storage.functionEnv('container')).toThrow(PlatformError);
    expect(storageKinds()).toEqual(['directory', 'minio']);
    await expect(loadStorage('tape')).rejects.toThrow("there is no storage 'tape'");
    expect(Object.keys(await loadStorage('directory')).sort()).toEqual(['createStorage', 'removeResource']);
  });
});
