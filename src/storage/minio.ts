// Storage of kind `minio`: any server that speaks S3, through the `minio` client. Comes in: an account of the user's, or
// none, and then a MinIO server is started for the run and ends with it; goes out: buckets and objects. On the user's
// server runs share a bucket: inputs lie in it by the hash of their content and stay, what a run writes goes with it.
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { Client } from 'minio';
import { withinDeadline } from '../deadline.js';
import { messageOf, PlatformError } from '../errors.js';
import type { ResourceRef } from '../generated/ledger.js';
import { type Account, accountIn, hide } from './choice.js';
import { checkedBucket, checkedKey, checkedPrefix, runBucket } from './keys.js';
import { startMinio } from './minio-server.js';
import { endpointFor, hostPort, type RunningServer, serverResource } from './server.js';
import type { ObjectStorage, RunHome, StorageContext, StorageView, StoredObject } from './storage.js';

const KIND = 'minio';
/** Shared by all runs on a server whose user names no bucket. */
const SHARED_BUCKET = 'sebs-benchmarks';
/** Says that a run uses the shared bucket, before it has written anything. */
const MARKER = '.run';
const CALL_DEADLINE_MS = 60_000;
const TRANSFER_DEADLINE_MS = 600_000;
/** One request for an object up to this size; larger ones are sent in parts. */
const PART_BYTES = 64 * 1_048_576;

/** A server and what is done with it. */
interface Server {
  client: Client;
  account: Account;
  /** Started for this run. */
  own: RunningServer | undefined;
}

export async function createStorage(context: StorageContext): Promise<ObjectStorage> {
  const account = accountIn({ kind: KIND, options: context.options }, context.env);
  const server = account === undefined ? await ownServer(context) : { ...connected(account), own: undefined };
  return {
    kind: KIND,
    openHome: () => (server.own === undefined ? openSharedHome(server, context) : openOwnHome(server, context)),
    createBucket: (bucket) => createBucket(server, bucket),
    upload: (bucket, key, data) => upload(server, bucket, key, data),
    download: (bucket, key) => download(server, bucket, key),
    list: (bucket, prefix) => list(server, bucket, prefix),
    remove: (bucket, key) => remove(server, bucket, key),
    clean: (bucket, prefix) => clean(server, bucket, prefix),
    removeBucket: (bucket) => removeBucket(server, bucket),
    functionEnv: (view) => functionEnv(server, context, view),
    close: async () => server.own?.end(),
  };
}

/** A bucket that we made in the user's server, or what one run wrote into the shared one. */
export async function removeResource(resource: ResourceRef, context: StorageContext): Promise<void> {
  const { kind, id, location } = resource;
  const account = accountIn({ kind: KIND, options: context.options }, context.env);
  if (account === undefined) {
    // It was in a server that the run had started: it ended with that one.
    await rm(dataDir(context), { recursive: true, force: true });
  } else if (kind === 'objects' && location !== undefined) {
    await cleanIfThere(connected(account), location, runPrefix(id));
  } else if (kind === 'bucket') {
    await removeUnusedBucket(connected(account), id);
  } else throw new PlatformError(`${kind} ${id} is nothing that storage ${KIND} has made`);
}

export async function resourcesOfRun(runId: string, context: StorageContext): Promise<ResourceRef[]> {
  const account = accountIn({ kind: KIND, options: context.options }, context.env);
  if (account === undefined) return [];
  const bucket = sharedBucket(context);
  const server = connected(account);
  const there = await call(server, `look for bucket '${bucket}'`, () => server.client.bucketExists(bucket));
  const objects = there ? await list(server, bucket, runPrefix(runId)) : [];
  return objects.length === 0 ? [] : [runObjects(runId, bucket, context)];
}

async function ownServer(context: StorageContext): Promise<Server> {
  const account = {
    region: 'us-east-1',
    accessKey: randomBytes(10).toString('hex'),
    secretKey: randomBytes(20).toString('hex'),
  };
  const resource = serverResource(context);
  context.ledger.intend(resource);
  const own = await startMinio(context, account, dataDir(context));
  context.ledger.created(resource);
  const endpoint = new URL(`http://${hostPort(context.place.listen, own.port)}`);
  return { ...connected({ ...account, endpoint }), own };
}

