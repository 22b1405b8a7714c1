// `sebs storage start|stop [KIND]`: storage servers that stay until they are stopped, for suites that name an endpoint.
// Comes in: which kinds (all without a choice); goes out: addresses, and how a suite uses them. What is known of a server
// (its process, its address, its keys) lies in the user's state folder, readable for the user alone, and what was started
// is in a ledger beside it. A server is ended as the process that it is, never by its name.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { EXIT, UsageError } from '../errors.js';
import type { ResourceRef } from '../generated/ledger.js';
import { acquireLock } from '../host/lock.js';
import { lifeOf, ownIdentity, type ProcessIdentity, startTicksOf } from '../host/processes.js';
import { killAll } from '../host/tagged.js';
import { type OpenLedger, openLedger } from '../run/ledger.js';
import type { LastingServer, RunningServer, ServerOwner } from '../storage/server.js';
import type { CommandContext, CommandResult } from './command.js';

export const SERVER_KINDS = ['minio', 'dynamodb'] as const;
export type ServerKind = (typeof SERVER_KINDS)[number];

export interface StorageStartOptions {
  kind?: ServerKind;
  /** Absent: any that is free. */
  port?: number;
}

export interface StorageStopOptions {
  kind?: ServerKind;
  /** Remove what is stored too. */
  data: boolean;
}

interface Keys {
  accessKey: string;
  secretKey: string;
}

/** `<state folder>/<kind>.json` */
interface KnownServer {
  kind: ServerKind;
  endpoint: string;
  process: ProcessIdentity;
  started_at: string;
}

/** What `sebs resources list` calls the run of a server that belongs to none. */
const OWNER = 'storage-start';
const HOST = '127.0.0.1';
/** Where suites write it, and what servers call their keys. */
const KEY_OF_PLATFORM: Readonly<Record<ServerKind, string>> = { minio: 'storage', dynamodb: 'nosql' };

export async function storageStart(
  { kind, port }: StorageStartOptions,
  { env, signals }: CommandContext,
): Promise<CommandResult> {
  if (port !== undefined && kind === undefined)
    throw new UsageError('--port is for one server', { hint: `name it: ${SERVER_KINDS.join(' or ')}` });
  const lines: string[] = [];
  const servers = await locked(env, async (folder, ledger) => {
    const started: KnownServer[] = [];
    for (const wanted of kind === undefined ? SERVER_KINDS : [kind]) {
      const known = livingServer(folder, wanted);
      const server = known ?? (await start(wanted, folder, ledger, { env, port, signal: signals.drain }));
      lines.push(startedText(server, known !== undefined, folder));
      started.push(server);
    }
    return started;
  });
  const data = servers.map((server) => ({ ...server, environment: envFile(stateFolder(env), server.kind) }));
  return { exitCode: EXIT.ok, text: lines.join('\n\n'), data };
}

export async function storageStop({ kind, data }: StorageStopOptions, { env }: CommandContext): Promise<CommandResult> {
  const outcomes = await locked(env, async (folder, ledger) => {
    const stopped: { kind: ServerKind; outcome: 'stopped' | 'not running' }[] = [];
    for (const wanted of kind === undefined ? SERVER_KINDS : [kind]) {
      const known = livingServer(folder, wanted);
      if (known !== undefined) await stop(known, ledger);
      rmSync(stateFile(folder, wanted), { force: true });
      if (data) for (const path of [dataFolder(folder, wanted), envFile(folder, wanted)]) remove(path);
      stopped.push({ kind: wanted, outcome: known === undefined ? 'not running' : 'stopped' });
    }
    return stopped;
  });
  const text = outcomes.map(({ kind: name, outcome }) => `${name}: ${outcome}`).join('\n');
  return { exitCode: EXIT.ok, text, data: outcomes };
}

/** One `storage` command at a time. */
async function locked<T>(
  env: CommandContext['env'],
  work: (folder: string, ledger: OpenLedger) => Promise<T>,
): Promise<T> {
  const folder = stateFolder(env);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = await acquireLock(join(folder, 'lock'), { wait: true });
  const ledger = openLedger(join(folder, 'ledger.jsonl'));
  try {
    return await work(folder, ledger);
  } finally {
    ledger.close();
    lock.release();
  }
}

