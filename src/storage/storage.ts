// The contract of object storage: what the host side does with buckets, and the environment that gives functions the
// same view of it. Keys are '/'-separated and may not leave their bucket. A storage that ends with the run gives it a
// bucket of its own; in one that outlives it runs share a bucket, in which inputs lie by the hash of their content, so
// that they are uploaded once, and what a run writes lies under a prefix of its own.
import type { ResourceRef } from '../generated/ledger.js';
import type { Ledger } from '../platforms/driver.js';
import type { ServerPlace } from './server.js';

/** From where the function looks at the storage: addresses and paths differ. */
export type StorageView = 'host' | 'container' | 'cloud';

export interface StoredObject {
  key: string;
  bytes: number;
}

/** Where one run keeps its objects. Prefixes are empty or end in '/'. */
export interface RunHome {
  bucket: string;
  inputs: string;
  outputs: string;
}

export interface ObjectStorage {
  readonly kind: string;
  /** Makes what the run needs before the first upload; what outlives a kill is in the ledger first. */
  openHome(): Promise<RunHome>;
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
  /** What the platform's entry says of the storage, references unresolved. */
  options: Readonly<Record<string, unknown>>;
  runId: string;
  scratchDir: string;
  env: Readonly<Record<string, string | undefined>>;
  /** Where a server for this platform's functions listens. */
  place: ServerPlace;
  ledger: Ledger;
  signal: AbortSignal;
}

export interface StorageModule {
  createStorage(context: StorageContext): Promise<ObjectStorage>;
  /** Removes what a run, perhaps an earlier one, left in it, by its ledger line; it being gone already is success. */
  removeResource(resource: ResourceRef, context: StorageContext): Promise<void>;
  /** What of a run is in it, by looking; absent where the driver's own listing or that of servers shows it. */
  resourcesOfRun?(runId: string, context: StorageContext): Promise<ResourceRef[]>;
}
