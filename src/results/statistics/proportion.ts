// Rates of failure. Comes in: failures among attempts; goes out: the exact interval for their probability. Pure.
import { betaQuantile } from './distributions.js';

/**
 * Clopper–Pearson interval: C. J. Clopper & E. S. Pearson, "The use of confidence or fiducial limits illustrated in the
 * case of the binomial", Biometrika 26 (1934). Covers with at least the level whatever the probability is.
 * @param failures whole number between 0 and n. @param n at least 1.
 */
export function clopperPearson(failures: number, n: number, level: number): { low: number; high: number } {
  const tail = (1 - level) / 2;
  return {
    low: failures === 0 ? 0 : betaQuantile(tail, failures, n - failures + 1),
    high: failures === n ? 1 : betaQuantile(1 - tail, failures + 1, n - failures),
  };
}
