// Object storage for functions, on whatever the platform offers; standard library only:
//
//   import { storage } from './storage.mjs';
//   const key = await storage.getInstance().upload(bucket, 'out/result.zip', '/tmp/result.zip');
//
// Keys may not leave their bucket. What is uploaded gets a unique name (`name.<8 hex digits>.ext`), so that no
// invocation overwrites what another one wrote. A key or bucket that is not one: TypeError. No such object: an error
// with code ENOENT. Functions written for SeBS take `new storage()` and `[key, promise] = client.upload(…)`.

const CLIENTS = {
  directory: async () => (await import('./storage-directory.mjs')).DirectoryStorage,
  s3: async () => (await import('./storage-s3.mjs')).S3Storage,
};

class NoStorage {
  constructor() {
    throw new Error(`there is no storage client for SEBS_STORAGE=${process.env.SEBS_STORAGE}`);
  }
}

const Client = (await CLIENTS[process.env.SEBS_STORAGE]?.()) ?? NoStorage;

export class storage extends Client {
  static #instance;

  /** The client of this sandbox, made on first use. */
  static getInstance() {
    storage.#instance ??= new storage();
    return storage.#instance;
  }

  static get_instance() {
    return storage.getInstance();
  }
}
