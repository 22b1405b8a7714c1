// A storage server that sebs runs itself, as a process of this host: for one run, which ends it, or until `sebs storage
// stop`. Comes in: a command and how to see that it serves; goes out: its address, and its end. A run's server carries
// the run in its environment, so that a later process finds it, and ends with the process that started it, however that
// one ends: a shell around it waits for the end of a pipe.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PlatformError } from '../errors.js';
import type { ResourceRef } from '../generated/ledger.js';
import { kill, killAll, processesWith } from '../host/tagged.js';
import type { StorageContext, StorageView } from './storage.js';

/** `<run id> <platform id>` of whoever the server is for. */
export const OWNER_TAG = 'SEBS_SERVER_OF';

/** Where a server of this host listens, and the name by which functions reach it there. */
export interface ServerPlace {
  listen: string;
  address: string;
}

export interface ServerOptions {
  name: string;
  owner: ServerOwner;
  place: ServerPlace;
  command(host: string, port: number): readonly string[];
  env: Readonly<Record<string, string>>;
  /** Whether it serves at this `host:port`. */
  serves(at: string): Promise<boolean>;
  logFile: string;
  /** Absent: any that is free. */
  port?: number;
  /** Whether it ends with this process. */
  attached: boolean;
  signal: AbortSignal;
}

/** One that outlives the process that starts it. */
export type LastingServer = Pick<ServerOptions, 'port'>;

export interface ServerOwner {
  runId: string;
  platformId: string;
}

export interface RunningServer {
  port: number;
  pid: number;
  /** Kills it and waits until it is gone; twice is fine. */
  end(): Promise<void>;
}

const READY_DEADLINE_MS = 30_000;
/** A port that was free a moment ago may be taken. */
const START_ATTEMPTS = 3;
const LOG_TAIL_BYTES = 2_000;

/** The first ends the group, which the command is in, when the other end of the pipe is closed. */
const WITH_ITS_OWNER = `
exec 3<&0 </dev/null
(while read -r word <&3; do :; done; kill -9 -$$) &
watch=$!
"$@" 3<&-
code=$?
kill -9 $watch 2>/dev/null
exit $code`;

/** Throws PlatformError with the end of its log. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await freePort(options.place.listen));
    const server = launch(options, port);
    const failure = await failureOf(server, options, port);
    if (failure === undefined) return { port, pid: server.pid, end: () => endServer(server) };
    await endServer(server);
    if (attempt === START_ATTEMPTS || options.port !== undefined || options.signal.aborted)
      throw new PlatformError(`${options.name} does not start: ${failure}${logTail(options.logFile)}`);
  }
}

export interface EndpointQuestion {
  url: URL;
  /** Whether the run started it. */
  own: boolean;
  view: StorageView;
  context: Pick<StorageContext, 'place' | 'platformId'>;
}

/** The address of a server as functions see it. */
export function endpointFor({ url, own, view, context: { place, platformId } }: EndpointQuestion): URL {
  const endpoint = new URL(url);
  if (own && view === 'container') endpoint.hostname = place.address;
  const here = /^(localhost|127\..*|\[::1\])$/.test(endpoint.hostname);
  if ((here && view !== 'host') || (own && view === 'cloud'))
    throw new PlatformError(`${platformId}: the storage at ${endpoint.origin} cannot be seen from a ${view}`, {
      hint: 'name an endpoint that functions can reach',
    });
  return endpoint;
}

/** Servers that were started for runs, by their environments. */
export function listServers(wanted?: string): (ResourceRef & { runId: string })[] {
  const found = processesWith((value) => ownerIn(value(OWNER_TAG))).filter(
    ({ runId }) => wanted === undefined || runId === wanted,
  );
  const refs = found.map(({ runId, platformId }) => ({ ...serverResource({ runId, platformId }), runId }));
  return [...new Map(refs.map((ref) => [`${ref.platform}/${ref.id}`, ref])).values()];
}

/** All servers of one platform in one run are one resource: they end together. */
export function serverResource({ runId, platformId }: ServerOwner): ResourceRef {
  return { platform: platformId, kind: 'server', id: runId };
}

/** Ends the servers of a run and platform, also those that an earlier process started. */
export async function removeServers({ platform, id }: ResourceRef): Promise<void> {
  const left = await killAll(() =>
    processesWith((value) => ownerIn(value(OWNER_TAG)))
      .filter((owner) => owner.runId === id && owner.platformId === platform)
      .map(({ pid }) => pid),
  );
  if (left.length > 0) throw new PlatformError(`servers ${left.join(', ')} of run ${id} do not end after SIGKILL`);
}

function ownerIn(tag: string | undefined): ServerOwner | undefined {
  const [runId, platformId] = tag?.split(' ') ?? [];
  return runId === undefined || platformId === undefined ? undefined : { runId, platformId };
}

interface Launched {
  pid: number;
  child: ChildProcess;
  exited: Promise<void>;
}

function launch({ owner, place, command, env, logFile, attached }: ServerOptions, port: number): Launched {
  const words = command(place.listen, port);
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'a', 0o600);
  const [program = '', ...args] = attached ? ['/bin/sh', '-c', WITH_ITS_OWNER, 'sebs-server', ...words] : words;
  const child = spawn(program, args, {
    cwd: '/',
    detached: true,
    stdio: [attached ? 'pipe' : 'ignore', log, log],
    env: { ...env, [OWNER_TAG]: `${owner.runId} ${owner.platformId}` },
  });
  closeSync(log);
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  child.stdin?.on('error', () => undefined);
  child.unref();
  return { pid: child.pid ?? 0, child, exited };
}

/** undefined once it serves. */
async function failureOf(
  { child, exited }: Launched,
  options: ServerOptions,
  port: number,
): Promise<string | undefined> {
  const at = hostPort(options.place.listen, port);
  const until = performance.now() + READY_DEADLINE_MS;
  let gone = false;
  void exited.then(() => {
    gone = true;
  });
  while (!gone) {
    if (options.signal.aborted) return 'the run was stopped';
    if (await options.serves(at)) return undefined;
    if (performance.now() > until) return `it does not serve after ${READY_DEADLINE_MS / 1000} s`;
    await Promise.race([exited, delay(20)]);
  }
  return child.pid === undefined ? 'its program cannot be started' : `it ended with code ${child.exitCode}`;
}

async function endServer({ pid, child, exited }: Launched): Promise<void> {
  if (pid === 0) return;
  // Sebs does not wait for a server; but for its end it does.
  child.ref();
  kill(-pid);
  await exited;
}

function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, host, () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

export function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function logTail(file: string): string {
  try {
    const text = readFileSync(file, 'utf8').slice(-LOG_TAIL_BYTES).trim();
    return text === '' ? '' : `; it wrote last: ${text}`;
  } catch {
    return '';
  }
}
