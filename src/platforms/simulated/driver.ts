// Platform `simulated`: a seeded model of a cloud on a played clock, behind the contract of every platform. Comes in: the
// model's parameters, or the capabilities of a platform that it stands in for; goes out: a driver whose endpoints say how
// long requests take instead of being sent any. What is deployed exists outside the run folder. docs/platforms/simulated.md.
import { join } from 'node:path';
import { sizeOf } from '../../cache/maintain.js';
import { createClock } from '../../clock.js';
import { PlatformError } from '../../errors.js';
import { hashOf } from '../../hash.js';
import { keyedRandom, randomFor } from '../../random.js';
import { BYTES_PER_MB, formatUs, US_PER_S } from '../../units.js';
import type {
  Capabilities,
  CodePackage,
  CollectRequest,
  Deployment,
  DriverContext,
  PackageRequest,
  PlatformDriver,
  ResourceRef,
} from '../driver.js';
import { openCloud } from './cloud.js';
import { createSimulatedFunction, judgeSimulated, type SimulatedFunction } from './function.js';
import { drawsOf, handlerTimeOf } from './latency.js';
import { createLogs } from './logs.js';
import { type Model, modelOf, rehearsalIn } from './options.js';

/** A function that is pending for longer is given up, as on a real cloud. */
const PENDING_LIMIT_US = 300 * US_PER_S;

export async function createDriver(context: DriverContext): Promise<PlatformDriver> {
  const { platformId, runId, options } = context;
  const { clock, seed } = context.simulation ?? { clock: createClock(), seed: 0 };
  const model = modelOf(options);
  const rehearsal = rehearsalIn(options);
  const cloud = openCloud(join(context.cacheDir, 'simulated-cloud'), runId, platformId);
  const functions = new Map<string, SimulatedFunction>();
  const randomOf = drawsOf(seed, platformId);
  const handlerTime = handlerTimeOf(model, seed, platformId, randomOf);
  const logs = createLogs(model, keyedRandom(seed, 'simulated', platformId, 'logs'));
  const around = { model, clock, randomOf, handlerTime, logs, admitted: countsAtOneMoment() };

  function functionOf({ id }: Pick<Deployment, 'id'>): SimulatedFunction {
    const known = functions.get(id);
    if (known === undefined)
      throw new PlatformError(`${platformId}: function ${id} is not deployed`, { hint: 'deploy it before it is used' });
    return known;
  }

  /** Creates or updates it in the cloud; the same content changes nothing. */
  function put(id: string, memoryMb: number | null, content: string): Deployment {
    const resource: ResourceRef = { platform: platformId, kind: 'function', id };
    const deployment = { id, resource, facts: { model: model.latency.model, memory_mb: memoryMb } };
    const there = cloud.contentOf(id);
    if (there === content && functions.has(id)) return deployment;
    if (drawFor('deploy', id) < model.faults.deploy)
      throw new PlatformError(`${platformId}: ${id} could not be deployed, as the faults of the model say`);
    if (there !== content) {
      context.ledger.intend(resource);
      cloud.put(id, content);
      context.ledger.created(resource);
      awaitActive(id);
    }
    functions.set(id, createSimulatedFunction(memoryMb, around));
    return deployment;
  }

  function awaitActive(id: string): void {
    const { deployPendingUs } = model.faults;
    clock.advance(Math.min(deployPendingUs, PENDING_LIMIT_US));
    if (deployPendingUs > PENDING_LIMIT_US)
      throw new PlatformError(`${platformId}: ${id} was still pending after ${formatUs(PENDING_LIMIT_US)}`);
  }

  function drawFor(what: string, id: string): number {
    return randomFor(seed, 'simulated', platformId, what, id).unit();
  }

  return {
    type: 'simulated',
    capabilities: rehearsal === undefined ? ownCapabilities(model) : standIn(rehearsal.capabilities, model),
    prepare: async () => ({
      simulated: true,
      ...(rehearsal === undefined ? {} : { rehearses: rehearsal.type }),
      validation: 'outputs are those of the model, which says itself whether they are right',
      model,
    }),
    buildPackage: (request) => describedPackage(request),

    async deploy({ deployment, package: planned, code }) {
      return put(deployment.id, deployment.memory_mb, JSON.stringify([planned, code.sha256, deployment.memory_mb]));
    },
    adopt: async ({ id, memory_mb }) => put(id, memory_mb, JSON.stringify(['adopted', memory_mb])),

    async endpoint(deployment) {
      functionOf(deployment);
      return {
        origin: '',
        path: '/',
        method: 'POST',
        headers: {},
        judge: judgeSimulated,
        simulate: (request) => functionOf(deployment).simulate(request),
      };
    },

    async forceColdStart(deployment) {
      functionOf(deployment).endSandboxes();
      clock.advance(model.cold.forceUs);
    },
    endSandboxes: async (deployment) => functionOf(deployment).endSandboxes(),

    /** Late lines are waited for, on the played clock. */
    async collect({ requestIds, deadlineS }: CollectRequest) {
      const lines = requestIds.flatMap((id) => logs.lineOf(id) ?? []);
      const lastUs = lines.reduce((last, { visibleUs }) => Math.max(last, visibleUs), 0);
      clock.advance(Math.max(0, Math.min(lastUs - clock.nowUs(), deadlineS * US_PER_S)));
      const nowUs = clock.nowUs();
      const rows = lines.flatMap(({ visibleUs, metrics }) => (visibleUs <= nowUs ? [metrics] : []));
      return { rows, coverage: requestIds.length === 0 ? 1 : rows.length / requestIds.length };
    },

    async remove(resource) {
      if (drawFor('stuck', resource.id) < model.faults.stuck)
        throw new PlatformError(`${resource.id} is stuck, as the faults of the model say`);
      functions.delete(resource.id);
      cloud.remove(resource.id);
    },
    list: async (wanted) => cloud.list(wanted),
    doctor: async () => [
      { name: 'simulated', state: 'ok', text: 'needs nothing: it is a model, and measures nothing' },
    ],
    async close() {},
  };
}

