import type { AffectedPod } from '../../model/history.ts';
import { askedBeyondZone, type BeyondZone, type Whereabouts } from '../../model/place.ts';
import type { Hop } from '../../model/record.ts';
import type { Endpoint } from '../../model/target.ts';
import type { Facts } from '../timeline/history.ts';
import { type Behind, EastWest } from './east-west.ts';
import { list } from './format.ts';
import { addressOf } from './pod-address.ts';

/** Where an answer came from, as far as the clauses of the run tell places apart: one object for each such place. */
export type Site = Whereabouts & {
  /** A zone, or with what else is asked for: `north-a (cluster blue)`. */
  readonly name: string;
  /** Why something that is asked for is not known, of the first answer for which it is not. */
  readonly doubt?: string;
};

/** Hops that are remembered; there are hardly ever as many pods. */
const MAX_HOPS = 100_000;

/** One thing that a clause asks for, or why it is not known. */
type Told<T> = { readonly value: T } | { readonly doubt: string };

const saidOf = {
  cluster: ({ cluster }: Endpoint) => cluster,
  network: ({ network }: Endpoint) => network,
  workload: ({ workload }: Endpoint) => workload,
  subset: ({ subsets }: Endpoint) => subsets?.toSorted().join(', '),
} as const satisfies Record<BeyondZone, (endpoint: Endpoint) => string | undefined>;

/**
 * Whether the pod itself was seen. Before and after that, its row has its own name for a workload, and of what its labels tell
 * nothing; a pod of no workload is not told from it.
 */
const isSeen = ({ workload, pod }: Endpoint): boolean => workload !== pod;

const of = (service: string, zone: string): string => `${service}\u0000${zone}`;

function addTo<K>(groups: Map<K, Map<string, Endpoint>>, key: K, id: string, endpoint: Endpoint): void {
  const group = groups.get(key) ?? new Map<string, Endpoint>();
  groups.set(key, group.set(id, endpoint));
}

/**
 * Looks up in the observed endpoints where answers came from: a zone's name is in the answer, and everything else is what all
 * endpoints at its address and zone agree on. Where they do not, as those of two networks that use the same addresses, it is
 * not known.
 */
export class Sites {
  readonly eastWest: EastWest;
  /** Zone name to region. */
  readonly regions: ReadonlyMap<string, string>;
  readonly #clusters: Facts['header']['topology']['clusters'];
  readonly #asked: readonly BeyondZone[];
  readonly #byAddress = new Map<string, Map<string, Endpoint>>();
  readonly #byService = new Map<string, Map<string, Endpoint>>();
  readonly #byZone = new Map<string, Map<string, Endpoint>>();
  readonly #sites = new Map<string, Site>();
  readonly #byHop = new Map<string, Site>();

