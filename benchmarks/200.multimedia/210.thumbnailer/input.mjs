// 210.thumbnailer: a picture of smooth colours and hard edges, and the check of its thumbnail pixel by pixel.
import { deflateSync } from 'node:zlib';
import { decodePng, encodePng } from './png.mjs';

const PIXELS = { test: [480, 360], small: [1_520, 1_140], large: [4_800, 3_600] };
const NAME = 'picture.png';
const [WIDTH, HEIGHT] = [200, 200];

/** Scalers weigh pixels differently, most of all at edges: the mean over the thumbnail is held to this, of 255. */
const MEAN_DIFFERENCE = 4;

/** What the thumbnails must look like, by the seed of the picture. */
const known = new Map();

export function generate({ size, random, storage }) {
  const { bucket, input, output } = storage;
  const [width, height] = PIXELS[size];
  const seed = random.integer(1, 0x7fffffff);
  const picture = draw(width, height, seed);
  known.set(seed, scaled(picture));
  const event = {
    bucket: { bucket, input, output },
    object: { key: NAME, width: WIDTH, height: HEIGHT },
    picture: { width, height, seed },
    nonce: random.integer(0, 0x7fffffff),
  };
  return { event, objects: [{ key: NAME, data: encodePng(picture, (rows) => deflateSync(rows, { level: 3 })) }] };
}

export async function validate({ event, output, storage }) {
  if (typeof output !== 'object' || output === null) return `the output is no object: ${JSON.stringify(output)}`;
  const { bucket, key, nonce } = output;
  if (nonce !== event.nonce) return `nonce ${nonce} is of another event, not ${event.nonce}`;
  if (bucket !== event.bucket.bucket) return `the thumbnail is in bucket '${bucket}', not in '${event.bucket.bucket}'`;
  if (typeof key !== 'string' || !key.startsWith(`${event.bucket.output}/`))
    return `the thumbnail's key '${key}' is not below '${event.bucket.output}/'`;
  if (!(await storage.list(key)).some((object) => object.key === key))
    return `there is no thumbnail '${key}': it was never uploaded, or it is one of an earlier request`;
  const data = await storage.download(key);
  if (output.bytes !== data.byteLength) return `the thumbnail has ${data.byteLength} bytes, not ${output.bytes}`;
  const fault = faultOf(data, expected(event.picture));
  if (fault === null) await storage.remove(key);
  return fault;
}

function faultOf(data, right) {
  let thumbnail;
  try {
    thumbnail = decodePng(data);
  } catch (error) {
    return `the thumbnail cannot be read: ${error.message}`;
  }
  const { width, height, pixels } = thumbnail;
  if (width !== right.width || height !== right.height)
    return `the thumbnail has ${width} × ${height} pixels, not ${right.width} × ${right.height}`;
  const sum = pixels.reduce((total, value, at) => total + Math.abs(value - right.pixels[at]), 0);
  const mean = sum / pixels.length;
  return mean <= MEAN_DIFFERENCE
    ? null
    : `the thumbnail shows something else: off by ${mean.toFixed(1)} of 255 on average`;
}

function expected({ width, height, seed }) {
  const found = known.get(seed) ?? scaled(draw(width, height, seed));
  known.set(seed, found);
  return found;
}

/** Red and green waves, a blue ramp, and discs with hard edges. */
function draw(width, height, seed) {
  const pixels = new Uint8Array(width * height * 3);
  const discs = Array.from({ length: 6 }, (_, index) => {
    const draw = (salt) => ((Math.imul(seed ^ (index * 0x9e3779b1), 0x85ebca6b + salt) >>> 0) % 1000) / 1000;
    return { x: draw(2) * width, y: draw(4) * height, radius: (0.05 + draw(6) * 0.1) * width, shade: draw(8) * 255 };
  });
  const phase = (seed % 628) / 100;
  const across = Float64Array.from({ length: width }, (_, x) => Math.sin((x / width) * 9 + phase));
  for (let y = 0, at = 0; y < height; y += 1) {
    const down = Math.cos((y / height) * 7 - phase);
    const near = discs.filter((disc) => Math.abs(y - disc.y) < disc.radius);
    for (let x = 0; x < width; x += 1, at += 3) {
      const disc = near.find((one) => (x - one.x) ** 2 + (y - one.y) ** 2 < one.radius ** 2);
      pixels[at] = disc === undefined ? 128 + 100 * across[x] : disc.shade;
      pixels[at + 1] = 128 + 60 * (across[x] + down);
      pixels[at + 2] = disc === undefined ? (255 * y) / height : 255 - disc.shade;
    }
  }
  return { width, height, pixels };
}

/** The mean colour of the area that each pixel of the thumbnail stands for. */
function scaled({ width, height, pixels }) {
  const scale = Math.min(WIDTH / width, HEIGHT / height);
  const [toWidth, toHeight] = [Math.round(width * scale), Math.round(height * scale)];
  const result = new Uint8Array(toWidth * toHeight * 3);
  for (let y = 0; y < toHeight; y += 1) {
    const rows = [Math.floor((y * height) / toHeight), Math.floor(((y + 1) * height) / toHeight)];
    for (let x = 0; x < toWidth; x += 1) {
      const columns = [Math.floor((x * width) / toWidth), Math.floor(((x + 1) * width) / toWidth)];
      const sum = [0, 0, 0];
      for (let row = rows[0]; row < rows[1]; row += 1)
        for (let column = columns[0]; column < columns[1]; column += 1)
          for (let colour = 0; colour < 3; colour += 1) sum[colour] += pixels[(row * width + column) * 3 + colour];
      const count = (rows[1] - rows[0]) * (columns[1] - columns[0]);
      for (let colour = 0; colour < 3; colour += 1) result[(y * toWidth + x) * 3 + colour] = sum[colour] / count;
    }
  }
  return { width: toWidth, height: toHeight, pixels: result };
}
