// Platform `process`: plain processes of this host as functions, the embedded default that needs no engine. One child
// process group is one sandbox; a cold start is a new process, a warm one the same again. Comes in: deployments of code
// packages of kind `directory`; goes out: endpoints that place each request in a sandbox. See docs/platforms/process.md.
import { randomBytes } from 'node:crypto';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { buildCodePackage } from '../../benchmarks/package.js';
import { PackageError, PlatformError } from '../../errors.js';
import { PACKAGE_ROOT } from '../../package-root.js';
import { BYTES_PER_MB } from '../../units.js';
import type {
  Capabilities,
  Deployment,
  DeploymentRequest,
  DriverContext,
  Endpoint,
  PackageRequest,
  PlatformDriver,
} from '../driver.js';
import { createSandboxPool, type SandboxPool } from '../sandbox-pool.js';
import { checkHost } from './doctor.js';
import { awaitCleanUp } from './guard.js';
import { type HostRuntimes, probeHost, type Runtime, workerCommand } from './host.js';
import { bestLimitWay, createMemoryLimiter, type LimitWay } from './memory-limit.js';
import { reservedMbOf } from './reserve.js';
import { createResources, listResources } from './resources.js';
import { startSandbox } from './sandbox.js';
import { PLATFORM_TAG, RUN_TAG, SANDBOX_TAG } from './tags.js';

/** What tests set to see every way on one host. */
export interface DriverOverrides {
  memoryLimitBy?: LimitWay;
  readyDeadlineMs?: number;
}

const READY_DEADLINE_MS = 30_000;
/** What both runtimes start with and have something left. Measured: Node.js 20 holds 45 MB resident, Python 3.11 12 MB. */
const LEAST_MEMORY_MB = 64;
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Looks at the host; when an earlier part of the run was killed, waits for its clean-up first. */
export async function createDriver(context: DriverContext, overrides: DriverOverrides = {}): Promise<PlatformDriver> {
  const [host] = await Promise.all([
    probeHost(context.env),
    context.runId === '' ? undefined : awaitCleanUp(context.runId, context.signal),
  ]);
  return driverOn(host, context, overrides);
}

