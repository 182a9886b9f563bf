import type { FailoverOrder, Place } from '../model/scenario.ts';
import type { Endpoint } from '../model/target.ts';
import type { Micros } from '../model/units.ts';
import type { Case } from './case.ts';
import type { Window } from './segments.ts';
import type { Stage } from './stages.ts';
import { MERGE_WINDOW } from './stages.ts';

/** Which rung of a declared order a zone is on: 0 is home, then the declared places; -1 is nowhere in the order. */
export function rungOf(it: Case, order: FailoverOrder, zone: string): number {
  if (zone === order.from.zone) return 0;
  const region = it.regions.get(zone);
  const index = order.order.findIndex(({ place }) => ('zone' in place ? place.zone === zone : place.region === region));
  return index < 0 ? -1 : index + 1;
}

/** The places of the rungs, home first. */
export function placesOf(order: FailoverOrder): Place[] {
  return [{ zone: order.from.zone }, ...order.order.map(({ place }) => place)];
}

/** What one rung could serve at a time. */
export type Capacity = {
  /** Ready endpoints that no fault hits; null when nobody looked. */
  readonly healthy: number | null;
  /** Ready endpoints, hit ones included. */
  readonly ready: number;
};

function unknownCapacity(it: Case, order: FailoverOrder, stage: Stage): Capacity[] {
  const pods = stage.active.flatMap((fault) => fault.affected);
  const hit = pods.filter((pod) => it.pods.serviceOf(pod) === order.service).map((pod) => rungOf(it, order, pod.zone));
  return placesOf(order).map((_, rung) => ({ healthy: hit.includes(rung) ? 0 : null, ready: 0 }));
}

/** What every rung could serve at a time of a stage. */
export function capacityAt(it: Case, order: FailoverOrder, stage: Stage, time: Micros): Capacity[] {
  const known = it.pods.at(time)?.filter((endpoint) => endpoint.service === order.service);
  if (known === undefined || known.length === 0) return unknownCapacity(it, order, stage);
  const isHit = it.pods.hitBy(stage.active);
  const ready = known.filter((endpoint) => endpoint.ready);
  return placesOf(order).map((_, rung) => {
    const here = ready.filter((endpoint: Endpoint) => rungOf(it, order, endpoint.zone) === rung);
    return { healthy: here.filter((endpoint) => !isHit(endpoint)).length, ready: here.length };
  });
}

/** The nearest rung that can serve; -1 when none can. An unknown capacity counts as healthy. */
export function expectedRung(capacity: readonly Capacity[]): number {
  return capacity.findIndex(({ healthy }) => healthy !== 0);
}

export type Steady = { readonly window: Window; readonly capacity: readonly Capacity[]; readonly expected: number };

/** The longest part of a window in which the same rung is expected; after a change the mesh may need a moment. */
export function steadiest(it: Case, order: FailoverOrder, stage: Stage, window: Window): Steady {
  const parts: Steady[] = [];
  for (const start of [window.start, ...it.pods.changes(window.start, window.end)]) {
    const capacity = capacityAt(it, order, stage, start);
    const expected = expectedRung(capacity);
    const last = parts.at(-1);
    if (last !== undefined && last.expected === expected) continue;
    if (last !== undefined) parts[parts.length - 1] = { ...last, window: { start: last.window.start, end: start } };
    const from = last === undefined ? start : start + MERGE_WINDOW;
    parts.push({ window: { start: from, end: window.end }, capacity, expected });
  }
  const length = ({ window: part }: Steady): number => part.end - part.start;
  return parts.reduce((longest, part) => (length(part) > length(longest) ? part : longest));
}
