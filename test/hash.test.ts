// Content has one name: the text that is hashed does not depend on the order of keys, and is what JSON would be.
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashOf, sha256, stableJson } from '../src/hash.js';

const reversed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(reversed);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, member]) => [key, reversed(member)])
      .reverse(),
  );
};

describe('stableJson', () => {
  it('reads back as the same value and does not know the order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(stableJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
        expect(hashOf(reversed(value))).toBe(hashOf(value));
      }),
    );
  });

  it('writes what JSON writes', () => {
    expect(
      stableJson({ b: undefined, a: [undefined, null, Number.NaN, -0, 1e21], c: new Date(0), 'ä"': '\u2028\ud800' }),
    ).toBe(JSON.stringify({ a: [undefined, null, Number.NaN, -0, 1e21], c: new Date(0), 'ä"': '\u2028\ud800' }));
  });
});

describe('sha256', () => {
  it('is that of the bytes, and of a text in UTF-8', () => {
    const expected = createHash('sha256').update('é').digest('hex');
    expect(sha256('é')).toBe(expected);
    expect(sha256(new TextEncoder().encode('é'))).toBe(expected);
  });
});
