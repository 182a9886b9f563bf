import type { MechanismKind } from '../../../model/mechanism.ts';
import type { Micros } from '../../../model/units.ts';
import type { Failing } from './calling-pods.ts';
import { hostsAt, type ProxyRow, type Span, type Step } from './proxy-rows.ts';

/** A health change waits so long for Envoy's workers at most, where another update came right before it (`update_merge_window`). */
const MERGE: Micros = 1_100_000;

/** A host that began to fail, and was gone from the list within this time, failed because it was on its way out. */
const LEAVING: Micros = 3_000_000;

/** What became of a host at which calls failed says why more than none failed there; undefined where that is not told. */
export function ejectionKind(
  { row, steps }: Failing,
  at: number,
  { to }: Span,
  isLimited: boolean,
): MechanismKind | undefined {
  const step = steps[at] as Step;
  if (isSpilled(row, step)) return 'unready-endpoint';
  const before = steps[at - 1];
  if (before?.ejected === true && before.gone !== true) {
    if (!step.ejected) return 'tried-again';
    return step.from <= ejectedAt(steps, at) + MERGE ? 'merge-window' : undefined;
  }
  if (hasReturned(steps, at)) return 'tried-again';
  if (step.ejected) return 'first-failure';
  const later = steps.slice(at + 1);
  const end = later.find(({ ejected, gone }) => ejected || gone === true);
  if (end?.gone === true && end.to - failingSince(steps, at) <= LEAVING) return 'leaving-endpoint';
  if (end?.ejected === true && end.from <= to) return 'first-failure';
  return isLimited ? 'ejection-limit' : 'not-ejected';
}

/** When the reading began from which on nothing but failures was counted, up to `at`. */
function failingSince(steps: readonly Step[], at: number): Micros {
  const well = steps.findLastIndex(({ served }, i) => i < at && served > 0);
  const first = steps.findIndex(({ failed }, i) => i > well && failed > 0);
  return (steps[first] as Step).from;
}

/** When a reading first showed an ejection that went on up to `at`. */
function ejectedAt(steps: readonly Step[], at: number): Micros {
  let first = at;
  while (steps[first - 1]?.ejected === true) first--;
  return (steps[first] as Step).to;
}

/** Whether the host was let in again after an ejection, and has served nothing since. */
function hasReturned(steps: readonly Step[], at: number): boolean {
  const last = steps.findLastIndex(({ ejected, gone }, i) => i < at && (ejected || gone === true));
  if (last < 0 || steps[last]?.gone === true) return false;
  return steps.slice(last + 1, at).every(({ served }) => served === 0);
}

/**
 * Calls went past nearer hosts only because some of those were not ready: Envoy lets a priority have 140 % of its healthy
 * part of the calls (load_balancer_impl.cc, `recalculatePerPriorityState`), and Istio 1.31 tells it of endpoints that are not ready.
 */
function isSpilled(row: ProxyRow, { priority, from, to }: Step): boolean {
  return (
    priority > 0 && [from, to].some((time) => isShort(hostsAt(row, time).filter((one) => one.priority < priority)))
  );
}

function isShort(nearer: readonly Step[]): boolean {
  return loadOf(nearer) < 100 && loadOf(nearer.filter(({ healthy, ejected }) => healthy || ejected)) >= 100;
}

/** Percent of the calls that go to some hosts, by priority. */
function loadOf(hosts: readonly Step[]): number {
  const priorities = [...Map.groupBy(hosts, ({ priority }) => priority).values()];
  const loads = priorities.map((all) => {
    const well = all.filter(({ healthy, ejected }) => healthy && !ejected).length;
    return Math.min(100, Math.floor((140 * well) / all.length));
  });
  return loads.reduce((sum, load) => sum + load, 0);
}