function driverOn(host: HostRuntimes, context: DriverContext, overrides: DriverOverrides): PlatformDriver {
  const { platformId, runId, logDir, env } = context;
  const path = env.PATH ?? DEFAULT_PATH;
  const functions = new Map<string, { content: string; deployed: SandboxPool; deployment: Deployment }>();
  const reserves = new Map<string, Promise<number>>();
  const limitWay = overrides.memoryLimitBy ?? bestLimitWay();
  const resources = createResources(context, path, { limitWay, endFunctions });
  const limiter = createMemoryLimiter(limitWay, resources.runGroup);

  async function endFunctions(): Promise<void> {
    const ending = [...functions.values()];
    functions.clear();
    await Promise.all(ending.map(({ deployed }) => deployed.close()));
  }

  function functionOf(request: DeploymentRequest, runtime: Runtime, reservedMb: number): SandboxPool {
    const { deployment, code, environment } = request;
    return createSandboxPool({
      name: deployment.id,
      trouble: (text) => context.note('warning', text),
      start(options) {
        const id = `${deployment.id}-${randomBytes(6).toString('hex')}`;
        return startSandbox(
          {
            id,
            command: workerCommand(runtime, code.path),
            environment: {
              PATH: path,
              LANG: 'C.UTF-8',
              ...environment,
              [RUN_TAG]: runId,
              [PLATFORM_TAG]: platformId,
              [SANDBOX_TAG]: id,
            },
            memoryMb: deployment.memory_mb,
            reservedMb,
            limiter,
            folder: join(resources.sandboxDir, encodeURIComponent(id)),
            logFile: join(logDir, encodeURIComponent(deployment.id), `${encodeURIComponent(id)}.log`),
            readyDeadlineMs: overrides.readyDeadlineMs ?? READY_DEADLINE_MS,
          },
          options,
        );
      },
    });
  }

  /** Asked once for each runtime, and only where a limit counts it. */
  function reservedBy(runtime: Runtime): Promise<number> {
    if (limitWay !== 'rlimit-data') return Promise.resolve(0);
    const known = reserves.get(runtime.language) ?? reservedMbOf(runtime);
    reserves.set(runtime.language, known);
    return known;
  }

  function runtimeOf(language: string, version: string): Runtime {
    const runtime = host.found.find((found) => found.language === language && found.version === version);
    if (runtime !== undefined) return runtime;
    const have = host.found.map((found) => `${found.language}@${found.version}`).join(', ');
    throw new PlatformError(`${platformId}: this host has no ${language}@${version}`, {
      hint: host.missing[language] ?? `it has ${have}`,
    });
  }

  function deployedOf({ id }: Deployment): SandboxPool {
    const known = functions.get(id);
    if (known === undefined)
      throw new PlatformError(`${platformId}: function ${id} is not deployed`, { hint: 'deploy it before it is used' });
    return known.deployed;
  }

  return {
    type: 'process',
    capabilities: capabilitiesOf(host),

    async prepare() {
      const runtimes = host.found.map(({ language, fullVersion }) => [language, fullVersion]);
      return { runtimes: Object.fromEntries(runtimes), memory_limit_by: limitWay };
    },

    async buildPackage({ package: planned, catalogue }: PackageRequest) {
      const { language, language_version: version, architecture, kind } = planned;
      const benchmark = catalogue.benchmarks.get(planned.benchmark);
      if (benchmark === undefined || kind !== 'directory')
        throw new PackageError(`${platformId} cannot build ${planned.benchmark} as ${kind}`, {
          hint: 'it builds benchmarks of the catalogue as directory',
        });
      const runtime = runtimeOf(language, version);
      return buildCodePackage({
        benchmark,
        language,
        runtime: { version: runtime.fullVersion, executable: runtime.executable },
        architecture,
        wrapperDir: join(PACKAGE_ROOT, 'benchmarks', 'wrappers', 'process', language),
        kind,
        cacheDir: context.cacheDir,
        signal: context.signal,
        env,
        onWait: (holder) => context.note('info', `process ${holder.pid} builds ${planned.benchmark}; waiting for it`),
      });
    },

    async deploy(request) {
      const { deployment, package: planned, code, environment } = request;
      const runtime = runtimeOf(planned.language, planned.language_version);
      const content = JSON.stringify([code.sha256, code.path, deployment.memory_mb, environment]);
      const known = functions.get(deployment.id);
      if (known?.content === content) return known.deployment;
      await known?.deployed.close();
      const reservedMb = await reservedBy(runtime);
      const made: Deployment = {
        id: deployment.id,
        resource: resources.hold(deployment.memory_mb !== null),
        facts: { runtime: `${runtime.language} ${runtime.fullVersion}`, memory_mb: deployment.memory_mb },
      };
      functions.set(deployment.id, { content, deployed: functionOf(request, runtime, reservedMb), deployment: made });
      return made;
    },

    async endpoint(deployment, trigger): Promise<Endpoint> {
      if (trigger !== 'http')
        throw new PlatformError(`${platformId} has no trigger ${trigger}`, { hint: 'it has http' });
      deployedOf(deployment);
      return {
        origin: '',
        path: '/',
        method: 'POST',
        headers: {},
        // Looked up at each request: the function may have been deployed again.
        place: async (options) => deployedOf(deployment).place(options),
      };
    },

    forceColdStart: async (deployment) => deployedOf(deployment).endSandboxes(),
    endSandboxes: async (deployment) => deployedOf(deployment).endSandboxes(),
    collect: async () => ({ rows: [], coverage: null }),
    remove: (resource) => resources.remove(resource),
    list: async (wanted) => listResources(context, wanted),
    doctor: async () => checkHost(host, limitWay),

    async close() {
      await endFunctions();
      await resources.close();
    },
  };
}

function capabilitiesOf(host: HostRuntimes): Capabilities {
  return {
    ...nominalCapabilities(),
    languages: Object.fromEntries(host.found.map(({ language, version }) => [language, [version]])),
    missing: host.missing,
  };
}

/** Languages as they are on most hosts. */
export function nominalCapabilities(): Capabilities {
  return {
    languages: { python: ['3.13', '3.12', '3.11', '3.10', '3.9'], nodejs: ['24', '22', '20'] },
    missing: {},
    architectures: [process.arch],
    memory: { min: LEAST_MEMORY_MB, max: Math.floor(totalmem() / BYTES_PER_MB) },
    maxTimeoutS: 24 * 3600,
    triggers: ['http'],
    packageKinds: ['directory'],
    forceColdStart: true,
    sandboxesEndWithBlock: true,
    sharesClientHost: true,
    maxConcurrency: 1000,
    maxPayloadBytes: 64 * BYTES_PER_MB,
    storage: ['directory', 'minio'],
    nosql: ['dynamodb'],
    storageView: 'host',
    bringsOwnFunction: false,
    providerMetrics: [],
    coldStartOverheadS: 0.05,
    notYetSeen: ['memory limits by cgroup v2', 'macOS'],
  };
}
