/*
 * The regularised incomplete beta function and its inverse: everything exact about shares and counts is made of it.
 * Lanczos' approximation (g = 7, nine terms) for the gamma function, Lentz' continued fraction for the integral
 * (Numerical Recipes, 3rd edition, sections 6.1 and 6.4; own code); about 14 digits each.
 */

const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;

/** Natural logarithm of the gamma function for `x` > 0. */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const z = x - 1;
  const base = z + 7.5;
  const sum = LANCZOS.reduce((total, term, i) => (i === 0 ? term : total + term / (z + i)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(base) - base + Math.log(sum);
}

const TINY = 1e-300;
const EPSILON = 1e-15;
/** The fraction needs about the square root of its larger argument; this is enough for 10 million requests. */
const MOST_STEPS = 20_000;

const awayFromZero = (value: number): number => (Math.abs(value) < TINY ? TINY : value);

function fraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m <= MOST_STEPS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / awayFromZero(1 + even * d);
    c = awayFromZero(1 + even / c);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / awayFromZero(1 + odd * d);
    c = awayFromZero(1 + odd / c);
    const step = d * c;
    value *= step;
    if (Math.abs(step - 1) < EPSILON) break;
  }
  return value;
}

/** P(B <= x) for B distributed Beta(a, b), a and b > 0. */
export function betaCdf(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  return x < (a + 1) / (a + b + 2) ? (front * fraction(x, a, b)) / a : 1 - (front * fraction(1 - x, b, a)) / b;
}

/** The x with P(B <= x) = p, by bisection. */
export function betaQuantile(p: number, a: number, b: number): number {
  let lo = 0;
  let hi = 1;
  for (let i = 0; i < 80 && hi - lo > 1e-15 * hi; i++) {
    const middle = (lo + hi) / 2;
    if (betaCdf(middle, a, b) < p) lo = middle;
    else hi = middle;
  }
  return (lo + hi) / 2;
}

/** P(X >= k) for X distributed Binomial(n, p); k and n may be fractions (an effective number of samples). */
export function binomialTail(k: number, n: number, p: number): number {
  if (k <= 0) return 1;
  if (k > n) return 0;
  return betaCdf(p, k, n - k + 1);
}