  constructor(facts: Facts) {
    const { header, endpoints } = facts;
    const { clusters } = header.topology;
    this.eastWest = new EastWest(facts);
    this.regions = new Map([
      ...[...this.eastWest.places].map(([name, { region }]) => [name, region] as const),
      ...clusters.flatMap(({ zones, region }) => zones.map((zone) => [zone, region] as const)),
    ]);
    this.#clusters = clusters;
    this.#asked = [...askedBeyondZone(header.scenario.expect)];
    if (this.#asked.length === 0) return;
    const waiting = new Map<string, Endpoint>();
    const known = new Set<string>();
    for (const endpoint of endpoints.flatMap((event) => event.endpoints)) {
      const { cluster, namespace, pod, service, ip } = endpoint;
      const key = `${cluster}/${namespace}/${pod} ${service} ${ip}`;
      const isWhole = this.#asked.every((field) => saidOf[field](endpoint) !== undefined);
      if (isSeen(endpoint) && (isWhole || known.has(key))) {
        known.add(key);
        waiting.delete(key);
        this.#add(endpoint);
      } else if (!known.has(key)) waiting.set(key, endpoint);
    }
    for (const endpoint of waiting.values()) this.#add(endpoint);
  }

  #add(endpoint: Endpoint): void {
    const values = this.#asked.map((field) => saidOf[field](endpoint));
    const id = JSON.stringify([endpoint.service, ...values]);
    if (endpoint.ip !== '') addTo(this.#byAddress, addressOf(endpoint), id, endpoint);
    addTo(this.#byService, of(endpoint.service, endpoint.zone), id, endpoint);
    addTo(this.#byZone, endpoint.zone, id, endpoint);
  }

  /** Where a hop was served. */
  of(hop: Hop): Site {
    const behind = this.eastWest.places.get(hop.zone);
    if (behind !== undefined && behind.zones.length > 1) return this.#behind(behind);
    if (this.#asked.length === 0) return this.#sites.get(hop.zone) ?? this.#intern(hop, []);
    const key = `${of(hop.service, hop.zone)}\u0000${hop.ip}`;
    const told = () => this.#asked.map((field) => [field, this.#told(field, hop)] as const);
    const site = this.#byHop.get(key) ?? this.#intern(hop, told());
    if (this.#byHop.size < MAX_HOPS) this.#byHop.set(key, site);
    return site;
  }

  #behind({ name, region, network, zones }: Behind): Site {
    const known = this.#sites.get(name);
    if (known !== undefined) return known;
    const asked = this.#asked.find((field) => field !== 'network' || network === undefined);
    const doubt =
      asked && `the ${asked} of what serves behind the ${name} is not known: callers' proxies do not tell it`;
    const site = {
      ...{ name, zone: name, region, zones, network },
      ...(doubt !== undefined && { doubt }),
    };
    this.#sites.set(name, site);
    return site;
  }

  /** Where a pod is that was observed, or hit by a fault: its address is looked up for what it does not say itself. */
  ofPod(pod: Endpoint | AffectedPod): Whereabouts {
    const { zone, cluster, workload } = pod;
    const { network, subsets } = ('ready' in pod ? pod : this.#seen(pod)) ?? {};
    return { zone, region: this.regions.get(zone) ?? '', cluster, workload, network, subsets };
  }

  #seen({ zone, ip, cluster, workload }: AffectedPod): Endpoint | undefined {
    const there = [...(this.#byAddress.get(addressOf({ ip, zone }))?.values() ?? [])];
    return there.find((one) => one.cluster === cluster && one.workload === workload);
  }

  #told(field: BeyondZone, hop: Hop): Told<string> {
    const { service, zone, ip } = hop;
    const what = `the ${field} of ${service}${ip === '' ? '' : ` at ${ip}`} in ${zone} is not known`;
    const { values, of: where } = this.#values(field, hop);
    const [value] = values;
    if (values.size === 0) return { doubt: `${what}: no endpoint was observed there` };
    if (values.size === 1 && value !== undefined) return { value };
    if (values.has(undefined)) return { doubt: `${what}: ${UNTOLD[field]}` };
    return { doubt: `${what}: that ${where} is of ${list([...values].map((one) => one || 'no subset'))}` };
  }

  /**
   * What the endpoints say that a hop may have been, those of its service where there are any. A zone that only one cluster, or
   * network, has tells it of an address that nobody observed.
   */
  #values(field: BeyondZone, { service, zone, ip }: Hop): { values: ReadonlySet<string | undefined>; of: string } {
    const group = ip === '' ? this.#byService.get(of(service, zone)) : this.#byAddress.get(addressOf({ ip, zone }));
    const there = [...(group?.values() ?? [])];
    const own = there.filter((endpoint) => endpoint.service === service);
    const found = own.length > 0 ? own : there;
    if (found.length > 0) return { values: new Set(found.map(saidOf[field])), of: ip === '' ? 'zone' : 'address' };
    const inZone = [...(this.#byZone.get(zone)?.values() ?? [])].map(saidOf[field]);
    if (field === 'network') return { values: new Set(inZone), of: 'zone' };
    return { values: new Set(field === 'cluster' ? [...inZone, ...this.#clustersWith(zone)] : []), of: 'zone' };
  }

  #clustersWith(zone: string): string[] {
    return this.#clusters.flatMap(({ name, zones }) => (zones.includes(zone) ? [name] : []));
  }

  #intern({ service, zone }: Hop, told: readonly (readonly [BeyondZone, Told<string>])[]): Site {
    const parts = told.map(([field, one]) => `${field} ${'value' in one ? one.value || 'none' : 'not known'}`);
    const name = parts.length === 0 ? zone : `${zone} (${parts.join(', ')})`;
    const doubt = told.flatMap(([, one]) => ('doubt' in one ? [one.doubt] : []))[0];
    const key = doubt === undefined ? name : `${name}\u0000${service}`;
    const known = this.#sites.get(key);
    if (known !== undefined) return known;
    const { subset, ...rest } = Object.fromEntries(
      told.flatMap(([field, one]) => ('value' in one ? [[field, one.value] as const] : [])),
    ) as Partial<Record<BeyondZone, string>>;
    const site = {
      ...{ zone, region: this.regions.get(zone) ?? '', name, ...rest },
      ...(subset !== undefined && { subsets: subset.split(', ').filter(Boolean) }),
      ...(doubt !== undefined && { doubt }),
    };
    this.#sites.set(key, site);
    return site;
  }
}

const UNTOLD: Readonly<Record<BeyondZone, string>> = {
  cluster: 'no endpoint says it',
  network: 'neither a label topology.istio.io/network of the pod nor the targets file names it',
  workload: 'no endpoint says it',
  subset: 'the DestinationRules could not be read, or contradict each other',
};
