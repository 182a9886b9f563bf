import type { Bound, Finding, Measured, Unit } from '../model/finding.ts';
import type { Micros } from '../model/units.ts';

const DIGITS: Readonly<Record<Unit, number>> = { s: 2, ms: 1, '%': 2, count: 0 };
const MOST_DIGITS = 9;

function grouped(fixed: string): string {
  const [whole = '', fraction = ''] = fixed.split('.');
  const short = fraction.replace(/0+$/, '');
  return whole.replace(/\B(?=(\d{3})+$)/g, ',') + (short === '' ? '' : `.${short}`);
}

/**
 * A number with at most `digits` decimals, and with more where rounding would move it onto or across one of the
 * `edges`: 30.04 against 30 never reads 30. A number that is none reads `unknown`.
 */
export function formatNumber(value: number, digits = 2, edges: readonly number[] = []): string {
  if (!Number.isFinite(value)) return 'unknown';
  for (let used = digits; used <= MOST_DIGITS; used += 1) {
    const fixed = value.toFixed(used);
    const shown = Number(fixed);
    if (edges.every((edge) => Math.sign(shown - edge) === Math.sign(value - edge))) return grouped(fixed);
  }
  return String(value);
}

function edgesOf(unit: Unit, target: Bound | undefined): number[] {
  const ends = unit === '%' ? [0, 100] : [0];
  return target === undefined ? ends : [...ends, target.value];
}

/** The unit as it follows a number; counts have none. */
function unitSuffix(unit: Unit): string {
  return unit === 'count' ? '' : unit === '%' ? '%' : ` ${unit}`;
}

/** A measured interval: `0.21 to 0.3 s`, `more than 38.2 s`, `99.96%`. */
export function measuredText(measured: Measured | undefined, target?: Bound): string {
  if (measured === undefined) return 'not measured';
  const { lo, hi, unit } = measured;
  const edges = edgesOf(unit, target);
  const low = formatNumber(lo, DIGITS[unit], edges);
  if (hi === null) return `more than ${low}${unitSuffix(unit)}`;
  const high = formatNumber(hi, DIGITS[unit], edges);
  return low === high ? `${high}${unitSuffix(unit)}` : `${low} to ${high}${unitSuffix(unit)}`;
}

const OPERATORS = { '<=': '≤', '>=': '≥', '==': '=' } as const;

/** A limit: `≤ 5 s`. */
export function boundText(bound: Bound | undefined): string {
  if (bound === undefined) return 'no figure';
  return `${OPERATORS[bound.op]} ${formatNumber(bound.value, 6)}${unitSuffix(bound.unit)}`;
}

/** A size with its unit; what lies between two percentages is points. */
function gapText(gap: number, unit: Unit): string {
  const number = formatNumber(Math.abs(gap), DIGITS[unit], [0]);
  return unit === '%' ? `${number} point${number === '1' ? '' : 's'}` : `${number}${unitSuffix(unit)}`;
}

/** Signed distances of both ends of the interval from the target: below zero is missed. */
function gapsOf({ lo, hi }: Measured, { op, value }: Bound): { readonly best: number; readonly worst: number } {
  const end = hi ?? Number.POSITIVE_INFINITY;
  if (op === '<=') return { best: value - lo, worst: value - end };
  if (op === '>=') return { best: end - value, worst: lo - value };
  const farthest = Math.max(Math.abs(lo - value), Math.abs(end - value));
  return {
    best: lo <= value && value <= end ? 0 : -Math.min(Math.abs(lo - value), Math.abs(end - value)),
    worst: -farthest,
  };
}

/**
 * How far the worse end of the interval is from the target, in words. Absent where that is not what decided: a pass that
 * was not measured against its target has no margin, nor has a fail whose figure alone would not fail.
 */
export function marginText(finding: Pick<Finding, 'measured' | 'target' | 'verdict'>): string | undefined {
  const { measured, target, verdict } = finding;
  if (measured === undefined || target === undefined || measured.unit !== target.unit) return undefined;
  const { best, worst } = gapsOf(measured, target);
  if (verdict === 'pass') {
    if (!(worst >= 0) || worst === Number.POSITIVE_INFINITY) return undefined;
    return worst === 0 ? 'exactly at the limit' : `${gapText(worst, target.unit)} to spare`;
  }
  if (verdict === 'inconclusive') return best >= 0 && worst < 0 ? 'the limit lies inside' : undefined;
  if (!(best < 0)) return undefined;
  return Number.isFinite(worst)
    ? `missed by ${gapText(worst, target.unit)}`
    : `missed by more than ${gapText(best, target.unit)}`;
}

/** A share with the counts behind it: `99.2% (312 of 314)`. */
export function shareText(part: number, whole: number): string {
  if (whole <= 0) return 'none of 0';
  return `${percentText(part / whole)} (${formatNumber(part, 0)} of ${formatNumber(whole, 0)})`;
}

/** A ratio as percent; only all of it reads 100% and only nothing reads 0%. */
export function percentText(ratio: number): string {
  return `${formatNumber(ratio * 100, 1, [0, 100])}%`;
}

/** A count with its noun: `1 answer`, `1,850 answers`. */
export function countText(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatNumber(count, 0)} ${count === 1 ? singular : plural}`;
}

/** Milliseconds with the digits that a latency deserves. */
export function millisText(millis: number): string {
  return Number.isFinite(millis) ? millis.toFixed(millis < 100 ? 2 : 0) : 'unknown';
}

/** A span of run time in seconds, or minutes beside seconds when it is long. */
export function spanText(span: Micros): string {
  if (!Number.isFinite(span)) return 'unknown';
  const seconds = span / 1_000_000;
  if (seconds < 120) return `${formatNumber(seconds, 3)} s`;
  const minutes = Math.floor(seconds / 60);
  return `${formatNumber(minutes, 0)} min ${formatNumber(seconds - minutes * 60, 1)} s`;
}
