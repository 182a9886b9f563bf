import type { Micros, Ratio } from '../../model/units.ts';

/**
 * A number with as few decimals as possible, but never so few that it lands on the other side of the target:
 * 30.04 against 30 is printed 30.04.
 */
export function decimals(value: number, target: number | undefined, least: number): string {
  for (let digits = least; digits < 6; digits++) {
    const text = value.toFixed(digits);
    if (target === undefined || Math.sign(Number(text) - target) === Math.sign(value - target)) return text;
  }
  return value.toFixed(6);
}

/** Seconds of a span in microseconds, without the unit. */
export function seconds(span: Micros, targetMicros?: Micros): string {
  return decimals(span / 1e6, targetMicros === undefined ? undefined : targetMicros / 1e6, span < 1e6 ? 3 : 2);
}

/** `0.310–0.330 s`, or `more than 18.20 s` for a span that had not ended. */
export function secondsInterval(lo: Micros, hi: Micros | null, target?: Micros): string {
  if (hi === null) return `more than ${seconds(lo, target)} s`;
  return lo === hi ? `${seconds(hi, target)} s` : `${seconds(lo, target)}–${seconds(hi, target)} s`;
}

/** `99.8%` */
export function percent(share: Ratio, target?: Ratio): string {
  const value = Number((share * 100).toFixed(6));
  return `${decimals(value, target === undefined ? undefined : target * 100, Number.isInteger(value) ? 0 : 1)}%`;
}

/** `1 request`, `3 requests`; `plural` where it takes more than an s. */
export function count(n: number, noun: string, plural = `${noun}s`): string {
  return `${n} ${n === 1 ? noun : plural}`;
}

/** `a, b and c`; long lists are cut. */
export function list(words: readonly string[]): string {
  const shown = words.length > 5 ? [...words.slice(0, 4), `${words.length - 4} more`] : words;
  return shown.length < 2 ? (shown[0] ?? 'none') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}
