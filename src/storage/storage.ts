// The contract of object storage: what the host side does with buckets, and the environment that gives functions the
// same view of it. Keys are '/'-separated and may not leave their bucket. One bucket per run and purpose; inputs of a
// benchmark live under the prefix `<benchmark>/<input>/`, outputs under `<benchmark>/out/`.
import type { ResourceRef } from '../generated/ledger.js';
import type { Ledger } from '../platforms/driver.js';

/** From where the function looks at the storage: addresses and paths differ. */
export type StorageView = 'host' | 'container' | 'cloud';

export interface StoredObject {
  key: string;
  bytes: number;
}

export interface ObjectStorage {
  readonly kind: string;
  /** Makes the bucket when it is not there; written to the ledger first. */
  createBucket(bucket: string): Promise<void>;
  /** Uploads one object; replaces one of the same key. */
  upload(bucket: string, key: string, data: Uint8Array): Promise<void>;
  download(bucket: string, key: string): Promise<Uint8Array>;
  /** All objects whose key begins with the prefix, in order of their keys. */
  list(bucket: string, prefix?: string): Promise<StoredObject[]>;
  /** Removes one object; it being gone already is success. */
  remove(bucket: string, key: string): Promise<void>;
  /** Removes the objects under a prefix; returns how many. */
  clean(bucket: string, prefix: string): Promise<number>;
  /** Removes a bucket with everything in it; it being gone already is success. */
  removeBucket(bucket: string): Promise<void>;
  /** Environment variables for a function's storage client. */
  functionEnv(view: StorageView): Record<string, string>;
  close(): Promise<void>;
}

export interface StorageContext {
  platformId: string;
  options: Readonly<Record<string, unknown>>;
  runId: string;
  scratchDir: string;
  env: Readonly<Record<string, string | undefined>>;
  ledger: Ledger;
  signal: AbortSignal;
}

export interface StorageModule {
  createStorage(context: StorageContext): Promise<ObjectStorage>;
  /** Removes a bucket that an earlier run left, by its ledger line. */
  removeResource(resource: ResourceRef, context: StorageContext): Promise<void>;
}