function connected(account: Account): Omit<Server, 'own'> {
  const { endpoint, region, accessKey, secretKey } = account;
  const useSSL = endpoint.protocol === 'https:';
  const client = new Client({
    endPoint: endpoint.hostname.replace(/^\[|\]$/g, ''),
    port: endpoint.port === '' ? (useSSL ? 443 : 80) : Number(endpoint.port),
    useSSL,
    region,
    accessKey,
    secretKey,
    partSize: PART_BYTES,
  });
  return { client, account };
}

/** In our own server: nothing to put into the ledger, the bucket ends with the server. */
async function openOwnHome(server: Server, { runId }: StorageContext): Promise<RunHome> {
  const bucket = runBucket(runId);
  await createBucket(server, bucket);
  return { bucket, inputs: '', outputs: '' };
}

async function openSharedHome(server: Server, context: StorageContext): Promise<RunHome> {
  const { runId, ledger } = context;
  const bucket = sharedBucket(context);
  const there = await call(server, `look for bucket '${bucket}'`, () => server.client.bucketExists(bucket));
  if (!there && context.options.bucket !== undefined)
    throw new PlatformError(`there is no bucket '${bucket}' at ${server.account.endpoint.origin}`, {
      hint: 'make it, or leave `bucket` out of the storage: then sebs makes one',
    });
  if (!there) {
    const resource = { platform: context.platformId, kind: 'bucket', id: bucket };
    ledger.intend(resource);
    await createBucket(server, bucket);
    ledger.created(resource);
    ledger.kept(resource, 'holds inputs for later runs; `sebs resources clean` removes it when no other run uses it');
  }
  const objects = runObjects(runId, bucket, context);
  ledger.intend(objects);
  await upload(server, bucket, `${runPrefix(runId)}${MARKER}`, new Uint8Array());
  ledger.created(objects);
  return { bucket, inputs: 'inputs/', outputs: runPrefix(runId) };
}

async function createBucket(server: Omit<Server, 'own'>, bucket: string): Promise<void> {
  const name = checkedBucket(bucket);
  try {
    await withinDeadline(CALL_DEADLINE_MS, 'answer', server.client.makeBucket(name, server.account.region));
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'BucketAlreadyOwnedByYou') return;
    throw storageError(server, `make bucket '${name}'`, error);
  }
}

async function upload(server: Omit<Server, 'own'>, bucket: string, key: string, data: Uint8Array): Promise<void> {
  const [name, checked] = [checkedBucket(bucket), checkedKey(key)];
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  await call(
    server,
    `write '${checked}' in bucket '${name}'`,
    () => server.client.putObject(name, checked, bytes, bytes.byteLength),
    TRANSFER_DEADLINE_MS,
  );
}

async function download(server: Server, bucket: string, key: string): Promise<Uint8Array> {
  const [name, checked] = [checkedBucket(bucket), checkedKey(key)];
  return call(
    server,
    `read '${checked}' in bucket '${name}'`,
    async () => new Uint8Array(await buffer(await server.client.getObject(name, checked))),
    TRANSFER_DEADLINE_MS,
  );
}

async function list(server: Omit<Server, 'own'>, bucket: string, prefix = ''): Promise<StoredObject[]> {
  const [name, wanted] = [checkedBucket(bucket), checkedPrefix(prefix)];
  const found: StoredObject[] = [];
  await call(server, `list bucket '${name}'`, async () => {
    for await (const { name: key, size } of server.client.listObjectsV2(name, wanted, true))
      found.push({ key, bytes: size });
  });
  return found.sort((a, b) => (a.key < b.key ? -1 : 1));
}

async function remove(server: Server, bucket: string, key: string): Promise<void> {
  const [name, checked] = [checkedBucket(bucket), checkedKey(key)];
  await call(server, `remove '${checked}' in bucket '${name}'`, () => server.client.removeObject(name, checked));
}

