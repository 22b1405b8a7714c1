// 311.compression: a tree of text files to pack, and the check that the archive holds exactly that tree.

const FILES = { test: 10, small: 100, large: 1_000 };
const FILE_BYTES = 10_240;
const TREE = 'tree';
const LETTERS = 'eeeeeettttaaaaooooiiinnnssshhhrrrddlluucmfwypvbgk';

export function generate({ size, random, storage }) {
  const files = FILES[size];
  const words = vocabulary(random);
  const objects = Array.from({ length: files }, (_, index) => ({
    key: `${TREE}/${pathOf(index)}`,
    // The last file is empty: archives have such files, and archivers trip over them.
    data: index === files - 1 ? '' : textOf(words, FILE_BYTES, random),
  }));
  const { bucket, input, output } = storage;
  return { event: { bucket: { bucket, input, output }, object: { key: TREE } }, objects };
}

export async function validate({ event, output, objects, storage, tools }) {
  if (typeof output !== 'object' || output === null) return `the output is no object: ${JSON.stringify(output)}`;
  const { bucket, key, files, input_bytes, zip_bytes } = output;
  if (bucket !== event.bucket.bucket) return `the archive is in bucket '${bucket}', not in '${event.bucket.bucket}'`;
  if (typeof key !== 'string' || !key.startsWith(`${event.bucket.output}/`))
    return `the archive's key '${key}' is not below '${event.bucket.output}/'`;
  const bytes = objects.reduce((sum, object) => sum + object.bytes, 0);
  if (files !== objects.length) return `${files} files were packed, not ${objects.length}`;
  if (input_bytes !== bytes) return `${input_bytes} bytes were packed, not ${bytes}`;
  if (!(await storage.list(key)).some((object) => object.key === key))
    return `there is no archive '${key}': it was never uploaded, or it is one of an earlier request`;
  const archive = await storage.download(key);
  if (archive.byteLength !== zip_bytes) return `the archive has ${archive.byteLength} bytes, not ${zip_bytes}`;
  const fault = await faultOf(archive, objects, tools);
  if (fault === null) await storage.remove(key);
  return fault;
}

async function faultOf(archive, objects, tools) {
  let packed;
  try {
    packed = await tools.unzip(archive);
  } catch (error) {
    return `the archive cannot be unpacked: ${error.message}`;
  }
  for (const { key, bytes, sha256 } of objects) {
    const name = key.slice(TREE.length + 1);
    const content = packed.get(name);
    if (content === undefined) return `'${name}' is not in the archive`;
    if (content.byteLength !== bytes) return `'${name}' has ${content.byteLength} bytes in the archive, not ${bytes}`;
    if (tools.sha256(content) !== sha256) return `'${name}' has other content in the archive`;
  }
  return packed.size === objects.length ? null : `the archive has ${packed.size} files, not ${objects.length}`;
}

/** Three levels of folders, so that archives must keep paths. */
function pathOf(index) {
  return `part${index % 5}/${index % 2 === 0 ? '' : 'notes/'}file${String(index).padStart(4, '0')}.txt`;
}

/** 512 made-up words with the letters of English; the first ones are drawn more often than the last, as in a language. */
function vocabulary(random) {
  return Array.from({ length: 512 }, () => {
    const length = random.integer(2, 9);
    return Array.from({ length }, () => LETTERS[random.integer(0, LETTERS.length - 1)]).join('');
  });
}

/** Text of exactly that many bytes, in lines. */
function textOf(words, bytes, random) {
  const parts = [];
  let state = random.integer(1, 0x7fffffff);
  for (let length = 0; length < bytes; ) {
    // xorshift: 10 MB hold two million words, and each costs a draw.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const share = (state >>> 0) / 0x1_0000_0000;
    const word = `${words[Math.floor(share * share * words.length)]}${parts.length % 12 === 11 ? '\n' : ' '}`;
    parts.push(word);
    length += word.length;
  }
  return parts.join('').slice(0, bytes);
}
