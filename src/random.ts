// Seeded randomness. Every draw of sebs comes from a generator keyed by the suite's seed and a label, so that the
// order of work, resumes and machines do not change what is drawn. Only this file imports pure-rand.
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { sha256 } from './hash.js';

export interface Random {
  /** A uniform integer in [from, to], both included. */
  integer(from: number, to: number): number;
  /** A uniform number in [0, 1) with 32 bits. */
  unit(): number;
}

/** A generator of its own for each (seed, label). */
export function randomFor(seed: number, ...label: readonly (string | number)[]): Random {
  const key = Number.parseInt(sha256([seed, ...label].join('\u0000')).slice(0, 8), 16) | 0;
  const generator = xoroshiro128plus(key);
  return {
    integer: (from, to) => uniformInt(generator, from, to),
    unit: () => (generator.next() >>> 0) / 0x1_0000_0000,
  };
}

/** A new array in random order (Fisher–Yates). */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last -= 1) {
    const other = random.integer(0, last);
    const held = result[last] as T;
    result[last] = result[other] as T;
    result[other] = held;
  }
  return result;
}