async function start(
  kind: ServerKind,
  folder: string,
  ledger: OpenLedger,
  { env, port, signal }: { env: CommandContext['env']; port: number | undefined; signal: AbortSignal },
): Promise<KnownServer> {
  const keys = keysOf(folder, kind);
  const resource = resourceOf(kind);
  const context = { env, place: { listen: HOST, address: HOST }, ...ownerOf(kind), signal };
  const lasting: LastingServer = port === undefined ? {} : { port };
  ledger.intend(resource);
  const server = await launch(kind, context, keys, dataFolder(folder, kind), lasting).catch((error: unknown) => {
    ledger.removed(resource);
    throw error;
  });
  const started = startTicksOf(server.pid);
  const known: KnownServer = {
    kind,
    endpoint: `http://${HOST}:${server.port}`,
    process: { ...ownIdentity(), pid: server.pid, ...(started === undefined ? {} : { started }) },
    started_at: new Date().toISOString(),
  };
  writeFileSync(stateFile(folder, kind), `${JSON.stringify(known, null, 1)}\n`);
  writeFileSync(envFile(folder, kind), environmentText(known, keys), { mode: 0o600 });
  ledger.created(resource);
  return known;
}

type ServerContext = Parameters<typeof import('../storage/minio-server.js').startMinio>[0];

async function launch(
  kind: ServerKind,
  context: ServerContext,
  keys: Keys,
  folder: string,
  lasting: LastingServer,
): Promise<RunningServer> {
  if (kind === 'minio') return (await import('../storage/minio-server.js')).startMinio(context, keys, folder, lasting);
  return (await import('../storage/dynamodb.js')).startDynamodb(context, folder, lasting);
}

async function stop({ kind, process: identity }: KnownServer, ledger: OpenLedger): Promise<void> {
  await killAll(() => (lifeOf(identity) === 'alive' ? [-identity.pid] : []));
  ledger.removed(resourceOf(kind));
}

function livingServer(folder: string, kind: ServerKind): KnownServer | undefined {
  const file = stateFile(folder, kind);
  if (!existsSync(file)) return undefined;
  const known = JSON.parse(readFileSync(file, 'utf8')) as KnownServer;
  return lifeOf(known.process) === 'alive' ? known : undefined;
}

/** The ones of before, so that a shell that knows them goes on working. */
function keysOf(folder: string, kind: ServerKind): Keys {
  const file = envFile(folder, kind);
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const value = (name: string): string | undefined => new RegExp(`^export ${name}=(\\w+)$`, 'm').exec(text)?.[1];
  const names = namesOf(kind);
  return {
    accessKey: value(names.accessKey) ?? randomBytes(10).toString('hex'),
    secretKey: value(names.secretKey) ?? randomBytes(20).toString('hex'),
  };
}

function namesOf(kind: ServerKind): Keys & { endpoint: string } {
  const start = `SEBS_${kind.toUpperCase()}`;
  return { endpoint: `${start}_ENDPOINT`, accessKey: `${start}_ACCESS_KEY`, secretKey: `${start}_SECRET_KEY` };
}

function environmentText({ kind, endpoint }: KnownServer, { accessKey, secretKey }: Keys): string {
  const names = namesOf(kind);
  const lines = [
    [names.endpoint, endpoint],
    [names.accessKey, accessKey],
    [names.secretKey, secretKey],
  ];
  return lines.map(([name, value]) => `export ${name}=${value}\n`).join('');
}

function startedText({ kind, endpoint }: KnownServer, already: boolean, folder: string): string {
  const names = namesOf(kind);
  const reference = (name: string): string => `"\${${name}}"`;
  return [
    `${kind} ${already ? 'is running already' : 'serves'} at ${endpoint}`,
    `  . ${envFile(folder, kind)}`,
    '  and in the suite, at the platform:',
    `  ${KEY_OF_PLATFORM[kind]}: { kind: ${kind}, endpoint: ${reference(names.endpoint)}, access_key: ${reference(names.accessKey)}, secret_key: ${reference(names.secretKey)} }`,
    `  it stays until: sebs storage stop ${kind}`,
  ].join('\n');
}

function ownerOf(kind: ServerKind): ServerOwner {
  return { runId: OWNER, platformId: kind };
}

function resourceOf(kind: ServerKind): ResourceRef {
  return { platform: kind, kind: 'server', id: OWNER };
}

function stateFolder(env: CommandContext['env']): string {
  const base = env.XDG_STATE_HOME;
  return join(base === undefined || base === '' ? join(homedir(), '.local', 'state') : base, 'sebs', 'storage');
}

function stateFile(folder: string, kind: ServerKind): string {
  return join(folder, `${kind}.json`);
}

function envFile(folder: string, kind: ServerKind): string {
  return join(folder, `${kind}.env`);
}

function dataFolder(folder: string, kind: ServerKind): string {
  return join(folder, `${kind}-data`);
}

function remove(path: string): void {
  rmSync(path, { recursive: true, force: true });
}
