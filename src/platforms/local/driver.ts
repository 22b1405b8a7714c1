// Platform `local`: containers of this machine's Docker engine as functions, with real limits. One container is one
// sandbox; a cold start is a new container, one that is started again, or one that goes on after a pause. Comes in:
// deployments of packages that were made in the build image; goes out: endpoints that place each request in a sandbox.
// See docs/platforms/local.md.
import { randomBytes } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildCodePackage } from '../../benchmarks/package.js';
import { PackageError, PlatformError } from '../../errors.js';
import { PACKAGE_ROOT } from '../../package-root.js';
import { BYTES_PER_MB } from '../../units.js';
import type {
  Capabilities,
  ColdLevel,
  Deployment,
  DeploymentRequest,
  DriverContext,
  Endpoint,
  Network,
  PackageRequest,
  PlatformDriver,
} from '../driver.js';
import { createSandboxPool, type SandboxPool } from '../sandbox-pool.js';
import { startContainer } from './container.js';
import { checkEngine } from './doctor.js';
import {
  type Client,
  connectEngine,
  type Engine,
  engineError,
  hasStatus,
  isEngine,
  type NoEngine,
  untilItAnswers,
} from './engine.js';
import { ensureImages, type LanguageImages, listImages, OFFERED, pruneImages } from './images.js';
import { createMetering } from './metering.js';
import { containerBuilder } from './packaging.js';
import { createResources, listResources } from './resources.js';
import { containerRequest, coresOf, localOptions } from './settings.js';
import { DEPLOYMENT_LABEL, runLabels } from './tags.js';

/** What tests set. */
export interface DriverOverrides {
  readyDeadlineMs?: number;
}

const READY_DEADLINE_MS = 60_000;
/** What both runtimes start with and have something left. */
const LEAST_MEMORY_MB = 64;
const DROP_CACHES = '/proc/sys/vm/drop_caches';

export async function createDriver(context: DriverContext, overrides: DriverOverrides = {}): Promise<PlatformDriver> {
  return driverOn(await connectEngine(context.env), context, overrides);
}

