// The one list of storages: kind -> its module, loaded only when a platform uses it. Adding a storage is a line here,
// a file beside this one, and its clients in the wrappers of the platforms that offer it.
import { UsageError } from '../errors.js';
import type { StorageChoice } from './choice.js';
import { minioProgram, NO_MINIO } from './minio-server.js';
import type { NosqlModule } from './nosql.js';
import type { StorageModule } from './storage.js';

const STORAGES: Readonly<Record<string, () => Promise<StorageModule>>> = {
  directory: () => import('./directory.js'),
  minio: () => import('./minio.js'),
};

const NOSQLS: Readonly<Record<string, () => Promise<NosqlModule>>> = {
  dynamodb: () => import('./dynamodb.js'),
};

export function storageKinds(): string[] {
  return Object.keys(STORAGES);
}

/** Throws UsageError naming the kinds there are. */
export async function loadStorage(kind: string): Promise<StorageModule> {
  const load = STORAGES[kind];
  if (load === undefined)
    throw new UsageError(`there is no storage '${kind}'`, { hint: `known storages: ${storageKinds().join(', ')}` });
  return load();
}

/** Throws UsageError naming the kinds there are. */
export async function loadNosql(kind: string): Promise<NosqlModule> {
  const load = NOSQLS[kind];
  if (load === undefined)
    throw new UsageError(`there is no NoSQL storage '${kind}'`, { hint: `known: ${Object.keys(NOSQLS).join(', ')}` });
  return load();
}

/** Why this host cannot start the server that a kind needs; undefined: it can, or none is needed. */
export function lackOfHost(
  { kind, options }: StorageChoice,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (kind !== 'minio' || options.endpoint !== undefined) return undefined;
  return minioProgram(env) === undefined ? NO_MINIO : undefined;
}
