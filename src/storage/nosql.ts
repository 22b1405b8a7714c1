// The contract of NoSQL storage: tables of items with a primary and perhaps a secondary key, what the host side does with
// them, and the environment that gives functions the same view. Tables belong to one run and one benchmark: functions
// know them by the names that benchmark.yaml declares, the storage by a prefix before that name.
import type { ResourceRef } from '../generated/ledger.js';
import type { StorageContext, StorageView } from './storage.js';

/** What JSON can hold. */
export type Item = Record<string, unknown>;

/** Names of the attributes that are its keys; both are texts. */
export interface TableKeys {
  primary: string;
  secondary?: string;
}

export interface NosqlStorage {
  readonly kind: string;
  /** The name of a benchmark's table in this run. */
  tableOf(benchmark: string, name: string): string;
  /** Makes a table and waits until it can be used; it being there already is success. Written to the ledger first. */
  createTable(table: string, keys: TableKeys): Promise<void>;
  /** Replaces an item of the same keys. */
  put(table: string, item: Item): Promise<void>;
  /** undefined: there is none. */
  get(table: string, key: Item): Promise<Item | undefined>;
  /** All items of one primary key, in order of the secondary. */
  query(table: string, primary: Item): Promise<Item[]>;
  /** It being gone already is success. */
  remove(table: string, key: Item): Promise<void>;
  /** Removes all items; returns how many. */
  clean(table: string): Promise<number>;
  removeTable(table: string): Promise<void>;
  /** Environment variables for a function's client. */
  functionEnv(view: StorageView, benchmark: string): Record<string, string>;
  close(): Promise<void>;
}

export interface NosqlModule {
  createNosql(context: StorageContext): Promise<NosqlStorage>;
  /** Removes a table that a run, perhaps an earlier one, left, by its ledger line; it being gone already is success. */
  removeResource(resource: ResourceRef, context: StorageContext): Promise<void>;
  /** Tables of a run in a server of the user's, by looking. */
  resourcesOfRun(runId: string, context: StorageContext): Promise<ResourceRef[]>;
}