export function nominalCapabilities(options: Readonly<Record<string, unknown>>): Capabilities {
  return ownCapabilities(modelOf(options));
}

function ownCapabilities(model: Model): Capabilities {
  return {
    languages: { python: ['3.13', '3.12', '3.11', '3.10', '3.9'], nodejs: ['24', '22', '20', '18'] },
    missing: {},
    architectures: ['x64', 'arm64'],
    memory: { min: 64, max: 10_240 },
    maxTimeoutS: 900,
    triggers: ['http', 'sdk'],
    packageKinds: ['zip', 'container', 'directory'],
    forceColdStart: true,
    sandboxesEndWithBlock: false,
    sharesClientHost: false,
    maxConcurrency: 10_000,
    maxPayloadBytes: 6 * BYTES_PER_MB,
    storage: ['directory'],
    nosql: [],
    storageView: 'host',
    bringsOwnFunction: false,
    providerMetrics: ['init_us', 'execution_us', 'billed_us'],
    coldStartOverheadS: model.cold.forceUs / US_PER_S,
    notYetSeen: [],
    isModel: true,
    prices: model.prices,
  };
}

/** What the other platform can do, in so far as a model can. */
function standIn(capabilities: Capabilities, model: Model): Capabilities {
  const own = ownCapabilities(model);
  return {
    ...capabilities,
    missing: {},
    sharesClientHost: false,
    storage: capabilities.storage.length === 0 ? [] : own.storage,
    nosql: own.nosql,
    storageView: own.storageView,
    providerMetrics: own.providerMetrics,
    coldStartOverheadS: own.coldStartOverheadS,
    isModel: true,
  };
}

/** Nothing is built: a package is what it would be made from. */
async function describedPackage({ package: planned, catalogue }: PackageRequest): Promise<CodePackage> {
  const benchmark = catalogue.benchmarks.get(planned.benchmark);
  if (benchmark === undefined) throw new Error(`the plan names benchmark ${planned.benchmark}, which is not there`);
  return {
    sha256: hashOf(planned),
    kind: planned.kind,
    path: benchmark.path,
    sizeBytes: await sizeOf(join(benchmark.path, planned.language)),
    runtime: `${planned.language} ${planned.language_version}`,
    sourceSha256: planned.source_sha256,
    dependencies: [],
    cached: false,
  };
}

/** How many requests began at one moment of the clock. */
function countsAtOneMoment(): (nowUs: number) => number {
  let count = 0;
  let atUs = -1;
  return (nowUs) => {
    count = nowUs === atUs ? count + 1 : 1;
    atUs = nowUs;
    return count;
  };
}
