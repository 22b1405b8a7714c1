// Platform `local`, what a sandbox is allowed: the container that the engine is asked for. Comes in: a deployment, the
// platform's options, an image; goes out: the request, in the engine's words. Pure. Bare comparisons in bench/ use the
// same request, so that both are held to the same limits.
import type { ContainerCreateOptions } from 'dockerode';
import { BYTES_PER_MB } from '../../units.js';
import type { Network } from '../driver.js';
import type { Labels } from './tags.js';

/** The platform's entry in a suite. */
export interface LocalOptions {
  /** Cores, or as many as AWS Lambda gives for the memory. */
  cpus: number | 'by-memory';
  cpuset?: string;
  pids: number;
  tmpMb: number;
}

export interface SandboxRequest {
  id: string;
  image: string;
  packagePath: string;
  memoryMb: number | null;
  network: Network;
  /** Name of the network of the run; for `bridge`. */
  networkName: string;
  labels: Labels;
  environment: Readonly<Record<string, string>>;
  options: LocalOptions;
}

/** Where the worker listens in a network of its own. */
export const PORT = 9000;
/** AWS Lambda gives a whole core at 1,769 MB, and less or more in proportion. */
const MB_PER_CORE = 1769;
const DEFAULTS = { cpus: 1, pids: 256, tmpMb: 512 };

export function localOptions(options: Readonly<Record<string, unknown>>): LocalOptions {
  const { cpus, cpuset, pids, tmp } = options;
  return {
    cpus: cpus === 'by-memory' || typeof cpus === 'number' ? cpus : DEFAULTS.cpus,
    ...(typeof cpuset === 'string' ? { cpuset } : {}),
    pids: typeof pids === 'number' ? pids : DEFAULTS.pids,
    tmpMb: typeof tmp === 'number' ? tmp : DEFAULTS.tmpMb,
  };
}

/** Cores of a sandbox; 'by-memory' without a memory setting is one. */
export function coresOf(cpus: LocalOptions['cpus'], memoryMb: number | null): number {
  if (cpus !== 'by-memory') return cpus;
  return memoryMb === null ? 1 : Math.round((memoryMb / MB_PER_CORE) * 1000) / 1000;
}

/** `containerRequest`: read-only, without capabilities, bounded in memory, processes, temporary files and cores. */
export function containerRequest(request: SandboxRequest): ContainerCreateOptions {
  const { image, packagePath, memoryMb, network, networkName, labels, options } = request;
  const ownNetwork = network === 'bridge';
  const port = `${PORT}/tcp`;
  return {
    Image: image,
    Labels: { ...labels },
    Env: Object.entries(environmentOf(request)).map(([name, value]) => `${name}=${value}`),
    AttachStdout: true,
    AttachStderr: true,
    ...(ownNetwork ? { ExposedPorts: { [port]: {} } } : {}),
    HostConfig: {
      ReadonlyRootfs: true,
      Tmpfs: { '/tmp': `rw,exec,nosuid,nodev,mode=1777,size=${options.tmpMb}m` },
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      PidsLimit: options.pids,
      NanoCpus: Math.round(coresOf(options.cpus, memoryMb) * 1e9),
      ...(options.cpuset === undefined ? {} : { CpusetCpus: options.cpuset }),
      // Swap counts as memory, or a function above its limit would only get slow.
      ...(memoryMb === null ? {} : { Memory: memoryMb * BYTES_PER_MB, MemorySwap: memoryMb * BYTES_PER_MB }),
      // A first process that reaps what the function leaves, so that signals and exit codes mean what they mean elsewhere.
      Init: true,
      // What it writes is read as it comes; the engine keeps no second copy that could fill a disk.
      LogConfig: { Type: 'none', Config: {} },
      NetworkMode: ownNetwork ? networkName : 'host',
      ...(ownNetwork
        ? {
            PortBindings: { [port]: [{ HostIp: '127.0.0.1', HostPort: '' }] },
            ExtraHosts: ['host.docker.internal:host-gateway'],
          }
        : {}),
      Mounts: [{ Type: 'bind', Source: packagePath, Target: '/function', ReadOnly: true }],
    },
  };
}

function environmentOf({ id, network, environment }: SandboxRequest): Record<string, string> {
  const listen =
    network === 'bridge'
      ? { SEBS_LISTEN_HOST: '0.0.0.0', SEBS_LISTEN_PORT: String(PORT) }
      : { SEBS_LISTEN_HOST: '127.0.0.1', SEBS_LISTEN_PORT: '0' };
  return { ...environment, ...listen, SEBS_CONTROL_FD: 'none', SEBS_SANDBOX_ID: id };
}
