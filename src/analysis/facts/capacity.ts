import type { FailoverOrder } from '../../model/scenario.ts';
import type { Endpoint } from '../../model/target.ts';
import type { Micros } from '../../model/units.ts';
import type { Stage } from '../timeline/stages.ts';
import { within } from '../timeline/windows.ts';
import type { Counted } from './counted.ts';
import { homeCalls } from './homes.ts';
import { addressOf } from './pod-address.ts';
import { placesOf, rungOf } from './rungs.ts';

/** What one rung could serve at a time. */
export type Capacity = {
  /** Ready endpoints that no fault hits and that were able to serve before; null when nobody looked. */
  readonly healthy: number | null;
  /** Ready endpoints, hit ones included, and those that are not ready. */
  readonly ready: number;
  readonly unready: number;
};

/** Neighbours that served as often as this say that an endpoint that never served is not able to. */
const DOZENS = 20;

/**
 * The endpoints that served nothing in a baseline in which their neighbours served dozens: those of their zone, or, where
 * nobody served there, those of other zones to which the zone's own callers had to go. By `addressOf`.
 */
export function unableOf(run: Counted, service: string): ReadonlySet<string> {
  const counts = run.listeners.callers.answersOf(service);
  const answersOf = (endpoint: Endpoint): number => counts.get(addressOf(endpoint)) ?? 0;
  const ready = (run.pods.behind(service, run.windows.baseline.start + 1e6) ?? []).filter((endpoint) => endpoint.ready);
  const byZone = Map.groupBy(ready, (endpoint) => endpoint.zone);
  const unable = [...byZone].flatMap(([zone, peers]) => {
    const served = peers.reduce((sum, endpoint) => sum + answersOf(endpoint), 0);
    const answers = served === 0 ? turnedAway(run, service, zone) : served;
    const isSilent = (endpoint: Endpoint): boolean => endpoint.ip !== '' && answersOf(endpoint) === 0;
    return answers / peers.length < DOZENS ? [] : peers.filter(isSilent);
  });
  return new Set(unable.map(addressOf));
}

/** Calls of a zone's own callers that were answered in the baseline, where all of them were answered elsewhere; else 0. */
function turnedAway(run: Counted, service: string, zone: string): number {
  const group = run.listeners.homes.groups().find((one) => one.service === service && one.fromZone === zone);
  if (group === undefined) return 0;
  const { home, away } = homeCalls(group, run.listeners.places, within(run.segments, run.windows.baseline));
  return home > 0 ? 0 : away;
}

function unknownCapacity(run: Counted, order: FailoverOrder, stage: Stage): Capacity[] {
  const pods = stage.active.flatMap((fault) => fault.affected);
  const own = pods.filter((pod) => run.pods.serves(pod, order.service));
  const hit = new Set(own.map((pod) => rungOf(order, run.listeners.sites.ofPod(pod))));
  return placesOf(order).map((_, rung) => ({ healthy: hit.has(rung) ? 0 : null, ready: 0, unready: 0 }));
}

/** What every rung could serve at a time of a stage. `unable`: those that could not serve even before, by `addressOf`. */
export function capacityAt(
  run: Counted,
  order: FailoverOrder,
  stage: Stage,
  time: Micros,
  unable: ReadonlySet<string>,
): Capacity[] {
  const known = run.pods.behind(order.service, time);
  if (known === undefined || known.length === 0) return unknownCapacity(run, order, stage);
  const isHit = run.pods.hitBy(stage.active);
  const byRung = Map.groupBy(known, (endpoint) => rungOf(order, run.listeners.sites.ofPod(endpoint)));
  const isAble = (endpoint: Endpoint): boolean => !isHit(endpoint) && !unable.has(addressOf(endpoint));
  return placesOf(order).map((_, rung) => {
    const here = byRung.get(rung) ?? [];
    const ready = here.filter((endpoint) => endpoint.ready);
    return { healthy: ready.filter(isAble).length, ready: ready.length, unready: here.length - ready.length };
  });
}

/** Envoy's overprovisioning factor: a priority keeps 140 % of its healthy share (reference: load_balancer_impl.cc, distributeLoad). */
const OVERPROVISIONING = 140;

/**
 * What share of all calls the mesh keeps on the rungs up to each one: a rung takes min(100 %, 140 % x healthy / all) of
 * all calls, as far as the nearer ones leave so many (two half-dead places keep 70 % and 30 %), and where all of them
 * together can take less than all calls, each takes more in proportion. `countUnready`: whether pods that are not ready
 * count in "all", as they do from Istio 1.31 on. A rung whose capacity nobody knows keeps everything.
 */
export function keptUpTo(capacity: readonly Capacity[], countUnready: boolean): number[] {
  const able = capacity.map(({ healthy, ready, unready }) => {
    if (healthy === null) return 100;
    const all = ready + (countUnready ? unready : 0);
    return all === 0 ? 0 : Math.min(100, Math.floor((OVERPROVISIONING * healthy) / all));
  });
  const total = Math.min(
    100,
    able.reduce((sum, share) => sum + share, 0),
  );
  const loads = able.map((share) => (total === 0 ? 0 : Math.floor((100 * share) / total)));
  // What rounding leaves over goes to the first rung that can serve.
  const rest = total === 0 ? 0 : Math.max(0, 100 - loads.reduce((sum, load) => sum + load, 0));
  const first = able.findIndex((share) => share > 0);
  let kept = 0;
  return loads.map((load, rung) => {
    kept = Math.min(100, kept + load + (rung === first ? rest : 0));
    return kept / 100;
  });
}

/** The nearest rung that can serve; -1 when none can. An unknown capacity counts as healthy. */
export function expectedRung(capacity: readonly Capacity[]): number {
  return capacity.findIndex(({ healthy }) => healthy !== 0);
}

/** Whether a mesh counts pods that are not ready: from Istio 1.31 on; undefined where its version is not known. */
export function countsUnready(run: Counted): boolean | undefined {
  const match = /^v?(\d+)\.(\d+)/.exec(run.facts.header.versions.istio ?? '');
  if (match === null) return undefined;
  const [, major, minor] = match.map(Number) as [number, number, number];
  return major > 1 || (major === 1 && minor >= 31);
}
