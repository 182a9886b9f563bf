import type { AffectedPod } from '../model/history.ts';
import type { Endpoint } from '../model/target.ts';
import type { Micros } from '../model/units.ts';
import type { Facts, FaultFacts } from './facts.ts';

type PodLike = Pick<Endpoint, 'cluster' | 'namespace' | 'pod' | 'workload'>;

const podKey = (pod: PodLike): string => `${pod.cluster}/${pod.namespace}/${pod.pod}`;
const workloadKey = (pod: PodLike): string => `${pod.cluster}/${pod.namespace}/${pod.workload}`;

/** What the endpoint observations say about pods: which service they are of, and where healthy ones were left. */
export class Pods {
  readonly #facts: Facts;
  readonly #services = new Map<string, string>();

  constructor(facts: Facts) {
    this.#facts = facts;
    for (const event of facts.endpoints) {
      for (const endpoint of event.endpoints) {
        this.#services.set(podKey(endpoint), endpoint.service).set(workloadKey(endpoint), endpoint.service);
      }
    }
  }

  /** The service of the call chain that an affected pod is of; undefined for a gateway or any other pod. */
  serviceOf(pod: AffectedPod): string | undefined {
    const chain = this.#facts.header.scenario.load.good.chain;
    const seen = this.#services.get(podKey(pod)) ?? this.#services.get(workloadKey(pod));
    const service = seen ?? chain.find((name) => pod.workload === name || pod.workload.startsWith(`${name}-`));
    return service !== undefined && chain.includes(service) ? service : undefined;
  }

  /** Everything known at a time, the last observation of each cluster; undefined when there was none. */
  at(time: Micros): readonly Endpoint[] | undefined {
    const latest = new Map<string, readonly Endpoint[]>();
    for (const event of this.#facts.endpoints) {
      if (event.t <= time) latest.set(event.cluster, event.endpoints);
    }
    return latest.size === 0 ? undefined : [...latest.values()].flat();
  }

  /** Times inside a span at which the endpoints changed. */
  changes(start: Micros, end: Micros): Micros[] {
    return this.#facts.endpoints.filter((event) => event.t > start && event.t < end).map((event) => event.t);
  }

  /**
   * Tells which endpoints the faults hit: the affected pods, and for a fault that stops serving also the later pods of
   * a workload whose pods were all affected, because they are born with the fault.
   */
  hitBy(faults: readonly FaultFacts[]): (endpoint: Endpoint) => boolean {
    const pods = new Set(faults.flatMap((fault) => fault.affected.map(podKey)));
    const workloads = new Set<string>();
    for (const fault of faults) {
      if (fault.header?.signature === 'restarts') continue;
      for (const pod of fault.affected) {
        const before = this.at(fault.requested ?? 0) ?? [];
        const peers = before.filter((endpoint) => workloadKey(endpoint) === workloadKey(pod));
        if (peers.every((peer) => pods.has(podKey(peer)))) workloads.add(workloadKey(pod));
      }
    }
    return (endpoint) => pods.has(podKey(endpoint)) || workloads.has(workloadKey(endpoint));
  }
}
