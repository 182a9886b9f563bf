import { servicesOf } from '../../model/good.ts';
import type { AffectedPod } from '../../model/history.ts';
import type { Hop } from '../../model/record.ts';
import { namingOf } from '../../model/service-names.ts';
import { refsNamed } from '../../model/service-ref.ts';
import type { Endpoint } from '../../model/target.ts';
import type { Micros } from '../../model/units.ts';
import type { EndpointsEvent, Facts, FaultFacts } from '../timeline/history.ts';
import { meshServices } from '../timeline/mesh-services.ts';
import { addressOf } from './pod-address.ts';
import { remembered } from './remembered.ts';

type PodLike = Pick<Endpoint, 'cluster' | 'namespace' | 'pod' | 'workload'>;

const podKey = (pod: PodLike): string => `${pod.cluster}/${pod.namespace}/${pod.pod}`;
/** A restarted pod may come back under its name; its address tells it apart. */
const incarnationKey = (pod: PodLike & { readonly ip: string }): string => `${podKey(pod)} ${pod.ip}`;
const workloadKey = (pod: PodLike): string => `${pod.cluster}/${pod.namespace}/${pod.workload}`;

const isRestart = ({ header }: FaultFacts): boolean => header?.signature === 'restarts';

/** A pod that a later round restarts serves until then, and the endpoints tell when. */
const gone = (fault: FaultFacts): readonly AffectedPod[] => (isRestart(fault) ? fault.affectedFirst : fault.affected);

function addTo<K, V>(sets: Map<K, Set<V>>, key: K, value: V): void {
  const set = sets.get(key) ?? new Set();
  sets.set(key, set.add(value));
}

/**
 * What the endpoint observations and the answers say about pods: which service of the call chain they are, in which
 * zones their addresses were, and where healthy ones were left.
 */
export class Pods {
  readonly #facts: Facts;
  /** What answers, or callers' proxies, call the services of the run. */
  readonly #names: readonly string[];
  /** Those of them whose Kubernetes Service the scenario states: nothing is guessed of these. */
  readonly #stated: ReadonlySet<string>;
  /** What clauses call Services by more than a name: namespace, and what the scenario calls the Service otherwise. */
  readonly #refs = new Map<string, { readonly namespace: string; readonly called: string }>();
  /** Kubernetes Services by pod and by workload: several may select the same pods. */
  readonly #services = new Map<string, Set<string>>();
  readonly #zones = new Map<string, Set<string>>();
  /** What answers call the pod of an address and zone, and what was observed there. */
  readonly #printed = new Map<string, Set<string>>();
  readonly #observed = new Map<string, Map<string, Endpoint>>();
  readonly #kubernetesNames = new Set<string>();
  /** Pods of declared gateways; undefined where none were declared. */
  readonly #gateways: ReadonlySet<string> | undefined;
  readonly #hit = new Map<string, (endpoint: Endpoint) => boolean>();
  /** One observation of a cluster, by Kubernetes Service. */
  readonly #byService = remembered(({ endpoints }: EndpointsEvent) => Map.groupBy(endpoints, ({ service }) => service));
  readonly #workloadsAt = remembered((time: Micros) => Map.groupBy(this.at(time) ?? [], workloadKey));
  /** When anything changed, in order. */
  readonly #changes: readonly Micros[];

