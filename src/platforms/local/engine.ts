// Platform `local`, the Docker engine: connects to the one of this machine and says what it is, or why it cannot be
// used and what to do. Comes in: the environment; goes out: an engine, or words. The only file that loads dockerode.
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';
import { messageOf, PlatformError } from '../../errors.js';
import type { DriverContext } from '../driver.js';

export type Client = Docker;

export interface Engine {
  client: Client;
  version: string;
  apiVersion: string;
  containerd: string | undefined;
  runc: string | undefined;
  storageDriver: string;
  cgroupVersion: string;
  /** Whether it can hold containers to their memory, and to memory and swap together. */
  limitsMemory: boolean;
  limitsSwap: boolean;
  cpus: number;
  memoryBytes: number;
  architecture: string;
  rootless: boolean;
  warnings: readonly string[];
}

/** Why there is no engine, in a sentence, and the next step. */
export interface NoEngine {
  problem: string;
  hint: string;
}

type Environment = DriverContext['env'];

/** Docker 20.10: the first that maps a name to the host and knows cgroup version 2. */
const OLDEST_API = '1.41';
const OLDEST_VERSION = '20.10';
const ANSWER_LIMIT_MS = 5_000;
/** How long an engine may take to be restarted. */
const RETURN_LIMIT_MS = 60_000;
const INSTALL_HINT = 'install Docker and start it (on Debian: apt-get install docker.io), or leave this platform out';

export async function connectEngine(env: Environment): Promise<Engine | NoEngine> {
  const place = socketOf(env);
  if ('problem' in place) return place;
  const { default: DockerClient } = await import('dockerode');
  // Everything is said, or the library would read the environment of the process itself.
  const client = new DockerClient({ ...NOWHERE, ...place });
  const impatient = new DockerClient({ ...NOWHERE, ...place, timeout: ANSWER_LIMIT_MS });
  try {
    const [version, info] = await Promise.all([impatient.version(), impatient.info()]);
    if (compareVersions(version.ApiVersion, OLDEST_API) < 0)
      return {
        problem: `Docker ${version.Version} is too old: its API is ${version.ApiVersion}, ${OLDEST_API} is needed`,
        hint: `install Docker ${OLDEST_VERSION} or newer`,
      };
    return describe(client, version as unknown as Loose, info as unknown as Loose);
  } catch (error) {
    return explain(error, place.socketPath ?? `${place.host}:${place.port}`);
  }
}

export function isEngine(found: Engine | NoEngine): found is Engine {
  return 'client' in found;
}

/** Whether an error says that the engine is not there, rather than that it refused something. */
export function isUnreachable(error: unknown): boolean {
  const { code, statusCode } = error as { code?: string; statusCode?: number };
  return statusCode === undefined && code !== undefined && UNREACHABLE.has(code);
}

/**
 * Does something that is not timed. An engine that went away in the middle is waited for, and it is done again: whoever
 * restarts an engine wants the suite to go on.
 */
export async function patiently<T>(client: Client, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isUnreachable(error)) throw error;
    await untilItAnswers(client, error);
    return work();
  }
}

/** Resolves at once where the engine answers. Throws the engine's last error when it does not come back in time. */
export async function untilItAnswers(client: Client, since?: unknown): Promise<void> {
  const until = performance.now() + RETURN_LIMIT_MS;
  for (let wait = 50, last = since; ; wait = Math.min(wait * 2, 1_000)) {
    try {
      await client.ping();
      return;
    } catch (error) {
      last = isUnreachable(error) ? error : last;
      if (performance.now() > until) throw engineError(`waited ${RETURN_LIMIT_MS / 1000} s for it`, last ?? error);
    }
    await delay(wait);
  }
}

/** An answer of the engine as an error that names the resource, the cause and the next step. */
export function engineError(what: string, cause: unknown): PlatformError {
  if (cause instanceof PlatformError) return cause;
  if (isUnreachable(cause))
    return new PlatformError(`${what}: the Docker engine does not answer (${messageOf(cause)})`, {
      cause,
      hint: 'it was stopped or restarted: see `docker info`, then go on with `sebs resume`',
    });
  return new PlatformError(`${what}: ${reasonOf(cause)}`, { cause });
}

