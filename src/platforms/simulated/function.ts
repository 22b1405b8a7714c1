// One function of the simulated cloud: what comes of a request to it. Comes in: the request and the played clock; goes out:
// stages and an answer as a wrapper would give it. Nothing is executed: outputs say that they are simulated, and the model
// itself says whether one is right.
import type { Clock } from '../../clock.js';
import { standardNormal } from '../../random.js';
import { US_PER_S } from '../../units.js';
import type { Draw, SimulatedAnswer, SimulatedRequest, StageDurations } from '../driver.js';
import { DRAWS, type HandlerTime, type RandomOf } from './latency.js';
import type { Logs } from './logs.js';
import type { Model } from './options.js';
import { createSandboxes, type Sandbox } from './sandboxes.js';

export interface SimulatedFunction {
  simulate(request: SimulatedRequest): SimulatedAnswer;
  /** The next requests meet new sandboxes. */
  endSandboxes(): void;
}

export interface Surroundings {
  model: Model;
  clock: Clock;
  randomOf: RandomOf;
  handlerTime: HandlerTime;
  logs: Logs;
  /** Requests of the whole account that began at this moment, this one included. */
  admitted(nowUs: number): number;
}

type Fault = 'failures' | 'timeouts' | 'wrong_outputs' | 'crashes' | 'throttled';

/** Reading an answer of the size that the model gives. */
const DOWNLOAD_US = 100;
const ANSWER_BYTES = 512;

export function createSimulatedFunction(memoryMb: number | null, around: Surroundings): SimulatedFunction {
  const { model, clock, randomOf, handlerTime, logs } = around;
  const sandboxes = createSandboxes(model.keepAliveUs, model.sandboxConcurrency);
  const reusesConnection = keptConnections();

  function spread(draw: Draw, kind: number, medianUs: number, deviation: number): number {
    return Math.round(medianUs * Math.exp(deviation * standardNormal(randomOf(draw, kind))));
  }

  function sandboxFor(draw: Draw, nowUs: number): { sandbox: Sandbox; isNew: boolean } {
    const warm = sandboxes.take(nowUs);
    if (warm !== undefined) return { sandbox: warm, isNew: false };
    return { sandbox: sandboxes.add(`sandbox-${nameOf(draw)}`, nowUs, onItsClock(nowUs)), isNew: true };
  }

  function simulate(request: SimulatedRequest): SimulatedAnswer {
    const { draw } = request;
    const nowUs = clock.nowUs();
    const connectionReused = request.connection === 'keep-alive' && reusesConnection(nowUs);
    const roundTripUs = spread(draw, DRAWS.network, model.network.roundTripUs, model.network.spread);
    const connectUs = connectionReused ? 0 : 2 * roundTripUs;
    const way: StageDurations = { queueUs: 0, ...(connectionReused ? {} : { connectUs }) };
    const fault = faultOf(model, randomOf(draw, DRAWS.fault).unit());
    if (around.admitted(nowUs) > model.throttleAbove || fault === 'throttled') {
      const stages = { ...way, firstByteUs: roundTripUs, downloadUs: DOWNLOAD_US };
      return { stages, connectionReused, outcome: THROTTLED };
    }
    const { us, isNew, sandbox, timedOut } = serve(request, nowUs, fault);
    const beganUs = nowUs + connectUs + Math.round(roundTripUs / 2) + us.init + us.import;
    const doneUs = nowUs + connectUs + roundTripUs + us.init + us.import + us.handler;
    const stages = { ...way, firstByteUs: roundTripUs + us.init + us.import + us.handler };
    if (timedOut || fault === 'crashes') {
      sandboxes.drop(sandbox);
      return { stages, connectionReused, outcome: timedOut ? timedOutAfter(request.timeoutUs) : CRASHED };
    }
    const answer = {
      request_id: logs.requestId({
        name: nameOf(draw),
        doneUs,
        initUs: us.init + us.import,
        executionUs: us.handler,
      }),
      begin_at: onItsClock(beganUs),
      end_at: onItsClock(beganUs + us.handler),
      benchmark_us: us.handler,
      is_cold: isNew,
      sandbox_id: sandbox.id,
      sandbox_started_at: sandbox.startedAt,
      invocation_index: sandbox.served,
      ...(isNew ? { import_us: us.import } : {}),
    };
    sandboxes.occupy(sandbox, doneUs);
    return { stages: { ...stages, downloadUs: DOWNLOAD_US }, connectionReused, outcome: outcomeOf(answer, fault) };
  }

  /** What the platform does with a request it has let in, and how long each part takes. */
  function serve({ draw, timeoutUs }: SimulatedRequest, nowUs: number, fault: Fault | null) {
    const { sandbox, isNew } = sandboxFor(draw, nowUs);
    const { cold } = model;
    const ownUs = handlerTime(draw, memoryMb, nowUs);
    const timedOut = fault === 'timeouts' || ownUs > timeoutUs;
    const us = {
      init: isNew ? spread(draw, DRAWS.init, cold.initUs, cold.spread) : 0,
      import: isNew ? spread(draw, DRAWS.import, cold.importUs, cold.spread) : 0,
      handler: timedOut ? timeoutUs : ownUs,
    };
    return { sandbox, isNew, timedOut, us };
  }

  /** A moment of the played clock as the functions' clock shows it. */
  function onItsClock(us: number): string {
    const { offsetUs, driftPpm } = model.clock;
    return clock.instantOf(us + offsetUs + (us * driftPpm) / 1e6);
  }

  return { simulate, endSandboxes: () => sandboxes.clear() };
}