function driverOn(found: Engine | NoEngine, context: DriverContext, overrides: DriverOverrides): PlatformDriver {
  const { platformId, runId, logDir, env, signal } = context;
  const options = localOptions(context.options);
  const functions = new Map<string, { content: string; pool: SandboxPool; deployment: Deployment }>();
  const images = new Map<string, Promise<LanguageImages>>();
  const metering = createMetering();
  /** Address of this machine on the engine's own bridge, which sandboxes on every network reach. */
  let gateway = '127.0.0.1';
  const resources = createResources(context, () => engine().client, endFunctions);

  function engine(): Engine {
    if (isEngine(found)) return found;
    throw new PlatformError(`${platformId}: ${found.problem}`, { hint: found.hint });
  }

  async function endFunctions(): Promise<void> {
    const ending = [...functions.values()];
    functions.clear();
    await Promise.all(ending.map(({ pool }) => pool.close()));
  }

  /** Made at first use, once for all that ask at the same time. */
  function imagesOf(language: string, version: string): Promise<LanguageImages> {
    const name = `${language}@${version}`;
    const { client } = engine();
    const known = images.get(name) ?? ensureImages(language, version, { client, env, signal, say: sayInfo });
    images.set(name, known);
    known.catch(() => images.delete(name));
    return known;
  }

  function sayInfo(text: string): void {
    context.note('info', `${platformId}: ${text}`);
  }

  function poolOf(request: DeploymentRequest, image: string): SandboxPool {
    const { deployment, code, environment } = request;
    const { client, cgroupVersion } = engine();
    const network: Network = deployment.network ?? 'bridge';
    return createSandboxPool({
      name: deployment.id,
      trouble: (text) => context.note('warning', text),
      start(moments) {
        const id = `${deployment.id}-${randomBytes(6).toString('hex')}`;
        const memoryMb = deployment.memory_mb;
        return startContainer(
          {
            id,
            client,
            network,
            memoryMb,
            metering,
            limitedBy: memoryMb === null ? 'none' : cgroupVersion === '2' ? 'cgroup-v2' : 'cgroup-v1',
            logFile: join(logDir, encodeURIComponent(deployment.id), `${encodeURIComponent(id)}.log`),
            readyDeadlineMs: overrides.readyDeadlineMs ?? READY_DEADLINE_MS,
            request: containerRequest({
              id,
              image,
              packagePath: code.path,
              memoryMb,
              network,
              networkName: resources.networkName,
              labels: { ...runLabels(runId, platformId), [DEPLOYMENT_LABEL]: deployment.id },
              environment,
              options,
            }),
          },
          moments,
        );
      },
    });
  }

  function deployedOf({ id }: Deployment): SandboxPool {
    const known = functions.get(id);
    if (known === undefined)
      throw new PlatformError(`${platformId}: function ${id} is not deployed`, { hint: 'deploy it before it is used' });
    return known.pool;
  }

  return {
    type: 'local',
    capabilities: capabilitiesOf(found),

    async prepare() {
      gateway = await gatewayOf(engine().client);
      const { version, apiVersion, containerd, runc, storageDriver, cgroupVersion, rootless, warnings } = engine();
      return {
        docker: version,
        docker_api: apiVersion,
        ...(containerd === undefined ? {} : { containerd }),
        ...(runc === undefined ? {} : { runc }),
        storage_driver: storageDriver,
        cgroup_version: cgroupVersion,
        rootless,
        cpus: options.cpus,
        ...(options.cpuset === undefined ? {} : { cpuset: options.cpuset }),
        pids_limit: options.pids,
        tmp_mb: options.tmpMb,
        seccomp: 'the default of the engine',
        memory_sampling_ms: 10,
        ...(warnings.length === 0 ? {} : { engine_warnings: warnings }),
      };
    },

    serverPlace: () => ({ listen: gateway, address: gateway }),

    async buildPackage({ package: planned, catalogue }: PackageRequest) {
      const { language, language_version: version, architecture, kind } = planned;
      const benchmark = catalogue.benchmarks.get(planned.benchmark);
      if (benchmark === undefined || kind !== 'directory')
        throw new PackageError(`${platformId} cannot build ${planned.benchmark} as ${kind}`, {
          hint: 'it builds benchmarks of the catalogue as directory',
        });
      const { runtime, build } = await imagesOf(language, version);
      const { client } = engine();
      return buildCodePackage({
        benchmark,
        language,
        runtime: { version: runtime, executable: language === 'python' ? 'python3' : 'node', npm: 'npm' },
        architecture,
        // The same worker serves as a process and in a container.
        wrapperDir: join(PACKAGE_ROOT, 'benchmarks', 'wrappers', 'process', language),
        kind,
        cacheDir: context.cacheDir,
        signal,
        env,
        builder: { name: build, execute: containerBuilder({ client, image: build, cacheDir: context.cacheDir }) },
        onWait: (holder) => context.note('info', `process ${holder.pid} builds ${planned.benchmark}; waiting for it`),
      });
    },

    async deploy(request) {
      const { deployment, package: planned, code, environment } = request;
      const content = JSON.stringify([code.sha256, code.path, deployment.memory_mb, deployment.network, environment]);
      const known = functions.get(deployment.id);
      if (known?.content === content) return known.deployment;
      await known?.pool.close();
      const { run, base, runtime, source } = await imagesOf(planned.language, planned.language_version);
      const made: Deployment = {
        id: deployment.id,
        resource: await resources.hold(),
        facts: {
          runtime: `${planned.language} ${runtime}`,
          image: run,
          base_image: base,
          base_source: source,
          memory_mb: deployment.memory_mb,
          cores: coresOf(options.cpus, deployment.memory_mb),
          network: deployment.network ?? 'bridge',
        },
      };
      functions.set(deployment.id, { content, pool: poolOf(request, run), deployment: made });
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
        place: async (moments) => deployedOf(deployment).place(moments),
        beforeRelease: () => deployedOf(deployment).beforeRelease(),
      };
    },

    async forceColdStart(deployment, wanted = { sandboxes: 1 }) {
      const pool = deployedOf(deployment);
      const level: ColdLevel = wanted.level ?? 'new';
      await untilItAnswers(engine().client);
      if (level === 'restarted' || level === 'resumed') return pool.chill({ ...wanted, level });
      await pool.endSandboxes();
      if (level === 'page-cache-dropped') await dropPageCache();
    },

    async endSandboxes(deployment) {
      await untilItAnswers(engine().client);
      await deployedOf(deployment).endSandboxes();
    },
    collect: async () => ({ rows: [], coverage: null }),
    remove: (resource) => resources.remove(resource),
    list: async (wanted) => listResources(engine().client, platformId, wanted),
    doctor: () => checkEngine(found),

    images: {
      offered: Object.entries(OFFERED).flatMap(([language, versions]) => versions.map((one) => `${language}@${one}`)),
      async build(name, { base, signal: abort, say }) {
        const [language = '', version = ''] = name.split('@');
        const { client } = engine();
        const { build, run } = await ensureImages(language, version, { client, env, signal: abort, say }, base);
        return (await listImages(client)).filter(({ id }) => id === build || id === run);
      },
      list: async () => (isEngine(found) ? listImages(found.client) : []),
      prune: async (all) => pruneImages(engine().client, all),
    },

    async close() {
      await endFunctions();
      await resources.close();
      const cost = metering.cost();
      if (cost !== undefined) sayInfo(cost);
      await metering.close();
    },
  };
}

