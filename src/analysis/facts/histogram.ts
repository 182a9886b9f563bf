import type { Micros } from '../../model/units.ts';

/*
 * Log-linear bins as HdrHistogram has them: exact below 128 µs, then 64 bins for each power of two, so a value read
 * back from the middle of its bin is at most 1/128 off. 2^32 µs is 71 minutes, longer than any timeout.
 */
const SUB = 64;
const LINEAR = 2 * SUB;
const BINS = LINEAR + 25 * SUB;

/** The bin of a latency in microseconds. */
export function binOf(micros: Micros): number {
  if (micros < LINEAR) return micros < 0 ? 0 : micros | 0;
  if (micros >= 4_294_967_295) return BINS - 1;
  const exponent = 31 - Math.clz32(micros);
  return LINEAR + (exponent - 7) * SUB + ((micros >>> (exponent - 6)) & (SUB - 1));
}

function middleOf(bin: number): number {
  if (bin < LINEAR) return bin;
  const exponent = Math.floor((bin - LINEAR) / SUB) + 7;
  const width = 2 ** (exponent - 6);
  return 2 ** exponent + ((bin - LINEAR) % SUB) * width + width / 2;
}

/** Latencies counted in bins; constant memory, percentiles at most 1 % off. */
export class Histogram {
  n = 0;
  max: Micros = 0;
  readonly #bins = new Uint32Array(BINS);

  /** `bin` is `binOf(micros)`: one record is added to several histograms. */
  add(micros: Micros, bin: number): void {
    this.#bins[bin] = (this.#bins[bin] as number) + 1;
    this.n++;
    if (micros > this.max) this.max = micros;
  }

  /** The bins that hold anything. */
  used(): number[] {
    const used: number[] = [];
    for (let bin = 0; bin < BINS; bin++) if (this.#bins[bin] !== 0) used.push(bin);
    return used;
  }

  /** `used` are the other's used bins: one that is merged into many is searched once. */
  merge(other: Histogram, used: readonly number[] = other.used()): void {
    for (const bin of used) this.#bins[bin] = (this.#bins[bin] as number) + (other.#bins[bin] as number);
    this.n += other.n;
    this.max = Math.max(this.max, other.max);
  }

  /** The value below which `q` of all samples lie, in milliseconds; null when fewer than `least` samples were taken. */
  percentile(q: number, least = 1): number | null {
    if (this.n < least || this.n === 0) return null;
    let left = Math.max(1, Math.ceil(q * this.n));
    let bin = 0;
    for (; bin < BINS - 1; bin++) {
      left -= this.#bins[bin] as number;
      if (left <= 0) break;
    }
    return Math.min(middleOf(bin), this.max) / 1000;
  }
}
