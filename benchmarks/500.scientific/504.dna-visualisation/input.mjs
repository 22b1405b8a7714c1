// 504.dna-visualisation: a genome in a FASTA file, and the check of every point of its line.

const BASES = { test: 5_000, small: 50_000, large: 500_000 };
const NAME = 'genome.fasta';
const LINE = 70;

/** Genomes by the key of their input, so that outputs can be held against them. */
const known = new Map();

/** Where the line goes within one base: half a step on, and a whole one. B. D. Lee, "Squiggle" (Bioinformatics, 2019). */
const STEPS = { A: [0.5, 0], C: [-0.5, 0], T: [-0.5, -1], G: [0.5, 1] };

export function generate({ size, random, storage }) {
  const { bucket, input, output } = storage;
  const genome = { bases: BASES[size], seed: random.integer(1, 0x7fffffff) };
  const sequence = sequenceOf(genome);
  const lines = sequence.match(new RegExp(`.{1,${LINE}}`, 'g'));
  const event = {
    bucket: { bucket, input, output },
    object: { key: NAME },
    genome,
    nonce: random.integer(0, 0x7fffffff),
  };
  return { event, objects: [{ key: NAME, data: `>genome of ${genome.bases} bases\n${lines.join('\n')}\n` }] };
}

export async function validate({ event, output, storage }) {
  if (typeof output !== 'object' || output === null) return `the output is no object: ${JSON.stringify(output)}`;
  const { bucket, key, nonce } = output;
  if (nonce !== event.nonce) return `nonce ${nonce} is of another event, not ${event.nonce}`;
  if (bucket !== event.bucket.bucket) return `the points are in bucket '${bucket}', not in '${event.bucket.bucket}'`;
  if (typeof key !== 'string' || !key.startsWith(`${event.bucket.output}/`))
    return `the key of the points '${key}' is not below '${event.bucket.output}/'`;
  if (!(await storage.list(key)).some((object) => object.key === key))
    return `there are no points '${key}': they were never uploaded, or are those of an earlier request`;
  const data = await storage.download(key);
  if (output.bytes !== data.byteLength) return `the points have ${data.byteLength} bytes, not ${output.bytes}`;
  const fault = faultOf(data, sequenceOf(event.genome));
  if (fault === null) await storage.remove(key);
  return fault;
}

function faultOf(data, sequence) {
  let points;
  try {
    points = JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8'));
  } catch (error) {
    return `the points are no JSON: ${error.message}`;
  }
  const { x, y } = points;
  const count = 2 * sequence.length + 1;
  if (x?.length !== count || y?.length !== count)
    return `the line has ${x?.length} and ${y?.length} coordinates, not ${count}`;
  if (x[0] !== 0 || y[0] !== 0) return `the line begins at (${x[0]}, ${y[0]}), not at (0, 0)`;
  let level = 0;
  for (let base = 0; base < sequence.length; base += 1) {
    const [half, whole] = STEPS[sequence[base]];
    for (const [at, right] of [
      [2 * base + 1, level + half],
      [2 * base + 2, level + whole],
    ])
      if (y[at] !== right || Math.abs(x[at] - at / 2) > 1e-6)
        return `point ${at} is (${x[at]}, ${y[at]}), not (${at / 2}, ${right})`;
    level += whole;
  }
  return null;
}

/** Bases in the shares that bacteria have, by a xorshift generator. */
function sequenceOf({ bases, seed }) {
  const key = `${bases}/${seed}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const letters = new Array(bases);
  let state = seed;
  for (let base = 0; base < bases; base += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    letters[base] = 'AAATTTCCGG'[(state >>> 0) % 10];
  }
  const sequence = letters.join('');
  known.set(key, sequence);
  return sequence;
}
