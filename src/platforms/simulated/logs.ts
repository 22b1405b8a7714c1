// What the simulated cloud reports of an invocation afterwards. Comes in: how long its parts took; goes out: a request id
// and, asked by that id, the metrics and when they can be read. The id carries them, so a million of them take no room and
// none is lost with the process; whether a line is late or lost is drawn by the id.
import type { Random } from '../../random.js';
import type { Model } from './options.js';

export interface LoggedInvocation {
  /** Unique in its run, but for the same request made again. */
  name: string;
  doneUs: number;
  /** 0 for a used sandbox. */
  initUs: number;
  executionUs: number;
}

export interface LogLine {
  /** On the played clock. */
  visibleUs: number;
  metrics: { request_id: string; init_us?: number; execution_us: number; billed_us: number };
}

export interface Logs {
  requestId(invocation: LoggedInvocation): string;
  /** undefined: lost, or no id of this cloud. */
  lineOf(requestId: string): LogLine | undefined;
}

const BASE = 36;

export function createLogs(model: Model, randomOf: (...key: number[]) => Random): Logs {
  const { delayUs, late, lateDelayUs, lost } = model.logs;
  const { granularityUs } = model.prices;

  return {
    requestId: ({ name, doneUs, initUs, executionUs }) =>
      `${name}-${[doneUs, initUs, executionUs].map((us) => us.toString(BASE)).join('-')}`,
    lineOf(requestId) {
      const [doneUs = Number.NaN, initUs = Number.NaN, executionUs = Number.NaN] = requestId
        .split('-')
        .slice(-3)
        .map((text) => Number.parseInt(text, BASE));
      if (!Number.isSafeInteger(doneUs + initUs + executionUs)) return undefined;
      const random = randomOf(doneUs % 2 ** 31, executionUs % 2 ** 31, initUs);
      if (random.unit() < lost) return undefined;
      return {
        visibleUs: doneUs + (random.unit() < late ? lateDelayUs : delayUs),
        metrics: {
          request_id: requestId,
          ...(initUs > 0 ? { init_us: initUs } : {}),
          execution_us: executionUs,
          // Initialising is billed too.
          billed_us: Math.ceil((initUs + executionUs) / granularityUs) * granularityUs,
        },
      };
    },
  };
}
