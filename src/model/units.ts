/** Microseconds since the run began, on the harness's monotonic clock. Integer, never negative. */
export type Micros = number;

/** A span of time in milliseconds. */
export type Millis = number;

/** A share between 0 and 1. */
export type Ratio = number;

const DURATION = /^(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+)ms)?$/;

/**
 * Reads a duration with units as Go writes it, longest unit first: `90s`, `1.5s`, `5m`, `1h30m`, `250ms`.
 * Returns milliseconds, or undefined when the text is no duration; a bare number has no unit and is none.
 */
export function parseDuration(text: string): Millis | undefined {
  if (text.length === 0 || text.length > 32) return undefined;
  const match = DURATION.exec(text);
  if (match === null) return undefined;
  const [, hours, minutes, seconds, millis] = match;
  return (
    Number(hours ?? 0) * 3_600_000 +
    Number(minutes ?? 0) * 60_000 +
    Math.round(Number(seconds ?? 0) * 1000) +
    Number(millis ?? 0)
  );
}

/** Reads a rate such as `50/s`, `0.5/s` or `600/m`. Returns events per second, or undefined. */
export function parseRate(text: string): number | undefined {
  const match = /^(\d{1,9}(?:\.\d{1,6})?)\/(s|m)$/.exec(text);
  if (match === null) return undefined;
  return Number(match[1]) / (match[2] === 's' ? 1 : 60);
}

/** Reads a share such as `99%` or `99.95%`. Returns a ratio from 0 to 1, or undefined. */
export function parsePercent(text: string): Ratio | undefined {
  const match = /^(\d{1,3}(?:\.\d{1,6})?)%$/.exec(text);
  if (match === null) return undefined;
  // The decimal point is moved in the text: 99.9 / 100 would be 0.9990000000000001, and 999 of 1,000 would fail 99.9%.
  const value = Number(`${match[1]}e-2`);
  return value <= 1 ? value : undefined;
}

/** Reads a lower bound such as `>= 99%`; the operator may be left out. Returns a ratio, or undefined. */
export function parseAtLeast(text: string): Ratio | undefined {
  return parsePercent(text.replace(/^>=\s*/, ''));
}

/** Reads an upper bound such as `<= 1%`; the operator may be left out. Returns a ratio, or undefined. */
export function parseAtMost(text: string): Ratio | undefined {
  return parsePercent(text.replace(/^<=\s*/, ''));
}

/** Prints milliseconds the way people write them in a scenario: `250ms`, `1.5s`, `2m`, `1h30m`. */
export function formatDuration(millis: Millis): string {
  if (millis < 1000) return `${Math.round(millis)}ms`;
  if (millis < 60_000) return `${Number((millis / 1000).toFixed(3))}s`;
  const hours = Math.floor(millis / 3_600_000);
  const minutes = Math.floor((millis % 3_600_000) / 60_000);
  const seconds = Number(((millis % 60_000) / 1000).toFixed(3));
  return `${hours > 0 ? `${hours}h` : ''}${minutes > 0 ? `${minutes}m` : ''}${seconds > 0 ? `${seconds}s` : ''}`;
}