function capabilitiesOf(found: Engine | NoEngine): Capabilities {
  const there = isEngine(found);
  const missing = there
    ? {}
    : Object.fromEntries(Object.keys(OFFERED).map((name) => [name, `${found.problem}: ${found.hint}`]));
  return {
    languages: there ? OFFERED : {},
    missing,
    architectures: [there ? found.architecture : process.arch],
    memory: { min: LEAST_MEMORY_MB, max: there ? Math.floor(found.memoryBytes / BYTES_PER_MB) : 1_048_576 },
    maxTimeoutS: 24 * 3600,
    triggers: ['http'],
    packageKinds: ['directory'],
    forceColdStart: true,
    coldLevels: ['new', 'restarted', 'resumed', ...(mayDropCaches() ? (['page-cache-dropped'] as const) : [])],
    networks: ['bridge', 'host'],
    sandboxesEndWithBlock: true,
    sandboxesOutliveClient: true,
    sharesClientHost: true,
    maxConcurrency: 500,
    maxPayloadBytes: 64 * BYTES_PER_MB,
    storage: ['minio'],
    nosql: ['dynamodb'],
    storageView: 'container',
    bringsOwnFunction: false,
    providerMetrics: [],
    coldStartOverheadS: 0.6,
    notYetSeen: ['an engine with cgroup v2', 'rootless Docker', 'official images from a registry', 'macOS, Windows'],
  };
}

/** An engine may have no such bridge; then only what the user runs elsewhere can be reached. */
async function gatewayOf(client: Client): Promise<string> {
  try {
    const { IPAM } = await client.getNetwork('bridge').inspect();
    const addresses = (IPAM?.Config ?? []) as { Gateway?: string }[];
    return addresses.find(({ Gateway }) => Gateway !== undefined)?.Gateway ?? '127.0.0.1';
  } catch (error) {
    if (hasStatus(error, 404)) return '127.0.0.1';
    throw engineError('the network of the engine', error);
  }
}

/** Of the whole machine, so only where this user may. */
async function dropPageCache(): Promise<void> {
  await writeFile(DROP_CACHES, '3');
}

function mayDropCaches(): boolean {
  try {
    accessSync(DROP_CACHES, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
