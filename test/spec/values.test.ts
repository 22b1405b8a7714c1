// Texts that stand for numbers, and the guesses at what a slip was meant to be.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearest, suggest } from '../../src/spec/nearest.js';
import {
  parseDurationS,
  parseLanguage,
  parseShare,
  slipOfBoolean,
  slipOfDuration,
  slipOfLanguage,
  slipOfMegabytes,
  slipOfShare,
} from '../../src/spec/values.js';

describe('durations', () => {
  it('are seconds', () => {
    expect(['500ms', '60s', '10m', '2h', '1.5h', '0.1s', '0.25ms'].map(parseDurationS)).toEqual([
      ...[0.5, 60, 600, 7200, 5400, 0.1, 0.00025],
    ]);
    expect(['60', 's', '60 s', '1d', '-1s', ''].map(parseDurationS)).toEqual(Array(6).fill(undefined));
  });

  it('mean the same in every unit that can say them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), (minutes) => {
        expect(parseDurationS(`${minutes}m`)).toBe(parseDurationS(`${minutes * 60}s`));
        expect(parseDurationS(`${minutes * 60_000}ms`)).toBe(parseDurationS(`${minutes * 60}s`));
      }),
    );
  });
});

describe('shares and languages', () => {
  it('are read as written', () => {
    expect(['5%', '12.5%', '100%', '0.1%', '7%'].map(parseShare)).toEqual([0.05, 0.125, 1, 0.001, 0.07]);
    expect(['5', '5 %', '%'].map(parseShare)).toEqual([undefined, undefined, undefined]);
    expect(parseLanguage('python')).toEqual({ language: 'python', version: null });
    expect(parseLanguage('python@3.10')).toEqual({ language: 'python', version: '3.10' });
  });
});

describe('slips', () => {
  it('of memory are numbers of MB', () => {
    expect(['128mb', '1 GB', '0.5gib', '256', '1.3mb', 'much', '0'].map(slipOfMegabytes)).toEqual([
      ...['write 128', 'write 1024', 'write 512', 'write 256', undefined, undefined, undefined],
    ]);
  });

  it('of durations and shares get their unit', () => {
    expect(['60 sec', '60', '2 Hours', '0s', '1d', 'soon'].map(slipOfDuration)).toEqual([
      ...["write '60s'", "write '60s'", "write '2h'", undefined, undefined, undefined],
    ]);
    expect(slipOfDuration(60)).toBe("write '60s' for seconds, or '60ms', '60m', '60h'");
    expect(['5 %', '5', 5, 0.05, '0%', 500, 'few'].map(slipOfShare)).toEqual([
      ...["write '5%'", "write '5%'", "write '5%'", "write '5%'", undefined, undefined, undefined],
    ]);
  });

  it('of languages get their @, of booleans their word', () => {
    expect(
      ['Python 3.11', 'python3.11', 'NodeJS', 'python=3', '3.11'].map((text) => slipOfLanguage(text, text)),
    ).toEqual([...["write 'python@3.11'", "write 'python@3.11'", "write 'nodejs'", "write 'python@3'", undefined]]);
    expect(slipOfLanguage(3.1, '3.10')).toBe(
      "a bare version is a number to YAML, and 3.10 becomes 3.1: write 'python@3.10', language first",
    );
    expect(['yes', 'Off', 1, 'maybe'].map(slipOfBoolean)).toEqual([
      'write true',
      'write false',
      'write true',
      undefined,
    ]);
  });
});

describe('nearest', () => {
  const keys = ['language', 'architecture', 'memory', 'timeout', 'trigger', 'connection', 'input', 'concurrency'];

  it.each([
    ['memry', 'memory'],
    ['Memory', 'memory'],
    ['lang', 'language'],
    ['concurency', 'concurrency'],
    ['imput', 'input'],
    ['zebra', undefined],
    ['', undefined],
  ])('%s -> %s', (written, meant) => {
    expect(nearest(written, keys)).toBe(meant);
  });

  it('finds every valid name from itself and with one letter lost', () => {
    fc.assert(
      fc.property(fc.constantFrom(...keys), fc.nat(), (key, position) => {
        const at = position % key.length;
        expect(nearest(key, keys)).toBe(key);
        expect(nearest(key.slice(0, at) + key.slice(at + 1), keys)).toBe(key);
      }),
    );
  });

  it('lists what is valid when nothing is near', () => {
    expect(suggest('zebra', ['a', 'b'], 'valid keys')).toBe('valid keys: a, b');
    expect(suggest('zebra', [], 'platforms')).toBe('there are no platforms');
    const many = Array.from({ length: 30 }, (_, index) => `name-${index}`);
    expect(suggest('zebra', many, 'ids')).toMatch(/^ids: name-0, .*name-19, … \(30 in all\)$/);
  });
});
