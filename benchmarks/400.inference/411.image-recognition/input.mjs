// 411.image-recognition: a network and a sheet of pictures, and the check of every answer by a computation of its own. Where
// `model.onnx`, `pictures.bin` and `expected.json` lie beside this file, they are used instead: a network of one's own.
import { existsSync, readFileSync } from 'node:fs';
import { makeNetwork, networkFile, recognise, SIDE } from './network.mjs';

const PICTURES = { test: 1, small: 10, large: 100 };
const [MODEL, SHEET, EXPECTED] = ['model.onnx', 'pictures.bin', 'expected.json'];

/** Runtimes add in other orders; single precision leaves about this much of a share. */
const TOLERANCE = 1e-3;

/** Shares of every picture, by seed and number of pictures. */
const known = new Map();

export function generate({ size, random, storage }) {
  const { bucket, input, output } = storage;
  const count = PICTURES[size];
  const seed = random.integer(1, 0x7fffffff);
  const own = ownFile(MODEL);
  const event = {
    bucket: { bucket, input, output, model: input },
    object: { model: MODEL, input: SHEET, side: SIDE, count },
    seed: own === undefined ? seed : null,
    nonce: random.integer(0, 0x7fffffff),
  };
  const [model, pictures] = [own ?? networkFile(makeNetwork(seed)), ownFile(SHEET) ?? drawSheet(count, seed)];
  return {
    event,
    objects: [
      { key: MODEL, data: model },
      { key: SHEET, data: pictures },
    ],
  };
}

export function validate({ event, output, tools }) {
  if (typeof output !== 'object' || output === null) return `the output is no object: ${JSON.stringify(output)}`;
  if (output.nonce !== event.nonce) return `nonce ${output.nonce} is of another event, not ${event.nonce}`;
  const { pictures } = output;
  const { count } = event.object;
  if (!Array.isArray(pictures) || pictures.length !== count) return `${pictures?.length} pictures, not ${count}`;
  for (const [at, answer] of pictures.entries()) {
    const fault = faultOf(answer, sharesOf(event)[at]);
    if (fault !== null) return `picture ${at}: ${fault}`;
  }
  if (typeof output.token !== 'string' || output.token.length < 16) return 'the output has no token of its own';
  return tools.once(output.token) ? null : `the output is one of an earlier request (token ${output.token})`;
}

/** `shares`: of every class. Two classes may be equally likely to within the tolerance. */
function faultOf(answer, shares) {
  const share = shares[answer?.class];
  if (share === undefined) return `there is no class ${answer?.class}`;
  const most = Math.max(...shares);
  if (most - share > TOLERANCE) return `it is of class ${shares.indexOf(most)}, not ${answer.class}`;
  if (!(Math.abs(answer.share - share) <= TOLERANCE)) return `the share of its class is ${share}, not ${answer.share}`;
  return null;
}

function sharesOf({ seed, object: { count } }) {
  const key = `${seed}/${count}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const weights = seed === null ? null : makeNetwork(seed);
  const shares =
    weights === null ? JSON.parse(ownFile(EXPECTED)) : sheetsOf(count, seed).map((one) => recognise(weights, one));
  known.set(key, shares);
  return shares;
}

/** Undefined where the folder has none. */
function ownFile(name) {
  const file = new URL(name, import.meta.url);
  return existsSync(file) ? readFileSync(file) : undefined;
}

/** Bytes: for each picture its red, green and blue plane. */
function drawSheet(count, seed) {
  const bytes = new Uint8Array(count * 3 * SIDE * SIDE);
  let state = seed;
  for (let at = 0; at < bytes.length; at += 1) {
    const plane = Math.floor(at / (SIDE * SIDE));
    if (at % (SIDE * SIDE) === 0) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
    }
    const [x, y] = [at % SIDE, Math.floor(at / SIDE) % SIDE];
    const phase = ((state >>> 0) % 1000) / 100;
    bytes[at] =
      128 + 60 * Math.sin(x * (0.1 + (plane % 7) * 0.1) + phase) + 60 * Math.cos(y * (0.2 + (phase % 1)) - phase);
  }
  return bytes;
}

/** The pictures as the network takes them: from 0 to 1. */
function sheetsOf(count, seed) {
  const bytes = drawSheet(count, seed);
  const length = 3 * SIDE * SIDE;
  return Array.from({ length: count }, (_, at) =>
    Float32Array.from(bytes.subarray(at * length, (at + 1) * length), (byte) => byte / 255),
  );
}
