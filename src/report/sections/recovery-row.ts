import type { Bound, Measured, Verdict } from '../../model/finding.ts';
import type { Recovery } from '../../model/result.ts';
import type { Micros } from '../../model/units.ts';
import { boundText, marginText, measuredText } from '../format.ts';
import type { Bullet } from '../svg/bullet.ts';
import type { View } from '../view.ts';
import { RECOVERY_WORDS } from '../words.ts';

const SECOND = 1_000_000;

/** One path in one stage, with all that is said of it. */
export type Row = {
  readonly recovery: Recovery;
  readonly verdict: Verdict;
  readonly bullet: Bullet;
  /** How late: from T0 to the recovery. */
  readonly late: string;
  /** How long: the longest outage. */
  readonly long: string;
  /** Limit and margin. */
  readonly against: string;
};

/** A span of run time as a measured value in seconds. */
export function secondsOf({ lo, hi }: { readonly lo: Micros; readonly hi: Micros | null }): Measured {
  return { lo: lo / SECOND, hi: hi === null ? null : hi / SECOND, unit: 's' };
}

/** From T0, which itself is an interval, to the recovery. */
function lateness(view: View, { recovered, effective }: Recovery): Measured | undefined {
  if (recovered === undefined) return undefined;
  const { zero, zeroFrom } = view.result;
  const earliest = effective === zero && zeroFrom !== undefined ? Math.min(zeroFrom, effective) : effective;
  const lo = Math.max(0, recovered.lo - effective);
  return secondsOf({ lo, hi: recovered.hi === null ? null : Math.max(lo, recovered.hi - earliest) });
}

function declaredBound(view: View): Bound | undefined {
  const objective = view.result.run.scenario.expect.recoveryTime;
  return objective && { op: '<=', value: objective.withinMs / 1000, unit: 's' };
}

/** What is said of one path in one stage. The bar is what was judged; without a judgement it is how late it was. */
export function rowOf(view: View, recovery: Recovery): Row {
  const finding = recovery.finding === undefined ? undefined : view.judged.get(recovery.finding);
  const target = finding?.target?.unit === 's' ? finding.target : declaredBound(view);
  const verdict = finding?.verdict ?? (recovery.state === 'not-impacted' ? 'pass' : 'inconclusive');
  const late = lateness(view, recovery);
  const measured = finding?.measured?.unit === 's' ? finding.measured : late;
  const bullet = {
    lo: measured?.lo ?? 0,
    hi: measured === undefined ? 0 : measured.hi,
    target: target?.value,
    verdict,
  };
  const margin = finding === undefined ? undefined : marginText(finding);
  return {
    recovery,
    verdict,
    bullet,
    late: late === undefined ? RECOVERY_WORDS[recovery.state] : `back ${measuredText(late, target)} after T0`,
    long: recovery.lasted === undefined ? '' : `out for ${measuredText(secondsOf(recovery.lasted), target)}`,
    against:
      measured === undefined || target === undefined
        ? ''
        : [`limit ${boundText(target)} for both`, ...(margin === undefined ? [] : [margin])].join(', '),
  };
}

const WEIGHTS: Readonly<Record<Verdict, number>> = { fail: 1e9, inconclusive: 1e6, pass: 0 };

/** How much a row has to say: the verdict, then the number of bad requests. A path that was never bad says nothing. */
export function weightOf({ recovery, verdict }: Row): number {
  return WEIGHTS[verdict] + Math.min(recovery.bad, 999_999);
}