export function hasStatus(error: unknown, ...statuses: readonly number[]): boolean {
  return statuses.includes((error as { statusCode?: number }).statusCode ?? 0);
}

const UNREACHABLE = new Set(['ECONNREFUSED', 'ENOENT', 'ECONNRESET', 'EPIPE', 'EACCES', 'ETIMEDOUT']);
const NOWHERE = {
  host: undefined,
  port: undefined,
  socketPath: undefined,
  ca: undefined,
  cert: undefined,
  key: undefined,
};

type Socket =
  | { socketPath: string; host?: undefined; port?: undefined }
  | { socketPath?: undefined; host: string; port: string };

/** Sandboxes answer on 127.0.0.1 and their packages are folders of this machine, so the engine must be here too. */
function socketOf(env: Environment): Socket | NoEngine {
  const asked = env.DOCKER_HOST ?? '';
  if (asked.startsWith('unix://')) return { socketPath: asked.slice('unix://'.length) };
  if (asked !== '') {
    const url = URL.canParse(asked) ? new URL(asked) : undefined;
    if (url?.protocol === 'tcp:' && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname))
      return { host: url.hostname, port: url.port || '2375' };
    return {
      problem: 'DOCKER_HOST names a Docker engine on another machine, or in a way that sebs does not speak',
      hint: 'functions answer on 127.0.0.1: set DOCKER_HOST to a socket of this machine (unix:///var/run/docker.sock)',
    };
  }
  const places = [
    '/var/run/docker.sock',
    ...(env.XDG_RUNTIME_DIR === undefined ? [] : [join(env.XDG_RUNTIME_DIR, 'docker.sock')]),
    join(env.HOME ?? homedir(), '.docker', 'run', 'docker.sock'),
  ];
  return { socketPath: places.find((path) => existsSync(path)) ?? '/var/run/docker.sock' };
}

function explain(error: unknown, where: string): NoEngine {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return { problem: `there is no Docker engine on this host (no ${where})`, hint: INSTALL_HINT };
  if (code === 'ECONNREFUSED')
    return { problem: `no Docker engine listens at ${where}`, hint: 'start it: systemctl start docker, or dockerd' };
  if (code === 'EACCES' || code === 'EPERM')
    return {
      problem: `this user may not use the Docker engine at ${where}`,
      hint: 'add the user to the group docker (usermod -aG docker USER) and log in again, or use rootless Docker',
    };
  return { problem: `the Docker engine at ${where} does not answer: ${reasonOf(error)}`, hint: 'see `docker info`' };
}

type Loose = Readonly<Record<string, unknown>>;

function describe(client: Client, version: Loose, info: Loose): Engine {
  const components = (version.Components ?? []) as { Name: string; Version: string }[];
  const part = (name: string): string | undefined => components.find(({ Name }) => Name === name)?.Version;
  const security = (info.SecurityOptions ?? []) as string[];
  return {
    client,
    version: String(version.Version),
    apiVersion: String(version.ApiVersion),
    containerd: part('containerd'),
    runc: part('runc'),
    storageDriver: String(info.Driver),
    cgroupVersion: String(info.CgroupVersion ?? '1'),
    limitsMemory: info.MemoryLimit === true,
    limitsSwap: info.SwapLimit === true || info.CgroupVersion === '2',
    cpus: Number(info.NCPU),
    memoryBytes: Number(info.MemTotal),
    architecture: String(info.Architecture) === 'aarch64' ? 'arm64' : 'x64',
    rootless: security.some((option) => option.includes('rootless')),
    warnings: ((info.Warnings ?? []) as string[]).map(String),
  };
}

/** The engine's own sentence, without what the library puts around it. */
function reasonOf(error: unknown): string {
  const { json, reason } = error as { json?: { message?: string }; reason?: string };
  return json?.message ?? reason ?? messageOf(error);
}

/** Below 0 when the first is older. */
export function compareVersions(one: string, other: string): number {
  const [a, b] = [one, other].map((version) => version.split('.').map(Number));
  for (let i = 0; i < Math.max(a?.length ?? 0, b?.length ?? 0); i += 1) {
    const difference = (a?.[i] ?? 0) - (b?.[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
