// Seeded randomness. Every draw of sebs comes from a generator keyed by the suite's seed and a label, so that the
// order of work, resumes and machines do not change what is drawn. Only this file imports pure-rand.
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus, xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
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

/**
 * Generators for many draws under one label, each keyed by numbers of its own: the same numbers give the same draws,
 * whenever and however often they are asked for. The label is hashed once; the numbers are mixed into its 128 bits.
 */
export function keyedRandom(seed: number, ...label: readonly (string | number)[]): (...key: number[]) => Random {
  const hash = sha256([seed, ...label].join('\u0000'));
  const words = [0, 8, 16, 24].map((at) => Number.parseInt(hash.slice(at, at + 8), 16) | 0);
  return (...key) => {
    let [a = 0, b = 0, c = 0, d = 0] = words;
    for (const number of key) {
      a = mixed(a ^ number);
      b = mixed(b + a);
      c = mixed(c ^ b);
      d = mixed(d + c);
    }
    const generator = xoroshiro128plusFromState([a, b, c, d | 1]);
    return {
      integer: (from, to) => uniformInt(generator, from, to),
      unit: () => (generator.next() >>> 0) / 0x1_0000_0000,
    };
  };
}

/** MurmurHash3's last step: every bit of the word comes to depend on every other. */
function mixed(word: number): number {
  let w = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  w = Math.imul(w ^ (w >>> 13), 0xc2b2ae35);
  return w ^ (w >>> 16);
}

/** A standard normal draw (Box–Muller). */
export function standardNormal(random: Random): number {
  // 1 - unit is never 0.
  return Math.sqrt(-2 * Math.log(1 - random.unit())) * Math.cos(2 * Math.PI * random.unit());
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
