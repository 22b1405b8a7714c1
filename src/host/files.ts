// Reads the kernel's small files. Comes in: a path below a root that is `/` outside tests; goes out: text or numbers, and
// undefined for whatever this kernel, or this container, does not show. Nothing here throws.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface HostFiles {
  /** The whole file without blanks around it; undefined when there is none or it is empty. */
  text(path: string): string | undefined;
  exists(path: string): boolean;
  /** Names in a folder that match; none when there is no such folder. */
  names(path: string, pattern: RegExp): string[];
  /** The number after a key at the beginning of a line: `pswpin 0`, `MemTotal:  512 kB`. */
  number(path: string, key: string): number | undefined;
}

export function hostFiles(root = '/'): HostFiles {
  const text = (path: string): string | undefined => {
    try {
      return readFileSync(join(root, path), 'utf8').trim() || undefined;
    } catch {
      return undefined;
    }
  };
  return {
    text,
    exists: (path) => existsSync(join(root, path)),
    names: (path, pattern) => {
      try {
        return readdirSync(join(root, path)).filter((name) => pattern.test(name));
      } catch {
        return [];
      }
    },
    number: (path, key) => {
      for (const line of text(path)?.split('\n') ?? []) {
        const [first, second] = line.split(/[\s:]+/);
        if (first === key) return wholeNumber(second);
      }
      return undefined;
    },
  };
}

export function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
