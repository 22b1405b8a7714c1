// Stage 3, benchmarks: what a validator needs besides the standard library, so that a benchmark's folder stays plain
// files without dependencies. Comes in: bytes of an output; goes out: what is in them. Only this file imports fflate.
import { sha256 } from '../hash.js';

/** Handed to `validate` in input.mjs. */
export interface ValidatorTools {
  /** Files of a zip archive by name, folders left out. Throws for an archive that is broken or unpacks to more than 512 MB. */
  unzip(data: Uint8Array): Promise<Map<string, Uint8Array>>;
  /** Lower-case hex. */
  sha256(data: Uint8Array | string): string;
  /** True the first time a token is shown in this run, false when an earlier output has shown it: that one is stale. */
  once(token: string): boolean;
}

const MAX_UNPACKED_BYTES = 512 * 1_048_576;

/** `seen` holds the tokens that outputs have shown so far. */
export function validatorTools(seen: Set<string>): ValidatorTools {
  return { unzip, sha256, once: (token) => seen.size < seen.add(token).size };
}

async function unzip(data: Uint8Array): Promise<Map<string, Uint8Array>> {
  const { unzipSync } = await import('fflate');
  let unpackedBytes = 0;
  const files = unzipSync(data, {
    filter: ({ name, originalSize }) => {
      unpackedBytes += originalSize;
      if (unpackedBytes > MAX_UNPACKED_BYTES) throw new Error('the archive unpacks to more than 512 MB');
      return !name.endsWith('/');
    },
  });
  return new Map(Object.entries(files));
}
