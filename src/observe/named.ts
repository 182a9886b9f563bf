import { servicesOf } from '../model/good.ts';
import type { AffectedPod } from '../model/history.ts';
import type { Scenario } from '../model/scenario.ts';
import { type ServiceNames, statedService } from '../model/service-names.ts';
import { readServiceRef, servicesNamed } from '../model/service-ref.ts';
import type { Endpoint } from '../model/target.ts';
import { anyPortBut } from './port-pattern.ts';

/** What a run is about: Services by name or `namespace/name`, and the pods that its faults hit, whatever Services these have. */
export type Named = { readonly services: readonly string[]; readonly affected: readonly AffectedPod[] };

/** Services that are named by the call chains of good requests or by a clause, and the pods of the faults. */
export function namedBy({ load, expect, services = {} }: Scenario, affected: readonly AffectedPod[]): Named {
  const names = [...servicesOf(load), ...servicesNamed(expect), ...Object.keys(services)];
  return { services: [...new Set(names.map((name) => wholeOf(services, name)))], affected };
}

/** The Service that is stated for a name, or that it names itself. */
function wholeOf(services: ServiceNames, name: string): string {
  const ref = readServiceRef(name);
  return statedService(services, name) ?? (ref === undefined ? name : `${ref.namespace}/${ref.name}`);
}

/** Where a run names nothing, so many Services are followed. */
const MOST_UNNAMED = 50;
/** With more names than this every cluster is asked for: an address has an end. */
const MOST_FILTERED = 100;
const DNS_LABEL = /^[a-z0-9-]+$/;
const PAGE = '/clusters?format=json';

/** The Services whose callers are followed; those of affected pods are found as the endpoints come. */
export class NamedServices {
  readonly #named: Named;
  readonly #namespaces: ReadonlySet<string>;
  readonly #names: ReadonlySet<string>;
  /** Nothing is named: any Service will do. */
  readonly #isOpen: boolean;
  /** By namespace and name. */
  readonly #found = new Set<string>();

  /** Services of other namespaces than these are never wanted. */
  constructor(named: Named, namespaces: readonly string[]) {
    this.#named = named;
    this.#namespaces = new Set(namespaces);
    this.#names = new Set(named.services);
    this.#isOpen = named.services.length + named.affected.length === 0;
  }

  /** Told of the endpoints of each cluster, whenever they change. */
  look(endpoints: readonly Endpoint[]): void {
    const hit = new Set(this.#named.affected.map(workloadKey));
    for (const endpoint of endpoints) {
      if (hit.has(workloadKey(endpoint))) this.#found.add(`${endpoint.namespace}/${endpoint.service}`);
    }
  }

  /**
   * The page of a proxy's admin port with no more clusters than needed, as far as it understands that: `filter` is a regular
   * expression that the cluster's name must hold, and an older Envoy passes over it. `without`: ports that nobody asks for.
   */
  page(without: readonly number[] = []): string {
    const names = [...new Set([...this.#names, ...this.#found].map((key) => key.replace(/^.*\//, '')))];
    const isPlain = [...names, ...this.#namespaces].every((name) => DNS_LABEL.test(name));
    if (this.#isOpen || names.length === 0 || names.length > MOST_FILTERED || !isPlain) return PAGE;
    const host = `[|.](${names.join('|')})[.](${[...this.#namespaces].join('|')})[.]svc`;
    const filter = without.length === 0 ? host : `^outbound[|_][.]?${anyPortBut(without)}[|_].*${host}`;
    return `${PAGE}&filter=${encodeURIComponent(filter)}`;
  }

  wants(service: string, namespace: string): boolean {
    if (!this.#namespaces.has(namespace)) return false;
    const key = `${namespace}/${service}`;
    if (!this.#isOpen) return this.#names.has(service) || this.#names.has(key) || this.#found.has(key);
    if (this.#found.size < MOST_UNNAMED) this.#found.add(key);
    return this.#found.has(key);
  }
}

function workloadKey({ cluster, namespace, workload }: AffectedPod | Endpoint): string {
  return `${cluster} ${namespace} ${workload}`;
}
