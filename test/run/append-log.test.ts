import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mendLog, openAppendLog, readLog, replaceTail } from '../../src/run/append-log.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sebs-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('an append-only log', () => {
  it('has every line on the file as soon as append returns', () => {
    const path = join(folder, 'log.jsonl');
    const log = openAppendLog<{ n: number }>(path);
    log.append({ n: 1 }, { n: 2 });
    expect(readFileSync(path, 'utf8')).toBe('{"n":1}\n{"n":2}\n');
    log.append({ n: 3 });
    expect(readLog(path)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    log.close();
    log.close();
  });

  it('makes no file until something is written', () => {
    const path = join(folder, 'log.jsonl');
    const log = openAppendLog(path);
    log.append();
    log.sync();
    log.close();
    expect(readLog(path)).toEqual([]);
    expect(() => readFileSync(path)).toThrow('ENOENT');
  });

  it.each(['{"n":2', '{', '{"n":2}'])('sets a torn last line aside: %s', (torn) => {
    const path = join(folder, 'log.jsonl');
    appendFileSync(path, `{"n":1}\n${torn}`);
    expect(readLog(path)).toEqual([{ n: 1 }]);
    expect(mendLog(path)).toEqual([{ n: 1 }]);
    expect(readFileSync(`${path}.torn`, 'utf8')).toBe(`${torn}\n`);
    const log = openAppendLog<{ n: number }>(path);
    log.append({ n: 3 });
    log.close();
    expect(readLog(path)).toEqual([{ n: 1 }, { n: 3 }]);
  });

  it('sets a last line aside that was torn within a character', () => {
    const path = join(folder, 'log.jsonl');
    appendFileSync(path, Buffer.concat([Buffer.from('{"n":"µ"}\n{"n":"'), Buffer.from('µ').subarray(0, 1)]));
    expect(mendLog(path)).toEqual([{ n: 'µ' }]);
    expect(readFileSync(path, 'utf8')).toBe('{"n":"µ"}\n');
  });

  it('gives its last lines another form, and keeps what they were beside it', () => {
    const path = join(folder, 'log.jsonl');
    appendFileSync(path, '{"n":"µ"}\n{"n":2}\n{"n":3}\n');
    replaceTail(path, 1, [{ n: 20 }, { n: 30 }]);
    expect(readLog(path)).toEqual([{ n: 'µ' }, { n: 20 }, { n: 30 }]);
    expect(readFileSync(`${path}.torn`, 'utf8')).toBe('{"n":2}\n{"n":3}\n');
  });

  it('refuses damage in the middle, naming the line', () => {
    const path = join(folder, 'log.jsonl');
    appendFileSync(path, '{"n":1}\nrubbish\n{"n":3}\n');
    expect(() => readLog(path)).toThrow(`${path}:2 is not a line that sebs wrote`);
  });
});
