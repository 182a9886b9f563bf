import type { Bound, Finding, Measured, Unit } from '../model/finding.ts';
import type { RunStatus } from '../model/history.ts';
import { type Place, placeText } from '../model/place.ts';
import type { Rung, RunResult } from '../model/result.ts';

const OPERATORS: Readonly<Record<Bound['op'], string>> = { '<=': 'at most', '>=': 'at least', '==': 'exactly' };
const DIGITS: Readonly<Record<Unit, number>> = { s: 2, ms: 1, '%': 2, count: 0 };
const MOST_DIGITS = 6;

/** A number with its unit, never rounded onto or across the target: 30.004 s against 30 s is not 30 s. */
function amount(value: number, unit: Unit, target: number | undefined): string {
  let digits = DIGITS[unit];
  const side = (shown: number): number => (target === undefined ? 0 : Math.sign(shown - target));
  while (digits < MOST_DIGITS && side(Number(value.toFixed(digits))) !== side(value)) digits += 1;
  return `${Number(value.toFixed(digits))}${unit === 'count' ? '' : ` ${unit}`}`;
}

/** `0.3 to 0.32 s`, `more than 18.2 s`, `3`. */
export function intervalText({ lo, hi, unit }: Measured, target?: number): string {
  const low = amount(lo, unit, target);
  if (hi === null) return `more than ${low}`;
  const high = amount(hi, unit, target);
  return low === high ? high : `${low.replace(/ .*/, '')} to ${high}`;
}

/** `at most 5 s` */
function boundText({ op, value, unit }: Bound): string {
  return `${OPERATORS[op]} ${amount(value, unit, undefined)}`;
}

const trimmed = (text: string): string => text.replace(/[.\s]+$/, '');

/** A finding in one line: what, why, measured against the target, and how much it rests on. */
export function findingText(finding: Finding): string {
  const { title, story, measured, target, samples } = finding;
  const cause = finding.cause ?? story;
  const why = title.toLowerCase().includes(trimmed(cause).toLowerCase()) ? '' : `: ${trimmed(cause)}`;
  const figures = [
    ...(measured === undefined ? [] : [`measured ${intervalText(measured, target?.value)}`]),
    ...(target === undefined ? [] : [`wanted ${boundText(target)}`]),
    ...(samples > 0 ? [`seen in ${samples}`] : []),
  ];
  return `${trimmed(title)}${why}${figures.length === 0 ? '' : ` (${figures.join(', ')})`}`;
}

const STATUS: Readonly<Record<RunStatus, string>> = {
  completed: 'the run completed',
  refused: 'the run was refused before any fault',
  aborted: 'the run was aborted',
  interrupted: 'the run was interrupted',
  failed: 'the run failed inside faultline',
};

/** How a run ended, with its own reason. */
export function statusText({ status, statusReason }: RunResult): string {
  return statusReason === undefined ? STATUS[status] : `${STATUS[status]}: ${trimmed(statusReason)}`;
}

export const RUNG_STATES: Readonly<Record<Rung['state'], string>> = {
  'took-over': 'took over',
  partly: 'took over in part',
  skipped: 'was skipped',
  'too-early': 'served before its turn',
  never: 'served none',
  'not-needed': 'was not needed',
  down: 'was down',
  unexpected: 'served and was not expected to',
};

/** A place with what it is. */
export function wordedPlace(place: Place): string {
  return 'zone' in place ? `zone ${placeText(place)}` : placeText(place);
}

/** `a, b and c` */
export function listText(words: readonly string[]): string {
  const unique = [...new Set(words)];
  return unique.length < 2 ? (unique[0] ?? 'none') : `${unique.slice(0, -1).join(', ')} and ${unique.at(-1)}`;
}
