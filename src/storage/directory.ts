// Storage of kind `directory`: a bucket is a folder, an object a file in it. For functions that see the same file
// system as sebs. Comes in: bucket names and keys; goes out: bytes. An upload is written beside the buckets and renamed
// into place, so readers meet whole objects only; keys and symbolic links that would leave a bucket are refused, because
// functions write here too.
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, mkdir, open, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PlatformError } from '../errors.js';
import type { ResourceRef } from '../generated/ledger.js';
import { checkedBucket, checkedKey, checkedPrefix, runBucket } from './keys.js';
import type { ObjectStorage, StorageContext, StorageView, StoredObject } from './storage.js';

/** Not the name of any bucket, so uploads in progress cannot be met by a key. */
const UPLOADS = '.uploads';
const RENAME_ATTEMPTS = 10;

/** Makes the folder of buckets below the run's scratch folder. */
export async function createStorage(context: StorageContext): Promise<ObjectStorage> {
  const root = join(context.scratchDir, 'storage');
  await mkdir(join(root, UPLOADS), { recursive: true });
  return {
    kind: 'directory',
    async openHome() {
      const bucket = runBucket(context.runId);
      await createBucket(root, bucket, context);
      return { bucket, inputs: '', outputs: '' };
    },
    createBucket: (bucket) => createBucket(root, bucket, context),
    upload: (bucket, key, data) => upload(root, bucket, key, data),
    download: (bucket, key) => download(root, bucket, key),
    list: (bucket, prefix) => list(root, bucket, prefix),
    remove: (bucket, key) => remove(root, bucket, key),
    clean: (bucket, prefix) => clean(root, bucket, prefix),
    removeBucket: (bucket) => removeBucket(root, bucket, context),
    functionEnv: (view) => functionEnv(root, view),
    close: async () => {},
  };
}

/** Removes a bucket by its ledger line, whose location is the folder of buckets. */
export async function removeResource(resource: ResourceRef, context: StorageContext): Promise<void> {
  if (resource.kind !== 'bucket' || resource.location === undefined)
    throw new PlatformError(`${resource.kind} ${resource.id} is no bucket of a directory storage`);
  await removeFolder(join(resource.location, checkedBucket(resource.id)));
  context.ledger.removed(resource);
}

async function createBucket(root: string, bucket: string, context: StorageContext): Promise<void> {
  const folder = join(root, checkedBucket(bucket));
  if (await isFolder(folder)) return;
  const resource = bucketResource(root, bucket, context);
  context.ledger.intend(resource);
  await mkdir(folder, { recursive: true });
  context.ledger.created(resource);
}

async function removeBucket(root: string, bucket: string, context: StorageContext): Promise<void> {
  await removeFolder(join(root, checkedBucket(bucket)));
  context.ledger.removed(bucketResource(root, bucket, context));
}

async function upload(root: string, bucket: string, key: string, data: Uint8Array): Promise<void> {
  const path = await objectPath(root, bucket, key);
  const part = join(root, UPLOADS, randomUUID());
  try {
    await writeFile(part, data, { flag: 'wx' });
    await moveInto(part, path, bucket, key);
  } finally {
    await rm(part, { force: true });
  }
}

/** Removing an object removes the folders it leaves empty, perhaps between our mkdir and our rename: then again. */
async function moveInto(part: string, path: string, bucket: string, key: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await mkdir(dirname(path), { recursive: true });
      return await rename(part, path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' && attempt < RENAME_ATTEMPTS) continue;
      if (code === 'EISDIR' || code === 'EEXIST' || code === 'ENOTDIR' || code === 'ENOTEMPTY')
        throw new PlatformError(
          `'${key}' cannot be put into bucket '${bucket}': a part of it is another object's name`,
        );
      throw storageError('write', bucket, key, error);
    }
  }
}

async function download(root: string, bucket: string, key: string): Promise<Uint8Array> {
  const path = await objectPath(root, bucket, key);
  try {
    // The path was looked at a moment ago; the flag holds also for a link that was put there since.
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw storageError('read', bucket, key, error);
  }
}

