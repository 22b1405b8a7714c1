// Benchmarks that move an object from the storage to the storage, run for real in every language that carries them.
import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodePng, encodePng } from '../../benchmarks/200.multimedia/210.thumbnailer/png.mjs';
import { BUCKET, describeBenchmark, fixtures, type Mutation } from './suite.js';
import { PYTHON } from './support.js';

interface Stored {
  key: string;
  bytes: number;
  nonce: number;
}

/** Wrong in whatever result names an object. */
const ANY = [
  ['nothing', () => undefined, /no object/],
  ['an empty output', () => ({}), /nonce undefined/],
  ["another size's output", (_: never, other: unknown) => other, /of another event/],
  ['no key', (result: Stored) => ({ ...result, key: undefined }), /key .*'undefined' is not below/],
  ['a key elsewhere', (result: Stored) => ({ ...result, key: 'elsewhere/in.bin' }), /is not below/],
  ['a key that leaves', (result: Stored) => ({ ...result, key: `${result.key}/../../../../x` }), /leaves its bucket/],
  ['an object that is not there', (result: Stored) => ({ ...result, key: `${result.key}x` }), /of an earlier request/],
  ['a byte more', (result: Stored) => ({ ...result, bytes: result.bytes + 1 }), /bytes/],
  ['another bucket', (result: Stored) => ({ ...result, bucket: 'other' }), /bucket 'other'/],
] as Mutation[];

const MEASURES = ['download_us', 'upload_us', 'download_bytes', 'upload_bytes'];

const fixture = fixtures(['120.uploader', '210.thumbnailer', '220.video-processing', '504.dna-visualisation']);

describeBenchmark(
  {
    id: '120.uploader',
    languages: ['python', 'nodejs'],
    comparable: (result) => ({ ...(result as Stored), key: '' }),
    work: ({ objects }) => objects.reduce((sum, { bytes }) => sum + bytes, 0),
    measures: MEASURES,
    rejected: ANY,
  },
  fixture,
);

describeBenchmark(
  {
    id: '210.thumbnailer',
    languages: ['python', 'nodejs'],
    comparable: (result) => ({ ...(result as Stored), key: '', bytes: 0 }),
    work: ({ event }) => {
      const { width, height } = (event as { picture: { width: number; height: number } }).picture;
      return width * height;
    },
    measures: [...MEASURES, 'compute_us'],
    rejected: ANY,
  },
  fixture,
);

describeBenchmark(
  {
    id: '220.video-processing',
    languages: ['python'],
    comparable: (result) => ({ ...(result as Stored), key: '' }),
    work: ({ event }) => (event as { video: { frames: number } }).video.frames,
    measures: [...MEASURES, 'compute_us'],
    rejected: ANY,
  },
  fixture,
);

describeBenchmark(
  {
    id: '504.dna-visualisation',
    languages: ['python'],
    comparable: (result) => ({ ...(result as Stored), key: '' }),
    work: ({ objects }) => objects.reduce((sum, { bytes }) => sum + bytes, 0),
    measures: [...MEASURES, 'compute_us'],
    rejected: ANY,
  },
  fixture,
);

type Change = (data: Uint8Array) => Uint8Array;
const LANGUAGE: Record<string, string> = { '220.video-processing': 'python', '504.dna-visualisation': 'python' };

describe.each([
  ['120.uploader', 'truncated', (data) => data.subarray(1), /bytes, not/],
  ['120.uploader', 'damaged', flipped, /other content/],
  ['210.thumbnailer', 'truncated', (data) => data.subarray(0, -20), /cut off|damaged/],
  ['210.thumbnailer', 'of other colours', (data) => repainted(data, (value) => value ^ 0x20), /shows something else/],
  ['210.thumbnailer', 'mirrored', mirrored, /shows something else/],
  ['210.thumbnailer', 'a row too short', (data) => cropped(data), /× 149 pixels, not 200 × 150/],
  ['220.video-processing', 'truncated', (data) => data.subarray(0, -200), /cut off|pixels of/],
  ['220.video-processing', 'of other colours', swappedPalette, /frame \d shows something else/],
  ['504.dna-visualisation', 'truncated', (data) => data.subarray(0, -20), /no JSON/],
  [
    '504.dna-visualisation',
    'off by one',
    (data) => edited(data, ({ y }) => y.splice(7, 1, Number(y[7]) + 1)),
    /point 7 is/,
  ],
  ['504.dna-visualisation', 'a point short', (data) => edited(data, ({ x }) => x.pop()), /10000 and 10001 coordinates/],
] as [string, string, Change, RegExp][])('the validator of %s', (id, what, change, reason) => {
  const language = LANGUAGE[id] ?? 'nodejs';
  it.skipIf(language === 'python' && PYTHON === undefined)(
    `refuses an object that is ${what}`,
    { timeout: 120_000 },
    async () => {
      const { prepare, call, judge, storage } = await fixture();
      const input = await prepare(id, 'test');
      const result = (await call(language, input))[0]?.result as Stored;
      const data = change(await storage.download(BUCKET, result.key));
      await storage.upload(BUCKET, result.key, data);
      expect(await judge(input, { ...result, bytes: id === '120.uploader' ? result.bytes : data.byteLength })).toMatch(
        reason,
      );
    },
  );
});

function flipped(data: Uint8Array): Uint8Array {
  const middle = Math.floor(data.length / 2);
  return data.map((byte, index) => (index === middle ? byte ^ 0xff : byte));
}

function repainted(data: Uint8Array, paint: (value: number) => number): Uint8Array {
  const picture = decodePng(data);
  return encodePng({ ...picture, pixels: picture.pixels.map(paint) }, deflateSync);
}

function mirrored(data: Uint8Array): Uint8Array {
  const { width, height, pixels } = decodePng(data);
  return encodePng({ width, height, pixels: pixels.toReversed() }, deflateSync);
}

function cropped(data: Uint8Array): Uint8Array {
  const { width, height, pixels } = decodePng(data);
  return encodePng({ width, height: height - 1, pixels }, deflateSync);
}

/** Red and blue of the common palette changed places. */
function swappedPalette(data: Uint8Array): Uint8Array {
  const length = 3 * 2 ** ((Number(data[10]) & 7) + 1);
  return data.map((value, at) => {
    if (at < 13 || at >= 13 + length) return value;
    const part = (at - 13) % 3;
    return Number(data[part === 0 ? at + 2 : part === 2 ? at - 2 : at]);
  });
}

function edited(data: Uint8Array, edit: (points: { x: number[]; y: number[] }) => void): Uint8Array {
  const points = JSON.parse(Buffer.from(data).toString()) as { x: number[]; y: number[] };
  edit(points);
  return Buffer.from(JSON.stringify(points));
}
