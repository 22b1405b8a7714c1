// Client of the directory storage: a bucket is a folder below SEBS_STORAGE_ROOT, an object a file in it.
import { randomUUID } from 'node:crypto';
import { constants, createReadStream, createWriteStream } from 'node:fs';
import { copyFile, link, lstat, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { asPair, checkedBucket, checkedKey, uniqueName } from './storage-base.mjs';

export class DirectoryStorage {
  #root = process.env.SEBS_STORAGE_ROOT;

  /** Stores a local file. A promise of the unique key that it got; also iterable as [key, promise]. */
  upload(bucket, file, filepath) {
    const key = uniqueName(file);
    return asPair(
      key,
      this.#store(bucket, key, (part) => copyFile(filepath, part, constants.COPYFILE_EXCL)),
    );
  }

  /** With bytes, text or a readable: a promise of the unique key. Without: [writable, promise of the key, key]. */
  uploadStream(bucket, file, data) {
    const key = uniqueName(file);
    if (data instanceof Uint8Array || typeof data === 'string')
      return this.#store(bucket, key, (part) => writeFile(part, data, { flag: 'wx' }));
    const source = data ?? new PassThrough();
    const stored = this.#store(bucket, key, (part) => pipeline(source, createWriteStream(part, { flags: 'wx' })));
    return data === undefined ? [source, stored, key] : stored;
  }

  /** Writes an object to a local file; folders on the way are made. */
  async download(bucket, file, filepath) {
    const source = await this.#path(bucket, file);
    await mkdir(dirname(filepath), { recursive: true });
    await copyFile(source, filepath);
  }

  /** A promise of a readable with the bytes of an object. */
  async downloadStream(bucket, file) {
    const source = await this.#path(bucket, file);
    await stat(source); // an object that is not there is an error now, not a stream that fails later
    return createReadStream(source);
  }

  /** Writes all objects below a prefix to `path`/<key>; a promise of their keys in order. */
  async downloadDirectory(bucket, prefix, path) {
    const start = prefix.replace(/\/+$/, '');
    const keys = [];
    await copyFolder(await this.#path(bucket, start), start, join(path, start), keys);
    return keys.sort();
  }

  async #store(bucket, key, write) {
    const path = await this.#path(bucket, key);
    const part = join(this.#root, '.uploads', randomUUID());
    await mkdir(dirname(part), { recursive: true });
    try {
      await write(part);
      await place(part, path);
      return key;
    } finally {
      await rm(part, { force: true });
    }
  }

  async #bucket(bucket) {
    const folder = join(this.#root, checkedBucket(bucket));
    await stat(folder);
    return folder;
  }

  async #path(bucket, key) {
    let path = await this.#bucket(bucket);
    for (const part of checkedKey(bucket, key).split('/')) {
      path = join(path, part);
      const facts = await lstat(path).catch(() => undefined);
      if (facts?.isSymbolicLink())
        throw new TypeError(`the key '${key}' leads through a symbolic link, which is refused`);
    }
    return path;
  }
}

/** One look at each folder and none at each file's path: trees have many files, and every look is a system call. */
async function copyFolder(source, prefix, target, keys) {
  const entries = await readdir(source, { withFileTypes: true }).catch((error) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (entries === undefined) return;
  await mkdir(target, { recursive: true });
  for (const entry of entries) {
    const key = `${prefix}/${entry.name}`;
    if (entry.isSymbolicLink()) throw new TypeError(`the key '${key}' is a symbolic link, which is refused`);
    if (entry.isDirectory()) await copyFolder(join(source, entry.name), key, join(target, entry.name), keys);
    else {
      await copyFile(join(source, entry.name), join(target, entry.name));
      keys.push(key);
    }
  }
}

/**
 * A link, unlike a rename, fails where something is: unique means that nothing is ever replaced. The folder may vanish
 * between the two calls when another invocation's object was the last one in it.
 */
async function place(part, path) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await mkdir(dirname(path), { recursive: true });
      return await link(part, path);
    } catch (error) {
      if (error.code !== 'ENOENT' || attempt === 10) throw error;
    }
  }
}
