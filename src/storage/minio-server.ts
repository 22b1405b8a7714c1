// The MinIO server that a run starts for itself, or `sebs storage start` for several: the `minio` program of this host.
// Comes in: an account that nobody has yet; goes out: a server that knows it. The keys reach it by its environment, not
// by its command line, and it writes no greeting with them.
import { accessSync, constants, mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { PlatformError } from '../errors.js';
import type { Account } from './choice.js';
import { hostPort, type LastingServer, type RunningServer, startServer } from './server.js';
import type { StorageContext } from './storage.js';

export const NO_MINIO = 'there is no MinIO server on this host: no program `minio` on PATH';

type ServerContext = Pick<StorageContext, 'env' | 'place' | 'platformId' | 'runId' | 'signal'>;

export async function startMinio(
  context: ServerContext,
  { accessKey, secretKey }: Pick<Account, 'accessKey' | 'secretKey'>,
  folder: string,
  lasting?: LastingServer,
): Promise<RunningServer> {
  const { env, place, platformId, runId, signal } = context;
  const program = minioProgram(env);
  if (program === undefined)
    throw new PlatformError(NO_MINIO, {
      hint: 'install it, or name a server of your own: storage: { kind: minio, endpoint: …, access_key: …, secret_key: … }',
    });
  const data = join(folder, 'data');
  mkdirSync(data, { recursive: true });
  return startServer({
    name: 'MinIO',
    owner: { runId, platformId },
    place,
    command: (host, port) => [
      program,
      'server',
      '--quiet',
      '--address',
      hostPort(host, port),
      '--console-address',
      '127.0.0.1:0',
      data,
    ],
    env: {
      PATH: env.PATH ?? '',
      HOME: folder,
      MINIO_ROOT_USER: accessKey,
      MINIO_ROOT_PASSWORD: secretKey,
      MINIO_BROWSER: 'off',
      MINIO_UPDATE: 'off',
      MINIO_CALLHOME_ENABLE: 'off',
    },
    serves: (at) => serves(at, { accessKey, secretKey }),
    logFile: join(folder, 'server.log'),
    attached: lasting === undefined,
    ...lasting,
    signal,
  });
}

/** Absolute; undefined where PATH has none. */
export function minioProgram(env: Readonly<Record<string, string | undefined>>): string | undefined {
  return (env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, 'minio'))
    .find(isProgram);
}

/** A request that is signed: the server answers others before it knows its users. */
async function serves(at: string, keys: Pick<Account, 'accessKey' | 'secretKey'>): Promise<boolean> {
  // Loaded here: whoever only asks for the program needs no client.
  const { Client } = await import('minio');
  const { hostname, port } = new URL(`http://${at}`);
  const endPoint = hostname.replace(/^\[|\]$/g, '');
  const client = new Client({
    ...keys,
    endPoint,
    port: Number(port),
    useSSL: false,
    retryOptions: { disableRetry: true },
  });
  return client.listBuckets().then(
    () => true,
    () => false,
  );
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
