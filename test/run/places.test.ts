import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createShortener, shortenFiles } from '../../src/run/places.js';

const PLACES = { '~': '/home/ann', '<cache>': '/home/ann/.cache/sebs', '<none>': '/' };

describe('places in texts', () => {
  it.each([
    ['at /home/ann/.cache/sebs/packages/1/function.py:3', 'at <cache>/packages/1/function.py:3'],
    ['file:///home/ann/x.mjs, in /home/ann', 'file://~/x.mjs, in ~'],
    ['"/home/ann".', '"~".'],
    [
      '/home/anna and /home/ann-2 and /home/ann.old are others',
      '/home/anna and /home/ann-2 and /home/ann.old are others',
    ],
    ['nothing here: /', 'nothing here: /'],
  ])('stand by their names: %s', (text, short) => {
    expect(createShortener(PLACES)(text)).toBe(short);
  });

  it('are found inside JSON', () => {
    const shorten = createShortener({ '~': '/home/a"n\\n' });
    expect(JSON.parse(shorten(JSON.stringify({ error: 'in /home/a"n\\n/x' })))).toEqual({ error: 'in ~/x' });
  });

  it('leave what a file holds else as it is, byte for byte', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sebs-test-'));
    try {
      mkdirSync(join(folder, 'inner'));
      const file = join(folder, 'inner', 'a.log');
      const other = join(folder, 'b.log');
      writeFileSync(file, Buffer.concat([Buffer.from('/home/jörg/x µ\n'), Buffer.from([255, 0, 13, 10])]));
      writeFileSync(other, 'no place');
      const before = statSync(other).ino;
      shortenFiles(folder, { '~': '/home/jörg' });
      expect(readFileSync(file)).toEqual(Buffer.concat([Buffer.from('~/x µ\n'), Buffer.from([255, 0, 13, 10])]));
      expect(statSync(other).ino).toBe(before);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
