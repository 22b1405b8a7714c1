// 220.video-processing: a video of moving colours and a watermark, and the check of the animated picture frame by frame.
import { decodeGif } from './gif.mjs';

const FRAMES = { test: 5, small: 50, large: 500 };
const [WIDTH, HEIGHT, RATE] = [160, 120, 25];
const MARK = { width: 48, height: 16, x: 8, y: 8, colour: [250, 40, 200] };
const [VIDEO, WATERMARK] = ['video.y4m', 'watermark.ppm'];

/** A palette of 256 colours for the whole video, and YUV with half the resolution: the mean over a frame, of 255. */
const MEAN_DIFFERENCE = 10;

export function generate({ size, random, storage }) {
  const { bucket, input, output } = storage;
  const video = { width: WIDTH, height: HEIGHT, frames: FRAMES[size], seed: random.integer(0, 9_999) };
  const event = {
    bucket: { bucket, input, output },
    object: { key: VIDEO, watermark: WATERMARK, x: MARK.x, y: MARK.y },
    video,
    nonce: random.integer(0, 0x7fffffff),
  };
  const objects = [
    { key: VIDEO, data: videoFile(video) },
    { key: WATERMARK, data: watermarkFile() },
  ];
  return { event, objects };
}

export async function validate({ event, output, storage }) {
  if (typeof output !== 'object' || output === null) return `the output is no object: ${JSON.stringify(output)}`;
  const { bucket, key, nonce } = output;
  if (nonce !== event.nonce) return `nonce ${nonce} is of another event, not ${event.nonce}`;
  if (bucket !== event.bucket.bucket) return `the result is in bucket '${bucket}', not in '${event.bucket.bucket}'`;
  if (typeof key !== 'string' || !key.startsWith(`${event.bucket.output}/`))
    return `the key of the result '${key}' is not below '${event.bucket.output}/'`;
  if (!(await storage.list(key)).some((object) => object.key === key))
    return `there is no result '${key}': it was never uploaded, or it is one of an earlier request`;
  const data = await storage.download(key);
  if (output.bytes !== data.byteLength) return `the result has ${data.byteLength} bytes, not ${output.bytes}`;
  const fault = faultOf(data, event.video);
  if (fault === null) await storage.remove(key);
  return fault;
}

function faultOf(data, video) {
  let frames = 0;
  try {
    for (const { width, height, pixels } of decodeGif(data)) {
      if (width !== video.width || height !== video.height)
        return `the result has ${width} × ${height} pixels, not ${video.width} × ${video.height}`;
      if (frames >= video.frames) return `the result has more than ${video.frames} frames`;
      const mean = differenceOf(pixels, video, frames);
      if (!(mean <= MEAN_DIFFERENCE)) return `frame ${frames} shows something else: off by ${mean.toFixed(1)} of 255`;
      frames += 1;
    }
  } catch (error) {
    return `the result cannot be read: ${error.message}`;
  }
  return frames === video.frames ? null : `the result has ${frames} frames, not ${video.frames}`;
}

/** The larger of the mean differences over the frame and over the watermark alone. */
function differenceOf(pixels, video, frame) {
  const sums = { all: 0, mark: 0 };
  for (let y = 0; y < video.height; y += 1)
    for (let x = 0; x < video.width; x += 1) {
      const marked = x >= MARK.x && x < MARK.x + MARK.width && y >= MARK.y && y < MARK.y + MARK.height;
      const colour = marked ? MARK.colour : rgbOf(sampleAt(video, frame, x, y));
      const at = (y * video.width + x) * 3;
      const off = colour.reduce((sum, value, part) => sum + Math.abs(value - pixels[at + part]), 0) / 3;
      sums.all += off;
      if (marked) sums.mark += off;
    }
  return Math.max(sums.all / (video.width * video.height), sums.mark / (MARK.width * MARK.height));
}

/** YUV4MPEG2, 4:2:0: a line of text, then for each frame a word and its three planes. */
function videoFile(video) {
  const { width, height, frames } = video;
  const header = Buffer.from(`YUV4MPEG2 W${width} H${height} F${RATE}:1 Ip A1:1 C420jpeg\n`);
  const word = Buffer.from('FRAME\n');
  const length = word.length + width * height * 1.5;
  const file = Buffer.alloc(header.length + frames * length);
  file.set(header);
  for (let frame = 0; frame < frames; frame += 1) {
    let at = header.length + frame * length;
    file.set(word, at);
    at += word.length;
    for (let y = 0; y < height; y += 1)
      for (let x = 0; x < width; x += 1, at += 1) file[at] = sampleAt(video, frame, x, y)[0];
    for (const plane of [1, 2])
      for (let y = 0; y < height; y += 2)
        for (let x = 0; x < width; x += 2, at += 1) file[at] = sampleAt(video, frame, x, y)[plane];
  }
  return file;
}

/** A bright bar that moves over slow waves of two colours: luma and the two differences, of full range. */
function sampleAt({ width, height, seed }, frame, x, y) {
  const bar = Math.abs(((x + frame * 3 + seed) % width) - width / 2) < 6;
  const u = 128 + 40 * Math.sin((y / height) * 3 + seed);
  const v = 128 + 40 * Math.cos((x / width) * 3 + frame / 40);
  return [bar ? 220 : 70 + (60 * y) / height, Math.round(u), Math.round(v)].map(Math.round);
}

/** JPEG's conversion: ITU-T T.871, section 7. */
function rgbOf([luma, u, v]) {
  const [blue, red] = [u - 128, v - 128];
  const parts = [luma + 1.402 * red, luma - 0.344136 * blue - 0.714136 * red, luma + 1.772 * blue];
  return parts.map((value) => Math.min(255, Math.max(0, value)));
}

/** Netpbm P6. */
function watermarkFile() {
  const { width, height, colour } = MARK;
  const pixels = Buffer.alloc(width * height * 3, Buffer.from(colour));
  return Buffer.concat([Buffer.from(`P6\n${width} ${height}\n255\n`), pixels]);
}
