import { isWithin } from '../../../faults/packets/cidr.ts';
import type { PodSet, Toll } from '../../../model/toll.ts';
import type { Millis, Ratio } from '../../../model/units.ts';
import type { PlannedFault } from '../../planned-run.ts';
import { podKey, type Service, type ServingPod } from './serving.ts';

/** One toll of a fault, with pods by their keys in place of what its plan calls them. */
export type Cut = Pick<Toll, 'share' | 'afterMs' | 'perTrip' | 'ejects' | 'port' | 'named'> & {
  readonly fault: string;
  /** Who is called; anybody when undefined. */
  readonly to: ReadonlySet<string> | undefined;
  /** Only calls of this Service, by its name, which may be a pattern. */
  readonly toService: string | undefined;
  /** Who calls; anybody when undefined. */
  readonly by: ReadonlySet<string> | undefined;
  /** Where it is not settled which of the pods at one end are hit: so many of them. */
  readonly open: { readonly end: End; readonly most: number } | undefined;
};

/** Who is called, or who calls. */
type End = 'to' | 'by';

/** Pods at either end of calls. */
export type Ends = Readonly<Record<End, readonly ServingPod[]>>;

/** From this share of failing requests on, of all faults together, nobody is served. */
const WHOLE_SHARE: Ratio = 0.9;

/** The tolls of all faults, on these pods. */
export function cutsOf(faults: readonly PlannedFault[], pods: readonly ServingPod[]): Cut[] {
  return faults.flatMap((fault) =>
    fault.plan.tolls.map(({ to, by, most, ...much }): Cut => {
      const { fault: name } = fault.plan;
      const keys = (set: PodSet | undefined) => set && keysOf(set, fault, pods);
      const called =
        to?.kind === 'service' ? { to: undefined, toService: to.service } : { to: keys(to), toService: undefined };
      const end: End = to?.kind === 'affected' || to?.kind === 'pods' ? 'to' : 'by';
      const open = most === undefined ? undefined : { end, most };
      return { ...much, fault: name, ...called, by: keys(by), open };
    }),
  );
}

function keysOf(set: PodSet, { plan }: PlannedFault, pods: readonly ServingPod[]): ReadonlySet<string> {
  const { cluster, affected } = plan;
  const those = (isMeant: (pod: ServingPod) => boolean) => new Set(pods.filter(isMeant).map(({ key }) => key));
  switch (set.kind) {
    case 'affected':
      return new Set(affected.map((one) => podKey(one.cluster, one.namespace, one.pod)));
    case 'pods':
      return new Set(set.pods.map((name) => `${cluster}/${name}`));
    case 'addresses': {
      const isThere = hasOneOf(set.addresses);
      return those((pod) => isThere(pod) && (set.of === 'any' || pod.cluster === cluster));
    }
    case 'callers': {
      const { clusters, namespace } = set;
      return those((pod) => clusters.includes(pod.cluster) && (namespace === null || pod.namespace === namespace));
    }
    case 'inside':
      return those((pod) => pod.cluster === cluster);
    case 'outside':
      return those(isBeyond(cluster, pods));
    case 'service':
      return new Set();
  }
}

/** Whether a pod is in another network than those of a cluster; clusters of which none is told may each be one of their own. */
function isBeyond(cluster: string, pods: readonly ServingPod[]): (pod: ServingPod) => boolean {
  const home = pods.find((pod) => pod.cluster === cluster && pod.network !== undefined)?.network;
  return (pod) => pod.cluster !== cluster && (home === undefined || pod.network !== home);
}

function hasOneOf(addresses: readonly string[]): (pod: ServingPod) => boolean {
  const single = new Set(addresses);
  const ranges = addresses.filter((one) => one.includes('/'));
  return (pod) => pod.addresses.some((one) => single.has(one) || ranges.some((range) => isWithin(one, range)));
}

/** Whether a cut is for calls to a Service at this pod of it. */
export function isTo({ to, toService }: Cut, { name }: Pick<Service, 'name'>, { key }: ServingPod): boolean {
  return (toService === undefined || isMeant(toService, name)) && (to === undefined || to.has(key));
}

/** Whether a Service is meant by one, or by all of a namespace whose names end so (`namespace/*`). */
function isMeant(service: string, name: string): boolean {
  const [before = '', end] = service.split('*');
  return end === undefined ? service === name : name.startsWith(before) && name.endsWith(end);
}

/** Whether a cut is for a port of a Service; one may be all that it is called at. */
export function isAtPort({ port }: Cut, { ports }: Pick<Service, 'ports'>): boolean {
  return port === undefined || ports === undefined || ports.has(port);
}

/** Which part of some calls comes through, by how much later it is answered. */
export type Through = ReadonlyMap<Millis, Ratio>;

export const UNHARMED: Through = new Map([[0, 1]]);
export const NOTHING: Through = new Map();

/** What all of these leave of some calls: each hits by a chance of its own, and delays add up. */
export function throughAll(cuts: readonly Cut[]): Through {
  return cuts.reduce(
    (all: Through, { share, afterMs }) =>
      inTurn(
        all,
        new Map(
          afterMs === undefined
            ? [[0, 1 - share]]
            : [
                [0, 1 - share],
                [afterMs, share],
              ],
        ),
      ),
    UNHARMED,
  );
}

/** What is left of calls that need both. */
export function inTurn(first: Through, second: Through): Through {
  const both = new Map<Millis, Ratio>();
  for (const [ms, share] of first) {
    for (const [more, of] of second) {
      if (share * of > 0) both.set(ms + more, (both.get(ms + more) ?? 0) + share * of);
    }
  }
  return both;
}

/** Which part is answered before the load gives up. */
export function inTime(through: Through, patienceMs: Millis): Ratio {
  return [...through].reduce((sum, [ms, share]) => (ms < patienceMs ? sum + share : sum), 0);
}

/** Whether almost nothing is answered in time. Of a share of 90 % is left what a computer makes of 1 - 0.9. */
export function isNobodys(through: Through, patienceMs: Millis): boolean {
  return inTime(through, patienceMs) <= 1 - WHOLE_SHARE + 1e-9;
}

/** The cuts with each that is open settled on those of these pods that have the most left. */
export function settled(cuts: readonly Cut[], pods: Ends, patienceMs: Millis): readonly Cut[] {
  const all = cuts.filter(({ open }) => open === undefined);
  for (const cut of cuts) {
    if (cut.open === undefined) continue;
    const { end, most } = cut.open;
    const left = ({ key }: ServingPod) => inTime(throughAll(all.filter((one) => one[end]?.has(key))), patienceMs);
    const able = pods[end].filter(({ key }) => cut[end]?.has(key));
    const hit = able.toSorted((a, b) => left(b) - left(a)).slice(0, most);
    all.push({ ...cut, [end]: new Set(hit.map(({ key }) => key)), open: undefined });
  }
  return all;
}
