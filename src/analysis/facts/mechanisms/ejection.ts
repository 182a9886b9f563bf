import type { MechanismKind } from '../../../model/mechanism.ts';
import type { Micros } from '../../../model/units.ts';
import type { Span } from '../../timeline/windows.ts';
import type { Failing } from './calling-pods.ts';
import { type Moment, momentsOf } from './moments.ts';
import { hostsAt, type ProxyRow, type Step } from './proxy-rows.ts';

/** A health change waits so long for Envoy's workers at most, where another update came right before it (`update_merge_window`). */
export const LONGEST_MERGE: Micros = 1_100_000;

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
  const { since, ejected, returned, end } = momentsOf(steps)[at] as Moment;
  if (before?.ejected === true && before.gone !== true) {
    if (!step.ejected) return 'tried-again';
    return step.from <= ejected + LONGEST_MERGE ? 'merge-window' : undefined;
  }
  if (returned) return 'tried-again';
  if (step.ejected) return 'first-failure';
  if (end?.gone === true && end.to - since <= LEAVING) return 'leaving-endpoint';
  if (end?.ejected === true && end.from <= to) return 'first-failure';
  return isLimited ? 'ejection-limit' : 'not-ejected';
}

/**
 * Calls went past nearer hosts only because some of those were not ready: Envoy lets a priority have 140 % of its healthy
 * part of the calls (load_balancer_impl.cc, `recalculatePerPriorityState`), and Istio 1.31 tells it of endpoints that are not ready.
 */
function isSpilled(row: ProxyRow, step: Step): boolean {
  if (step.priority === 0) return false;
  const is = spilled.get(step) ?? isPast(row, step);
  spilled.set(step, is);
  return is;
}

/** Each worked out once, as moments are. */
const spilled = new WeakMap<Step, boolean>();

function isPast(row: ProxyRow, { priority, from, to }: Step): boolean {
  return [from, to].some((time) => isShort(hostsAt(row, time).filter((one) => one.priority < priority)));
}

function isShort(nearer: readonly Step[]): boolean {
  // What is ready all over is the common case.
  if (nearer.every(({ healthy, ejected }) => healthy || ejected)) return false;
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