async function clean(server: Omit<Server, 'own'>, bucket: string, prefix: string): Promise<number> {
  const objects = await list(server, bucket, prefix);
  if (objects.length === 0) return 0;
  const keys = objects.map(({ key }) => key);
  await call(server, `empty bucket '${bucket}'`, () => server.client.removeObjects(bucket, keys), TRANSFER_DEADLINE_MS);
  return keys.length;
}

async function removeBucket(server: Omit<Server, 'own'>, bucket: string): Promise<void> {
  if (!(await cleanIfThere(server, bucket, ''))) return;
  await call(server, `remove bucket '${bucket}'`, () => server.client.removeBucket(bucket));
}

/** Whether there is such a bucket. */
async function cleanIfThere(server: Omit<Server, 'own'>, bucket: string, prefix: string): Promise<boolean> {
  const name = checkedBucket(bucket);
  const there = await call(server, `look for bucket '${name}'`, () => server.client.bucketExists(name));
  if (there) await clean(server, name, prefix);
  return there;
}

/** Its inputs may be what another run is reading now. */
async function removeUnusedBucket(server: Omit<Server, 'own'>, bucket: string): Promise<void> {
  const there = await call(server, `look for bucket '${bucket}'`, () => server.client.bucketExists(bucket));
  if (!there) return;
  const runs = new Set((await list(server, bucket, 'runs/')).map(({ key }) => key.split('/')[1]));
  if (runs.size > 0)
    throw new PlatformError(`bucket '${bucket}' is used by ${[...runs].join(', ')}`, {
      hint: 'clean those runs first',
    });
  await removeBucket(server, bucket);
}

function functionEnv({ account, own }: Server, context: StorageContext, view: StorageView): Record<string, string> {
  const endpoint = endpointFor({ url: account.endpoint, own: own !== undefined, view, context });
  return {
    SEBS_STORAGE: 's3',
    SEBS_STORAGE_ENDPOINT: endpoint.origin,
    SEBS_STORAGE_REGION: account.region,
    SEBS_STORAGE_ACCESS_KEY: account.accessKey,
    SEBS_STORAGE_SECRET_KEY: account.secretKey,
  };
}

function sharedBucket({ options }: StorageContext): string {
  return typeof options.bucket === 'string' ? options.bucket : SHARED_BUCKET;
}

function runPrefix(runId: string): string {
  return `runs/${runId}/`;
}

function runObjects(runId: string, bucket: string, { platformId }: StorageContext): ResourceRef {
  return { platform: platformId, kind: 'objects', id: runId, location: bucket };
}

function dataDir({ scratchDir }: StorageContext): string {
  return join(scratchDir, 'minio');
}

async function call<T>(
  server: Omit<Server, 'own'>,
  what: string,
  work: () => Promise<T>,
  deadlineMs = CALL_DEADLINE_MS,
): Promise<T> {
  try {
    return await withinDeadline(deadlineMs, 'answer', work());
  } catch (error) {
    throw storageError(server, what, error);
  }
}

/** Without the cause: what the client throws may carry a request with its signature. */
function storageError({ account }: Omit<Server, 'own'>, what: string, error: unknown): PlatformError {
  const { code = '' } = error as { code?: string };
  const at = account.endpoint.origin;
  if (code === 'NoSuchKey') return new PlatformError(`cannot ${what}: there is no object of that name`);
  if (code === 'NoSuchBucket') return new PlatformError(`cannot ${what}: there is no such bucket at ${at}`);
  const hint = HINTS[code];
  const reason = hide(messageOf(error) || code, account);
  return new PlatformError(`cannot ${what} at ${at}: ${reason}`, hint === undefined ? {} : { hint });
}

const HINTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'start the server, or correct the endpoint of the storage',
  ENOTFOUND: 'correct the endpoint of the storage',
  InvalidAccessKeyId: 'look at what access_key of the storage refers to',
  SignatureDoesNotMatch: 'look at what secret_key of the storage refers to',
  AccessDenied: 'the keys of the storage need permission to list, read, write and remove objects',
};
