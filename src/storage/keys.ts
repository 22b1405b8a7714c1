// Names in object storage, checked before they reach any of them: a key is a path below its bucket and may not leave
// it, wherever it comes from. Comes in: a name; goes out: the same name, or an error that says what is wrong with it.
import { PlatformError } from '../errors.js';

const MAX_KEY_BYTES = 1024;

/** 3 to 63 lower-case letters, digits, '-' and '.', as every provider allows. */
export function checkedBucket(bucket: string): string {
  if (/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket) && !bucket.includes('..')) return bucket;
  throw new PlatformError(`'${bucket}' is no name of a bucket`, {
    hint: "3 to 63 lower-case letters, digits, '-' or '.'",
  });
}

/** The bucket of one run: its inputs and outputs are its own, and go with it. */
export function runBucket(runId: string): string {
  return `sebs-${runId.toLowerCase().replace(/[^a-z0-9-]/g, '-')}`.slice(0, 63);
}

/** Parts joined by '/'; none is empty, '.' or '..'. */
export function checkedKey(key: string): string {
  const fault = keyFault(key);
  if (fault === undefined) return key;
  throw new PlatformError(`the key ${JSON.stringify(key)} ${fault}`, {
    hint: "a key is a path below its bucket, e.g. 'input/a.txt'",
  });
}

/** A prefix is the beginning of a key, or nothing. */
export function checkedPrefix(prefix: string): string {
  if (prefix !== '') checkedKey(prefix.replace(/\/$/, ''));
  return prefix;
}

function keyFault(key: string): string | undefined {
  if (key === '') return 'is empty';
  if (key.includes('\0')) return 'contains a zero byte';
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) return `is longer than ${MAX_KEY_BYTES} bytes`;
  if (key.startsWith('/')) return 'begins with a slash';
  const parts = key.split('/');
  if (parts.includes('..') || parts.includes('.')) return 'leaves its bucket';
  return parts.includes('') ? 'has an empty part' : undefined;
}