  constructor(facts: Facts) {
    this.#facts = facts;
    const { load, services = {}, expect } = facts.header.scenario;
    this.#stated = new Set(Object.keys(services));
    const naming = namingOf(services);
    const names = new Set([...servicesOf(load), ...meshServices(facts), ...this.#stated]);
    for (const [text, { namespace, name }] of refsNamed(expect)) {
      const called = naming(namespace, name);
      if (called === text) continue;
      this.#refs.set(text, { namespace, called });
      names.delete(text);
    }
    this.#names = [...names];
    this.#changes = facts.endpoints.map(({ t }) => t).sort((a, b) => a - b);
    const declared = facts.endpoints.filter(({ gateways }) => gateways !== undefined);
    this.#gateways =
      declared.length === 0 ? undefined : new Set(declared.flatMap(({ gateways }) => (gateways ?? []).map(podKey)));
    for (const { endpoints } of facts.endpoints) {
      for (const endpoint of endpoints) {
        this.#kubernetesNames.add(endpoint.service);
        addTo(this.#services, podKey(endpoint), endpoint.service);
        addTo(this.#services, workloadKey(endpoint), endpoint.service);
        if (endpoint.ip === '') continue;
        addTo(this.#zones, endpoint.ip, endpoint.zone);
        this.#observe(endpoint);
      }
    }
  }

  #observe(endpoint: Endpoint): void {
    const address = addressOf(endpoint);
    const there = this.#observed.get(address) ?? new Map<string, Endpoint>();
    this.#observed.set(address, there.set(`${endpoint.namespace}/${endpoint.service}`, endpoint));
  }

  /** Remembers what an answer calls the pod of an address, in its zone and for pods whose zone nobody knows. */
  see(hop: Hop): void {
    const { service, ip } = hop;
    const address = addressOf(hop);
    if (ip === '' || service === '' || this.#printed.get(address)?.has(service) === true) return;
    addTo(this.#printed, address, service);
    addTo(this.#printed, addressOf({ ip, zone: '' }), service);
    this.#aliases.clear();
    this.#namespaces.clear();
  }

  /** The zones in which an address was observed; undefined for one that no endpoint has. */
  zonesOf(ip: string): ReadonlySet<string> | undefined {
    return this.#zones.get(ip);
  }

  /**
   * The Services behind which the pod of an answer is, where the one that the scenario states for the answer's service is
   * none of them; undefined where it is, where none is stated, and where nobody knows the pod.
   */
  othersThan(hop: Hop): readonly string[] | undefined {
    const there = this.#stated.has(hop.service) ? this.#observed.get(addressOf(hop)) : undefined;
    const services = [...(there?.values() ?? [])].map(({ service }) => service);
    return services.length === 0 || services.includes(hop.service) ? undefined : services.sort();
  }

  /** The service of the call chain that an affected pod is of; undefined for a gateway or any other pod. */
  serviceOf(pod: AffectedPod): string | undefined {
    const chain = this.#names;
    const seen = this.#services.get(podKey(pod)) ?? this.#services.get(workloadKey(pod));
    const printed = [...(this.#printed.get(addressOf(pod)) ?? [])].find(
      (name) => chain.includes(name) && (seen?.has(name) !== false || !this.#stated.has(name)),
    );
    if (printed !== undefined) return printed;
    if (seen !== undefined)
      return chain.find((name) => seen.has(name) || this.#aliasesOf(name).some((s) => seen.has(s)));
    if (this.#facts.endpoints.length > 0) return undefined;
    const named = chain.filter((name) => pod.workload === name || pod.workload.startsWith(`${name}-`));
    return named.sort((a, b) => b.length - a.length)[0];
  }

  /** Whether an affected pod is of a service, by whatever a clause calls that. */
  serves(pod: AffectedPod, service: string): boolean {
    const ref = this.#refs.get(service);
    if (ref === undefined) return this.serviceOf(pod) === service;
    return this.serviceOf(pod) === ref.called && pod.namespace === ref.namespace;
  }

  /** Whether an affected pod is a gateway's: as the targets file declares, or else whatever serves nothing of the call chain. */
  isGateway(pod: AffectedPod): boolean {
    return this.#gateways === undefined ? this.serviceOf(pod) === undefined : this.#gateways.has(podKey(pod));
  }

  /** Whether an endpoint serves what the call chain calls `service`. */
  isOf(endpoint: Endpoint, service: string): boolean {
    const ref = this.#refs.get(service);
    if (ref !== undefined) return endpoint.service === ref.called && endpoint.namespace === ref.namespace;
    return endpoint.service === service || this.#aliasesOf(service).includes(endpoint.service);
  }

  /** What Kubernetes, and with it the callers' proxies, call what the call chain calls `service`. */
  namesOf(service: string): readonly string[] {
    const aliases = this.#aliasesOf(service);
    return aliases.length === 0 ? [service] : aliases;
  }

  /** Everything known at a time, the last observation of each cluster; undefined when there was none. */
  at(time: Micros): readonly Endpoint[] | undefined {
    return this.#latest(time)?.flatMap(({ endpoints }) => endpoints);
  }

  /**
   * The pods behind a service at a time, each once although several Services may select it. A Service of the same name in
   * another namespace is another one. Undefined, too, when nobody knows which of several namespaces it is in.
   */
  behind(service: string, time: Micros): readonly Endpoint[] | undefined {
    const isAlone = !this.#refs.has(service) && this.#aliasesOf(service).length === 0;
    const all = this.#latest(time)?.flatMap((event) =>
      isAlone
        ? (this.#byService(event).get(service) ?? [])
        : event.endpoints.filter((endpoint) => this.isOf(endpoint, service)),
    );
    const own = this.#namespacesOf(service);
    const pods = all && new Map(all.map((endpoint) => [podKey(endpoint), endpoint]));
    if (pods === undefined || own === undefined) return undefined;
    return [...pods.values()].filter(({ namespace }) => own.has(namespace));
  }

  /**
   * Namespaces of which a pod answered as `service`, or was hit by a fault of it; where there is none of either, the one
   * in which it was observed, and undefined when there are several.
   */
  #namespacesOf(service: string): ReadonlySet<string> | undefined {
    const ref = this.#refs.get(service);
    const known = ref === undefined ? this.#namespaces.get(service) : new Set([ref.namespace]);
    if (known !== undefined) return known;
    const answered = [...this.#printed].flatMap(([address, names]) =>
      names.has(service) ? [...(this.#observed.get(address)?.values() ?? [])] : [],
    );
    const hit = this.#facts.faults.flatMap(({ affected }) => affected.filter((pod) => this.serviceOf(pod) === service));
    const isOf = (endpoint: Endpoint): boolean => this.isOf(endpoint, service);
    const own = new Set([...answered.filter(isOf), ...hit].map(({ namespace }) => namespace));
    if (own.size === 0) {
      const all = this.#facts.endpoints.flatMap(({ endpoints }) => endpoints.filter(isOf));
      for (const { namespace } of all) own.add(namespace);
      if (own.size > 1) return undefined;
    }
    this.#namespaces.set(service, own);
    return own;
  }

  #latest(time: Micros): EndpointsEvent[] | undefined {
    const latest = new Map<string, EndpointsEvent>();
    for (const event of this.#facts.endpoints) if (event.t <= time) latest.set(event.cluster, event);
    return latest.size === 0 ? undefined : [...latest.values()];
  }

  /** Times inside a span at which the endpoints changed. */
  changes(start: Micros, end: Micros): Micros[] {
    return this.#facts.endpoints.filter((event) => event.t > start && event.t < end).map((event) => event.t);
  }

  /** Whether no endpoint changed inside a span. */
  isQuiet(start: Micros, end: Micros): boolean {
    let from = 0;
    let to = this.#changes.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.#changes[middle] as number) > start) to = middle;
      else from = middle + 1;
    }
    return (this.#changes[from] ?? Number.POSITIVE_INFINITY) >= end;
  }

  /**
   * Tells which endpoints the faults hit: the affected pods, and for a fault that stops serving also the later pods of
   * a workload whose pods were all affected, because they are born with the fault.
   */
  hitBy(faults: readonly FaultFacts[]): (endpoint: Endpoint) => boolean {
    const key = faults.map((fault) => fault.name).join('\u0000');
    const known = this.#hit.get(key);
    if (known !== undefined) return known;
    const [restarting, stopping] = [faults.filter(isRestart), faults.filter((fault) => !isRestart(fault))];
    const pods = new Set(stopping.flatMap((fault) => gone(fault).map(podKey)));
    const restarted = new Set(restarting.flatMap((fault) => gone(fault).map(incarnationKey)));
    const workloads = new Set(stopping.flatMap((fault) => this.#emptied(fault, pods)));
    const isHit = (endpoint: Endpoint): boolean =>
      pods.has(podKey(endpoint)) || restarted.has(incarnationKey(endpoint)) || workloads.has(workloadKey(endpoint));
    this.#hit.set(key, isHit);
    return isHit;
  }

  #emptied(fault: FaultFacts, hit: ReadonlySet<string>): string[] {
    const before = this.#workloadsAt(fault.requested ?? 0);
    const keys = new Set(fault.affected.map(workloadKey));
    return [...keys].filter((key) => before.get(key)?.every((peer) => hit.has(podKey(peer))) ?? true);
  }

  /** Kubernetes Services whose pods print `service`, where no Service is called that. */
  #aliasesOf(service: string): string[] {
    const known = this.#aliases.get(service);
    if (known !== undefined) return known;
    if (this.#stated.has(service) || this.#refs.has(service)) return [];
    const names = new Set<string>();
    for (const [address, printed] of this.#printed) {
      if (printed.has(service))
        for (const { service: name } of this.#observed.get(address)?.values() ?? []) names.add(name);
    }
    const aliases = this.#kubernetesNames.has(service) ? [] : [...names];
    this.#aliases.set(service, aliases);
    return aliases;
  }
  /** What was asked before an answer told more is forgotten. */
  readonly #aliases = new Map<string, string[]>();
  readonly #namespaces = new Map<string, ReadonlySet<string>>();
}