async function list(root: string, bucket: string, prefix = ''): Promise<StoredObject[]> {
  const folder = await bucketFolder(root, bucket);
  const wanted = checkedPrefix(prefix);
  const parent = wanted.slice(0, wanted.lastIndexOf('/') + 1);
  const start = parent === '' ? folder : await objectPath(root, bucket, parent.slice(0, -1));
  const objects = await objectsBelow(start, parent, bucket);
  return objects.filter(({ key }) => key.startsWith(wanted)).sort((a, b) => (a.key < b.key ? -1 : 1));
}

async function remove(root: string, bucket: string, key: string): Promise<void> {
  const path = await objectPath(root, bucket, key);
  try {
    await rm(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return;
    throw storageError('remove', bucket, key, error);
  }
  await removeEmptyFolders(dirname(path), join(root, bucket));
}

async function clean(root: string, bucket: string, prefix: string): Promise<number> {
  const objects = await list(root, bucket, prefix);
  for (const { key } of objects) await remove(root, bucket, key);
  return objects.length;
}

function functionEnv(root: string, view: StorageView): Record<string, string> {
  if (view !== 'host')
    throw new PlatformError(`a directory of this host cannot be seen from a ${view}`, {
      hint: 'choose another storage for this platform',
    });
  return { SEBS_STORAGE: 'directory', SEBS_STORAGE_ROOT: root };
}

/** Where an object lies. Throws for a key or a link that leaves the bucket, and for a bucket that is not there. */
async function objectPath(root: string, bucket: string, key: string): Promise<string> {
  let path = await bucketFolder(root, bucket);
  for (const part of checkedKey(key).split('/')) {
    path = join(path, part);
    const facts = await lstat(path).catch(() => undefined);
    if (facts?.isSymbolicLink())
      throw new PlatformError(`'${key}' in bucket '${bucket}' leads through a symbolic link, which is refused`);
  }
  return path;
}

async function bucketFolder(root: string, bucket: string): Promise<string> {
  const folder = join(root, checkedBucket(bucket));
  if (await isFolder(folder)) return folder;
  throw new PlatformError(`there is no bucket '${bucket}'`, { hint: `looked for ${folder}` });
}

async function objectsBelow(folder: string, prefix: string, bucket: string): Promise<StoredObject[]> {
  // A folder may go while it is read: whoever removes objects removes the folders they leave empty.
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
  const found = entries.map(async (entry): Promise<StoredObject[]> => {
    const key = `${prefix}${entry.name}`;
    if (entry.isSymbolicLink())
      throw new PlatformError(`'${key}' in bucket '${bucket}' is a symbolic link, which is refused`);
    if (entry.isDirectory()) return objectsBelow(join(folder, entry.name), `${key}/`, bucket);
    const facts = await lstat(join(folder, entry.name)).catch(() => undefined);
    return facts === undefined ? [] : [{ key, bytes: facts.size }];
  });
  return (await Promise.all(found)).flat();
}

async function removeEmptyFolders(from: string, bucketFolder: string): Promise<void> {
  for (let folder = from; folder !== bucketFolder; folder = dirname(folder)) {
    const removed = await rmdir(folder).then(
      () => true,
      () => false, // not empty, or gone already
    );
    if (!removed) return;
  }
}

async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

async function isFolder(path: string): Promise<boolean> {
  return lstat(path).then(
    (facts) => facts.isDirectory(),
    () => false,
  );
}

function bucketResource(root: string, bucket: string, context: StorageContext): ResourceRef {
  return { platform: context.platformId, kind: 'bucket', id: bucket, location: root };
}

function storageError(verb: string, bucket: string, key: string, error: unknown): PlatformError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR')
    return new PlatformError(`there is no object '${key}' in bucket '${bucket}'`, { cause: error });
  return new PlatformError(`cannot ${verb} '${key}' in bucket '${bucket}': ${message}`, { cause: error });
}
