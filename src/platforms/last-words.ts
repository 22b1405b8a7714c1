// What a sandbox of this machine died of, in words. Comes in: how its process ended, whether its memory limit was
// reached, and the end of what it wrote; goes out: memory or crash, with the last lines.
import type { SandboxDeath } from './driver.js';

/** V8 prints a long stack trace after the line that says why. */
export const TAIL_BYTES = 16_384;
const LAST_LINES = 10;
const NO_MEMORY = /^.*(out of memory|cannot allocate memory|MemoryError|bad_alloc|allocation failed).*$/im;

export interface Ending {
  /** "exited with code 3", "killed by SIGKILL". */
  how: string;
  /** Whether it ended by its own will and without complaint. */
  clean: boolean;
  limitReached: boolean;
  /** " of 128 MB (cgroup-v2)", or empty where there is no limit. */
  limit: string;
  tail: string;
}

export function deathOf({ how, clean, limitReached, limit, tail }: Ending): SandboxDeath {
  if (limitReached)
    return { kind: 'memory', text: `${how} after it reached its memory limit${limit}${lastWords(tail)}` };
  // A runtime that is refused memory ends itself; so does V8 at the heap size that it derived from the limit.
  const refused = clean ? undefined : NO_MEMORY.exec(tail)?.[0];
  if (refused !== undefined)
    return {
      kind: 'memory',
      text: `${how} after it found no more memory under its limit${limit}; it wrote: ${refused}`,
    };
  return { kind: 'crash', text: `${how}${lastWords(tail)}` };
}

/** The last lines of a log as the end of a sentence; empty when there are none. */
export function lastWords(tail: string): string {
  if (tail === '') return '';
  return `; it wrote last: ${tail.split('\n').slice(-LAST_LINES).join('\n')}`;
}
