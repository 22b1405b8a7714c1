// Content hashes. Everything that is named by its content (cells, tasks, packages, inputs, suites) is hashed here, so
// that equal content has one name. Comes in: plain JSON or bytes; goes out: lower-case hex of SHA-256.
import { hash } from 'node:crypto';

/**
 * JSON with the keys of every object in code-unit order: equal content, equal text. `undefined` members are left out.
 * Written out by hand: a plan of 100,000 cells asks for it as often, and JSON.stringify with a function is four times slower.
 */
export function stableJson(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if ('toJSON' in value && typeof value.toJSON === 'function') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => stableJson(item) ?? 'null').join(',')}]`;
  const record = value as Record<string, unknown>;
  let text = '';
  for (const key of Object.keys(record).sort()) {
    const member = stableJson(record[key]);
    if (member !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${member}`;
  }
  return `{${text}}`;
}

export function sha256(data: string | Uint8Array): string {
  return hash('sha256', data, 'hex');
}

export function hashOf(value: unknown): string {
  return sha256(stableJson(value));
}

/** The first 12 hex digits: 48 bits, a collision among 100,000 names has a probability of about 2 in 100,000. */
export function shortHash(value: unknown): string {
  return hashOf(value).slice(0, 12);
}
