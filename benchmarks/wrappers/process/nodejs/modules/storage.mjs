// Object storage for functions: client of the directory storage, standard library only. A bucket is a folder below
// SEBS_STORAGE_ROOT, an object a file in it:
//
//   import { storage } from './storage.mjs';
//   const key = await storage.getInstance().upload(bucket, 'out/result.zip', '/tmp/result.zip');
//
// Keys may not leave their bucket. What is uploaded gets a unique name (`name.<8 hex digits>.ext`), so that no
// invocation overwrites what another one wrote. A key or bucket that is not one: TypeError. No such object: an error
// with code ENOENT. Functions written for SeBS take `new storage()` and `[key, promise] = client.upload(…)`.
import { randomUUID } from 'node:crypto';
import { constants, createReadStream, createWriteStream } from 'node:fs';
import { copyFile, link, lstat, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export class storage {
  static #instance;
  #root;

  /** The client of this sandbox, made on first use. */
  static getInstance() {
    storage.#instance ??= new storage();
    return storage.#instance;
  }

  static get_instance() {
    return storage.getInstance();
  }

  /** `dir/name.ext` -> `dir/name.<8 hex digits>.ext`. */
  static uniqueName(name) {
    const extension = extname(name);
    const stem = name.slice(0, name.length - extension.length);
    return `${stem}.${randomUUID().slice(0, 8)}${extension}`;
  }

  constructor() {
    const kind = process.env.SEBS_STORAGE;
    if (kind !== 'directory') throw new Error(`this client is for SEBS_STORAGE=directory, not for ${kind}`);
    this.#root = process.env.SEBS_STORAGE_ROOT;
  }

  /** Stores a local file. A promise of the unique key that it got; also iterable as [key, promise]. */
  upload(bucket, file, filepath) {
    const key = storage.uniqueName(file);
    return asPair(
      key,
      this.#store(bucket, key, (part) => copyFile(filepath, part, constants.COPYFILE_EXCL)),
    );
  }

  /** With bytes, text or a readable: a promise of the unique key. Without: [writable, promise of the key, key]. */
  uploadStream(bucket, file, data) {
    const key = storage.uniqueName(file);
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
    if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket) || bucket.includes('..'))
      throw new TypeError(`'${bucket}' is no name of a bucket`);
    const folder = join(this.#root, bucket);
    await stat(folder);
    return folder;
  }

  async #path(bucket, key) {
    let path = await this.#bucket(bucket);
    if (key.includes('\0')) throw new TypeError(`the key '${key}' contains a zero byte`);
    for (const part of key.split('/')) {
      if (part === '' || part === '.' || part === '..')
        throw new TypeError(`the key '${key}' leaves bucket '${bucket}' or has an empty part`);
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

function asPair(key, promise) {
  return Object.assign(promise, {
    *[Symbol.iterator]() {
      yield key;
      yield promise;
    },
  });
}
