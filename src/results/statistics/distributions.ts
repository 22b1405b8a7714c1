// Probability distributions for the intervals of stage 4. Comes in: numbers; goes out: probabilities and quantiles to
// about 12 digits. Pure; no dependency, because the few functions needed are short and tested against published tables.

/** Natural logarithm of the gamma function for x > 0 (Lanczos' approximation with g = 7, nine terms). */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * x))) - logGamma(1 - x);
  const shifted = x - 1;
  let series = 0.99999999999980993;
  LANCZOS.forEach((coefficient, index) => {
    series += coefficient / (shifted + index + 1);
  });
  const t = shifted + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(t) - t + Math.log(series);
}

const LANCZOS = [
  676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;

/** Regularised incomplete beta function I_x(a, b), by its continued fraction (modified Lentz method). */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges quickly only on this side; the other side follows by symmetry.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x)) / a;
  return front * betaFraction(x, a, b);
}

function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1), tiny);
  let result = d;
  for (let m = 1; m <= 10_000; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d, tiny);
    c = away(1 + even / c, tiny);
    result *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d, tiny);
    c = away(1 + odd / c, tiny);
    result *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return result;
}

function away(value: number, tiny: number): number {
  return Math.abs(value) < tiny ? tiny : value;
}

/** P(B <= k) for B binomial with n trials of probability p. */
export function binomialCdf(k: number, n: number, p: number): number {
  if (k < 0) return 0;
  if (k >= n) return 1;
  return incompleteBeta(1 - p, n - k, k + 1);
}

/** The x with I_x(a, b) = probability, by bisection to the last bit that matters. */
export function betaQuantile(probability: number, a: number, b: number): number {
  return bisect((x) => incompleteBeta(x, a, b) - probability, 0, 1);
}

/** Quantile of Fisher's F distribution. */
export function fisherQuantile(probability: number, above: number, below: number): number {
  const share = betaQuantile(probability, above / 2, below / 2);
  return share >= 1 ? Infinity : (below * share) / (above * (1 - share));
}

/** P(X > x) for chi-square with the given degrees of freedom: the upper incomplete gamma function Q(k/2, x/2). */
export function chiSquareTail(x: number, degrees: number): number {
  if (x <= 0) return 1;
  const [a, half] = [degrees / 2, x / 2];
  const front = Math.exp(a * Math.log(half) - half - logGamma(a));
  if (half < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let k = 1; k < 10_000 && term > 1e-17 * sum; k += 1) {
      term *= half / (a + k);
      sum += term;
    }
    return Math.max(0, 1 - front * sum);
  }
  let fraction = 0;
  for (let k = 400; k >= 1; k -= 1) fraction = (k * (a - k)) / (half + 2 * k + 1 - a + fraction);
  return front / (half + 1 - a + fraction);
}

/** P(T <= t) for Student's t with the given degrees of freedom. */
export function studentCdf(t: number, degrees: number): number {
  const tail = 0.5 * incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5);
  return t < 0 ? tail : 1 - tail;
}

export function studentQuantile(probability: number, degrees: number): number {
  return bisect((t) => studentCdf(t, degrees) - probability, -1e4, 1e4);
}

/** P(Z <= z) for a standard normal Z, by way of the incomplete gamma function's series and fraction. */
export function normalCdf(z: number): number {
  const tail = 0.5 * complementaryError(Math.abs(z) / Math.SQRT2);
  return z > 0 ? 1 - tail : tail;
}

/** erfc(x) for x >= 0: its power series where that converges quickly, its continued fraction beyond. */
function complementaryError(x: number): number {
  if (x < 2.5) {
    let term = x;
    let sum = x;
    for (let k = 1; k < 200 && Math.abs(term) > 1e-17 * Math.abs(sum); k += 1) {
      term *= (-x * x) / k;
      sum += term / (2 * k + 1);
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = x;
  for (let k = 60; k >= 1; k -= 1) fraction = x + k / 2 / fraction;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
}

export function normalQuantile(probability: number): number {
  return bisect((z) => normalCdf(z) - probability, -38, 38);
}

/** The root of an increasing function between two points, to double precision in at most 200 halvings. */
function bisect(f: (x: number) => number, from: number, to: number): number {
  let low = from;
  let high = to;
  for (let step = 0; step < 200; step += 1) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (f(middle) < 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
