/**
 * A place in a clause: where pods are (zone, region, cluster, network) or what they are of (workload, subset). Zones of two
 * clusters may have one name; with `cluster` the zone of that one alone is meant.
 */
export type Place =
  | { readonly zone: string; readonly cluster?: string }
  | { readonly region: string }
  | { readonly cluster: string }
  | { readonly network: string }
  | { readonly workload: string }
  | { readonly subset: string };

/** Where callers are: a zone, and its cluster where several have a zone of that name. */
export type CallersPlace = { readonly zone: string; readonly cluster?: string };

/** What is known of where a pod is and what it is of; a field that is not there is not known. */
export type Whereabouts = {
  readonly zone: string;
  /** The zones of which it is in one, where nobody knows in which; `zone` is then what stands for them. */
  readonly zones?: readonly string[];
  /** Empty for a zone that no cluster of the run has. */
  readonly region: string;
  readonly cluster?: string | undefined;
  /** As `topology.istio.io/network` names it. */
  readonly network?: string | undefined;
  /** Name of the owning Deployment, StatefulSet and so on. */
  readonly workload?: string | undefined;
  /** Subsets of its Service, as DestinationRules name them, whose labels it has. */
  readonly subsets?: readonly string[] | undefined;
};

/** The fields that name a place; a zone may have its cluster beside it. */
export const PLACE_KINDS = ['zone', 'region', 'cluster', 'network', 'workload', 'subset'] as const;

/** What an address has to tell where the zone does not. */
const BEYOND_ZONE = ['cluster', 'network', 'workload', 'subset'] as const;
export type BeyondZone = (typeof BEYOND_ZONE)[number];

/** Whether a pod is in a place; undefined where nobody knows. */
export function isAt(where: Whereabouts, place: Place): boolean | undefined {
  if ('zone' in place) {
    if (where.zones !== undefined) return where.zones.includes(place.zone) ? undefined : false;
    if (where.zone !== place.zone) return false;
    return place.cluster === undefined ? true : isSame(where.cluster, place.cluster);
  }
  if ('region' in place) return where.region === place.region;
  if ('cluster' in place) return isSame(where.cluster, place.cluster);
  if ('network' in place) return isSame(where.network, place.network);
  if ('workload' in place) return isSame(where.workload, place.workload);
  return where.subsets?.includes(place.subset);
}

/** Whether callers are where a clause says; undefined where nobody knows. */
export function isFrom(where: Pick<Whereabouts, 'zone' | 'cluster'>, from: CallersPlace): boolean | undefined {
  return isAt({ ...where, region: '' }, from);
}

function isSame(known: string | undefined, wanted: string): boolean | undefined {
  return known === undefined ? undefined : known === wanted;
}

/** Whether a place is a step of Istio's own ladder of zones and regions. */
export function isByLocality(place: Place): boolean {
  return 'zone' in place || 'region' in place;
}

/** A place in words: a zone by its name, all else with what it is. */
export function placeText(place: Place): string {
  if ('zone' in place) return place.cluster === undefined ? place.zone : `${place.cluster}/${place.zone}`;
  const [[kind, name] = ['', '']] = Object.entries(place);
  return `${kind} ${name}`;
}

/** Whether two places are written alike. */
export function isSamePlace(a: Place, b: Place): boolean {
  const [one, other] = [a, b].map((place) => JSON.stringify(Object.entries(place).sort()));
  return one === other;
}

/** What the places in some clauses need to know beside the zone, wherever in them they stand. */
export function askedBeyondZone(clauses: unknown): ReadonlySet<BeyondZone> {
  const found = new Set<BeyondZone>();
  const visit = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    for (const [field, value] of Object.entries(part)) {
      const asked = BEYOND_ZONE.find((one) => one === field && typeof value === 'string');
      if (asked === undefined) visit(value);
      else found.add(asked);
    }
  };
  visit(clauses);
  return found;
}
