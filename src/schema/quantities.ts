import { parseAtLeast, parseAtMost, parseDuration, parsePercent, parseRate } from '../model/units.ts';

export type QuantityName = 'duration' | 'durationAtMost' | 'rate' | 'percent' | 'atLeast' | 'atMost';

/** Text that carries a unit: how it is read, described, matched in editors, and completed when the unit is missing. */
type Quantity = {
  /** The value in the base unit, or undefined. */
  readonly parse: (text: string) => number | undefined;
  readonly what: string;
  readonly pattern: string;
  /** The text that a bare number most probably means. */
  readonly complete: (bare: number) => string;
};

const PERCENT = '\\d{1,3}(\\.\\d{1,6})?%';

/** Every kind of quantity that a schema can ask for by `x-unit`. */
export const QUANTITIES: Readonly<Record<QuantityName, Quantity>> = {
  duration: {
    parse: parseDuration,
    what: 'a duration such as `500ms`, `5s` or `1m30s`',
    pattern: '^(?=\\d)(\\d+h)?(\\d+m(?!s))?(\\d+(\\.\\d+)?s)?(\\d+ms)?$',
    complete: (bare) => `${bare}s`,
  },
  durationAtMost: {
    parse: (text) => parseDuration(text.replace(/^<=\s*/, '')),
    what: 'an upper bound such as `<= 300ms`',
    pattern: '^(<=\\s*)?(?=\\d)(\\d+h)?(\\d+m(?!s))?(\\d+(\\.\\d+)?s)?(\\d+ms)?$',
    complete: (bare) => `<= ${bare}ms`,
  },
  rate: {
    parse: parseRate,
    what: 'a rate such as `50/s` or `600/m`',
    pattern: '^\\d{1,9}(\\.\\d{1,6})?/(s|m)$',
    complete: (bare) => `${bare}/s`,
  },
  percent: {
    parse: parsePercent,
    what: 'a share such as `60%`',
    pattern: `^${PERCENT}$`,
    complete: share,
  },
  atLeast: {
    parse: parseAtLeast,
    what: 'a lower bound such as `>= 99%`',
    pattern: `^(>=\\s*)?${PERCENT}$`,
    complete: (bare) => `>= ${share(bare)}`,
  },
  atMost: {
    parse: parseAtMost,
    what: 'an upper bound such as `<= 1%`',
    pattern: `^(<=\\s*)?${PERCENT}$`,
    complete: (bare) => `<= ${share(bare)}`,
  },
};

/** The number in text that has no unit (`5`, `>= 99`), or undefined. */
export function bareNumber(text: string): number | undefined {
  const match = /^(?:[<>]=?\s*)?(\d{1,12}(?:\.\d{1,9})?)$/.exec(text);
  return match === null ? undefined : Number(match[1]);
}

function share(bare: number): string {
  return bare > 0 && bare < 1 ? `${Number((bare * 100).toPrecision(6))}%` : `${bare}%`;
}
