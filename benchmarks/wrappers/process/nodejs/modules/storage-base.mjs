// What all storage clients of functions have in common: unique names, and checks of buckets and keys.
import { randomUUID } from 'node:crypto';
import { extname } from 'node:path';

/** `dir/name.ext` -> `dir/name.<8 hex digits>.ext`. */
export function uniqueName(name) {
  const extension = extname(name);
  const stem = name.slice(0, name.length - extension.length);
  return `${stem}.${randomUUID().slice(0, 8)}${extension}`;
}

export function checkedBucket(bucket) {
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket) || bucket.includes('..'))
    throw new TypeError(`'${bucket}' is no name of a bucket`);
  return bucket;
}

export function checkedKey(bucket, key) {
  if (key.includes('\0')) throw new TypeError(`the key '${key}' contains a zero byte`);
  if (key.split('/').some((part) => part === '' || part === '.' || part === '..'))
    throw new TypeError(`the key '${key}' leaves bucket '${bucket}' or has an empty part`);
  return key;
}

/** A promise of the key that is also iterable as [key, promise], as functions written for SeBS take it. */
export function asPair(key, promise) {
  return Object.assign(promise, {
    *[Symbol.iterator]() {
      yield key;
      yield promise;
    },
  });
}
