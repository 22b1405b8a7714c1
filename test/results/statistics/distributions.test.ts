import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  betaQuantile,
  binomialCdf,
  incompleteBeta,
  logGamma,
  normalCdf,
  normalQuantile,
  studentCdf,
  studentQuantile,
} from '../../../src/results/statistics/distributions.js';

// Reference values: SciPy 1.17 (gammaln, betainc, binom, t, norm).
function near(actual: number, expected: number): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-10 * Math.abs(expected) + 1e-14);
}

test('the logarithm of the gamma function agrees with SciPy', () => {
  near(logGamma(0.5), 0.5723649429247);
  near(logGamma(3.7), 1.428072326665388);
  near(logGamma(100.25), 360.28455963776423);
});

test('the incomplete beta function agrees with SciPy', () => {
  near(incompleteBeta(0.3, 2, 5), 0.5798250000000003);
  near(incompleteBeta(0.5, 50, 51), 0.5397946186935889);
  near(incompleteBeta(0.99, 0.5, 3), 0.9999996863210445);
  near(incompleteBeta(1e-4, 3, 2000), 0.0011502831503989186);
});

test('the binomial distribution agrees with SciPy', () => {
  near(binomialCdf(17, 50, 0.5), 0.016419568782134242);
  near(binomialCdf(18, 50, 0.5), 0.03245432353613609);
  near(binomialCdf(3, 10, 0.9), 9.121599999999986e-6);
  near(binomialCdf(9899, 10_000, 0.99), 0.47343746594184444);
});

test("Student's t and the normal distribution agree with SciPy", () => {
  near(studentQuantile(0.975, 9), 2.262157162798205);
  near(studentQuantile(0.975, 5), 2.5705818356363146);
  near(studentQuantile(0.95, 1), 6.313751514675037);
  near(studentQuantile(0.995, 200), 2.600634436191558);
  near(studentCdf(2, 9), 0.9617235881146495);
  near(studentCdf(-1.3, 4), 0.13172579823546);
  near(normalCdf(-6), 9.865876450376946e-10);
  near(normalCdf(-1.96), 0.024997895148220435);
  near(normalCdf(0.3), 0.6179114221889526);
  near(normalCdf(3.4), 0.9996630707343231);
  near(normalQuantile(1e-6), -4.753424308822899);
  near(normalQuantile(0.025), -1.9599639845400545);
  near(normalQuantile(0.9), 1.2815515655446004);
});

test('a binomial distribution is the sum of its probabilities', () => {
  const property = fc.property(
    fc.integer({ min: 1, max: 60 }),
    fc.double({ min: 0.01, max: 0.99, noNaN: true }),
    (n, p) => {
      let probability = (1 - p) ** n;
      let total = probability;
      for (let k = 0; k < n; k += 1) {
        expect(Math.abs(binomialCdf(k, n, p) - total)).toBeLessThan(1e-10);
        probability *= ((n - k) / (k + 1)) * (p / (1 - p));
        total += probability;
      }
    },
  );
  fc.assert(property, { numRuns: 200 });
});

test('a beta quantile is where the distribution has that probability', () => {
  const shape = fc.integer({ min: 1, max: 500 });
  const property = fc.property(
    fc.double({ min: 0.001, max: 0.999, noNaN: true }),
    shape,
    shape,
    (probability, a, b) => {
      expect(Math.abs(incompleteBeta(betaQuantile(probability, a, b), a, b) - probability)).toBeLessThan(1e-9);
    },
  );
  fc.assert(property, { numRuns: 200 });
});
