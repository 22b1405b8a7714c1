// The first benchmarks of the catalogue, run for real in both languages: what all benchmarks must show, and what is
// particular to each.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BUCKET, describeBenchmark, fixtures, type Mutation } from './suite.js';
import { type HandlerAnswer, PYTHON, temporaryFolder } from './support.js';

const LANGUAGES = PYTHON === undefined ? ['nodejs'] : ['python', 'nodejs'];
const fixture = fixtures(['010.sleep', '110.dynamic-html', '311.compression']);

const REJECTED: Record<string, Mutation[]> = {
  '010.sleep': [
    ['nothing', () => undefined, /no object/],
    ['an empty output', () => ({}), /slept for undefined/],
    ['a truncated output', ({ sleep_s, nonce }: Record<string, number>) => ({ sleep_s, nonce }), /slept_us is no/],
    ["another size's output", (_: never, other: unknown) => other, /slept for 0\.1 s, 0\.01 s/],
    ['another nonce', (result: { nonce: number }) => ({ ...result, nonce: result.nonce + 1 }), /of another event/],
    ['a sleep too short', (result: object) => ({ ...result, slept_us: 7_999 }), /woke up after 7999 µs/],
    ['no token', (result: object) => ({ ...result, token: '' }), /no token/],
  ] as Mutation[],
  '110.dynamic-html': [
    ['nothing', () => null, /no text/],
    ['an empty output', () => '', /does not say when/],
    ['a truncated output', (page: string) => page.slice(0, -10), /differs at character/],
    [
      'half an output',
      (page: string) => page.slice(0, page.length / 2),
      /does not say when it was rendered|has \d items, not 10/,
    ],
    ["another size's output", (_: never, other: unknown) => other, /has 1000 items, not 10/],
    ['one item less', (page: string) => page.replace(/<li>\d+<\/li>/, ''), /has 9 items, not 10/],
    ['one item more', (page: string) => page.replace('<li>', '<li>1</li><li>'), /has 11 items, not 10/],
    [
      'a number off by one',
      (page: string) => page.replace(/(\d+)<\/li><\/ol>/, (_all, last: string) => `${Number(last) + 1}</li></ol>`),
      /differs at character/,
    ],
    ['a name that was not escaped', (page: string) => page.replaceAll('&lt;', '<'), /differs at character/],
    ["an earlier event's nonce", (page: string) => page.replace(/(request <code>)\d/, '$1x'), /differs at character/],
    ['no time', (page: string) => page.replace(/<time>[^<]*/, '<time>now'), /at no time/],
  ] as Mutation[],
  '311.compression': [
    ['nothing', () => undefined, /no object/],
    ['an empty output', () => ({}), /is in bucket 'undefined'/],
    ['no key', (result: object) => ({ ...result, key: undefined }), /key 'undefined' is not below/],
    ['a key elsewhere', (result: object) => ({ ...result, key: '311.compression/in.zip' }), /is not below/],
    ['a key that leaves', (r: { key: string }) => ({ ...r, key: `${r.key}/../../../../x` }), /leaves its bucket/],
    ["another size's output", (_: never, other: unknown) => other, /100 files were packed, not 10/],
    ['one file less', (result: { files: number }) => ({ ...result, files: result.files - 1 }), /9 files/],
    ['a byte more', (r: { input_bytes: number }) => ({ ...r, input_bytes: r.input_bytes + 1 }), /bytes were packed/],
    [
      'another size of archive',
      (r: { zip_bytes: number }) => ({ ...r, zip_bytes: r.zip_bytes - 1 }),
      /the archive has/,
    ],
    ['an archive that is not there', (r: { key: string }) => ({ ...r, key: `${r.key}x` }), /there is no archive/],
  ] as Mutation[],
};

const BOTH = { languages: ['python', 'nodejs'] };

describeBenchmark(
  {
    ...BOTH,
    id: '010.sleep',
    comparable: (result) => ({ ...(result as object), slept_us: 0, token: '' }),
    work: ({ event }) => (event as { sleep_s: number }).sleep_s,
    rejected: REJECTED['010.sleep'] ?? [],
  },
  fixture,
);

describeBenchmark(
  {
    ...BOTH,
    id: '110.dynamic-html',
    comparable: (result) => String(result).replace(/<time>.*<\/code> of/, 'of'),
    work: ({ event }) => (event as { count: number }).count,
    rejected: REJECTED['110.dynamic-html'] ?? [],
  },
  fixture,
);

