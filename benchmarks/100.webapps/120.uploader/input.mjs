// 120.uploader: a file that cannot be compressed, and the check of its copy byte by byte.

const BYTES = { test: 256_000, small: 2_560_000, large: 25_600_000 };
const NAME = 'source.bin';

export function generate({ size, random, storage }) {
  const { bucket, input, output } = storage;
  const event = { bucket: { bucket, input, output }, object: { key: NAME }, nonce: random.integer(0, 0x7fffffff) };
  return { event, objects: [{ key: NAME, data: noise(BYTES[size], random) }] };
}

export async function validate({ event, output, objects, storage, tools }) {
  if (typeof output !== 'object' || output === null) return `the output is no object: ${JSON.stringify(output)}`;
  const { bucket, key, bytes, nonce } = output;
  if (nonce !== event.nonce) return `nonce ${nonce} is of another event, not ${event.nonce}`;
  if (bucket !== event.bucket.bucket) return `the copy is in bucket '${bucket}', not in '${event.bucket.bucket}'`;
  if (typeof key !== 'string' || !key.startsWith(`${event.bucket.output}/`))
    return `the copy's key '${key}' is not below '${event.bucket.output}/'`;
  const [source] = objects;
  if (bytes !== source.bytes) return `${bytes} bytes were fetched, not ${source.bytes}`;
  if (!(await storage.list(key)).some((object) => object.key === key))
    return `there is no copy '${key}': it was never stored, or it is one of an earlier request`;
  const copy = await storage.download(key);
  if (copy.byteLength !== source.bytes) return `the copy has ${copy.byteLength} bytes, not ${source.bytes}`;
  if (tools.sha256(copy) !== source.sha256) return 'the copy has other content than its source';
  await storage.remove(key);
  return null;
}

/** Bytes of a xorshift generator: millions of them, and a draw of the suite's generator for each would take long. */
function noise(length, random) {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = random.integer(1, 0x7fffffff);
  for (let index = 0; index < words.length; index += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[index] = state;
  }
  return new Uint8Array(words.buffer, 0, length);
}
