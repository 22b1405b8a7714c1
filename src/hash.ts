// Content hashes. Everything that is named by its content (cells, tasks, packages, inputs, suites) is hashed here, so
// that equal content has one name. Comes in: plain JSON or bytes; goes out: lower-case hex of SHA-256.
import { createHash } from 'node:crypto';

/** JSON with the keys of every object in code-unit order: equal content, equal text. `undefined` members are left out. */
export function stableJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => {
    if (member === null || typeof member !== 'object' || Array.isArray(member)) return member;
    const record = member as Record<string, unknown>;
    return Object.fromEntries(
      Object.keys(record)
        .sort()
        .map((key) => [key, record[key]]),
    );
  });
}

export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

export function hashOf(value: unknown): string {
  return sha256(stableJson(value));
}

/** The first 12 hex digits: 48 bits, a collision among 100,000 names has a probability of about 2 in 100,000. */
export function shortHash(value: unknown): string {
  return hashOf(value).slice(0, 12);
}
