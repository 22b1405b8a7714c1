// Requests to a platform that is a model: nothing is sent, the model says how long each stage took. Comes in: requests
// that are released together, and the clock they are played on; goes out: exchanges as if they had been sent. All of them
// begin at one moment; the clock then goes on to the end of the longest.
import type { Clock } from '../clock.js';
import type { SimulatedAnswer, SimulatedResponse, StageDurations } from '../platforms/driver.js';
import type { Answered, Exchange, InvokeRequest, StageTimes } from './exchange.js';

export function simulateTogether(requests: readonly InvokeRequest[], clock: Clock): Exchange[] {
  const releasedUs = clock.nowUs();
  const releasedAt = clock.at();
  const exchanges = requests.map((request) => exchangeOf(request, answerTo(request), releasedUs, releasedAt));
  clock.advance(exchanges.reduce((longest, { times }) => Math.max(longest, times.clientUs), 0));
  return exchanges;
}

function answerTo({ attemptId, endpoint, draw, connection, body, timeoutUs }: InvokeRequest): SimulatedAnswer {
  if (endpoint.simulate === undefined || draw === undefined)
    throw new Error(`attempt ${attemptId} is to be simulated, but its endpoint or its draw is missing`);
  return endpoint.simulate({ attemptId, draw, connection, bodyBytes: body.byteLength, timeoutUs });
}

function exchangeOf(
  request: InvokeRequest,
  { stages, connectionReused, outcome }: SimulatedAnswer,
  releasedUs: number,
  releasedAt: string,
): Exchange {
  const common = {
    attemptId: request.attemptId,
    releasedAt,
    releasedUs,
    times: timesOf(stages),
    requestBytes: request.body.byteLength,
    connectionReused,
  };
  if ('status' in outcome)
    return {
      ...common,
      state: 'answered',
      status: outcome.status,
      headers: {},
      ...bodyOf(outcome),
    };
  return { ...common, state: 'unanswered', ...outcome };
}

/** A success is not encoded to be decoded again; of anything else the record may quote the text. */
function bodyOf({ status, body, bodyBytes }: SimulatedResponse): Pick<Answered, 'body' | 'content'> {
  if (status !== 200) return { body: Buffer.from(JSON.stringify(body)) };
  return { body: zeros(bodyBytes), content: body };
}

function timesOf(stages: StageDurations): StageTimes {
  const { queueUs, createUs = 0, startUs = 0, readyUs = 0, connectUs = 0, firstByteUs = 0, downloadUs = 0 } = stages;
  return { ...stages, clientUs: queueUs + createUs + startUs + readyUs + connectUs + firstByteUs + downloadUs };
}

let blank = new Uint8Array(4096);

/** Bytes that stand for an answer of that size; all of them are views of one buffer. */
function zeros(length: number): Uint8Array {
  if (blank.length < length) blank = new Uint8Array(length);
  return blank.subarray(0, length);
}