describeBenchmark(
  {
    ...BOTH,
    id: '311.compression',
    comparable: (result) => ({ ...(result as object), key: '', zip_bytes: 0 }),
    work: ({ objects }) => objects.reduce((sum, object) => sum + object.bytes, 0),
    measures: ['download_us', 'compute_us', 'upload_us', 'download_bytes', 'upload_bytes'],
    rejected: REJECTED['311.compression'] ?? [],
  },
  fixture,
);

describe.each(LANGUAGES)('in %s', (language) => {
  it('010.sleep takes the time that it was asked to take', async () => {
    const { prepare, call } = await fixture();
    const begin = performance.now();
    await call(language, await prepare('010.sleep', 'large'));
    expect(performance.now() - begin).toBeGreaterThanOrEqual(999);
  });

  it('311.compression measures its parts, and its archive satisfies another reader', async () => {
    const { prepare, call, storage } = await fixture();
    const input = await prepare('311.compression', 'test');
    const [answer] = (await call(language, input)) as [HandlerAnswer];
    const { key, zip_bytes, input_bytes } = answer.result as Record<string, number> & { key: string };
    expect(answer.measurement).toEqual({
      download_us: expect.any(Number),
      compute_us: expect.any(Number),
      upload_us: expect.any(Number),
      download_bytes: input_bytes,
      upload_bytes: zip_bytes,
    });
    if (PYTHON === undefined) return;
    const file = join(temporaryFolder(), 'archive.zip');
    writeFileSync(file, await storage.download(BUCKET, key));
    const listing = execFileSync(PYTHON.executable, ['-m', 'zipfile', '-t', file], { encoding: 'utf8' });
    expect(listing).toBe('Done testing\n');
  });
});

describe('the validator of 010.sleep', () => {
  it('refuses an answer that came faster than it claims to have slept', async () => {
    const { prepare, call, judge } = await fixture();
    const input = await prepare('010.sleep', 'test');
    const [right] = (await call('nodejs', input)) as [HandlerAnswer];
    expect(await judge(input, right.result, { benchmarkUs: 300 })).toMatch(/answered after 300 µs, but claims/);
    const { slept_us } = right.result as { slept_us: number };
    expect(await judge(input, right.result, { benchmarkUs: slept_us + 50 })).toBeNull();
  });
});

describe('the validator of 311.compression', () => {
  const replaced: [string, (archive: Uint8Array) => Uint8Array, RegExp][] = [
    ['truncated', (archive) => archive.subarray(0, -30), /cannot be unpacked|is not in the archive/],
    ['empty', () => new Uint8Array(), /cannot be unpacked/],
    ['damaged in its middle', flipped, /cannot be unpacked|other content|bytes in the archive/],
  ];
  it.each(replaced)('refuses an archive that is %s', async (_what, change, reason) => {
    const { prepare, call, judge, storage } = await fixture();
    const input = await prepare('311.compression', 'test');
    const result = (await call('nodejs', input))[0]?.result as { key: string; zip_bytes: number };
    const archive = change(await storage.download(BUCKET, result.key));
    await storage.upload(BUCKET, result.key, archive);
    expect(await judge(input, { ...result, zip_bytes: archive.byteLength })).toMatch(reason);
  });

  it('refuses the archive of another seed in the place of its own', async () => {
    const { prepare, call, judge, storage } = await fixture();
    const [input, other] = [await prepare('311.compression', 'test'), await prepare('311.compression', 'test', 7)];
    const [mine, theirs] = await Promise.all([input, other].map(async (one) => (await call('nodejs', one))[0]?.result));
    const archive = await storage.download(BUCKET, (theirs as { key: string }).key);
    await storage.upload(BUCKET, (mine as { key: string }).key, archive);
    expect(await judge(input, { ...(mine as object), zip_bytes: archive.byteLength })).toMatch(/has other content/);
  });

  it('removes each archive that it has found right, so a run does not fill the disk', async () => {
    const { prepare, call, judge, storage } = await fixture();
    const input = await prepare('311.compression', 'test');
    const answers = await call('nodejs', input, 3);
    for (const { result } of answers) expect(await judge(input, result)).toBeNull();
    expect(await storage.list(BUCKET, '311.compression/out/')).toEqual([]);
    expect(await storage.list(BUCKET, `${input.place?.input}/`)).toHaveLength(10);
  });
});

function flipped(archive: Uint8Array): Uint8Array {
  const middle = Math.floor(archive.length / 2);
  return archive.map((byte, index) => (index === middle ? byte ^ 0xff : byte));
}