/** There are as many kept connections as there once were requests at the same time. */
function keptConnections(): (nowUs: number) => boolean {
  let opened = 0;
  let used = 0;
  let atUs = -1;
  return (nowUs) => {
    if (nowUs !== atUs) used = 0;
    atUs = nowUs;
    used += 1;
    if (used <= opened) return true;
    opened = used;
    return false;
  };
}

const THROWN = { type: 'Simulated', message: 'it threw, as the faults of the model say' };
const RIGHT = { simulated: true };
const WRONG = { simulated: true, wrong: true };

/** null for a right output: of what a model gives only the model knows. */
export function judgeSimulated(output: unknown): string | null {
  const { simulated, wrong } = (output ?? {}) as { simulated?: unknown; wrong?: unknown };
  if (simulated !== true) return 'this is no output of the model';
  return wrong === true ? 'a wrong output, as the faults of the model say' : null;
}

const THROTTLED: SimulatedAnswer['outcome'] = {
  status: 429,
  body: { message: 'too many requests' },
  bodyBytes: ANSWER_BYTES,
};

const CRASHED: SimulatedAnswer['outcome'] = {
  errorKind: 'reset',
  error: 'the connection was closed before the response',
  death: { kind: 'crash', text: 'the sandbox died, as the faults of the model say' },
};

function timedOutAfter(timeoutUs: number): SimulatedAnswer['outcome'] {
  return { errorKind: 'timeout', error: `no complete response within ${timeoutUs / US_PER_S} s` };
}

function outcomeOf(answer: object, fault: Fault | null): SimulatedAnswer['outcome'] {
  const bodyBytes = ANSWER_BYTES;
  if (fault === 'failures') return { status: 500, body: { ...answer, error: THROWN }, bodyBytes };
  return { status: 200, body: { ...answer, result: { output: fault === 'wrong_outputs' ? WRONG : RIGHT } }, bodyBytes };
}

/** At most one fault strikes a request: the shares stand side by side between 0 and 1. */
function faultOf({ faults }: Model, unit: number): Fault | null {
  let upTo = 0;
  for (const fault of ['throttled', 'crashes', 'timeouts', 'failures', 'wrong_outputs'] as const) {
    upTo += faults[fault];
    if (unit < upTo) return fault;
  }
  return null;
}

/** Of the request itself: made again after a cut, it has the same name. */
function nameOf({ cell, block, role, position, tries }: Draw): string {
  return `${cell}.${block}.${role === 'counted' ? '' : 'w'}${position}${tries === 0 ? '' : `.${tries}`}`;
}
