import type { AffectedPod } from '../model/history.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Endpoint } from '../model/target.ts';

/** What a run is about: Services by their names, and the pods that its faults hit, whatever Services these have. */
export type Named = { readonly services: readonly string[]; readonly affected: readonly AffectedPod[] };

/** Services that are named by the call chain of a good request or by a clause, and the pods of the faults. */
export function namedBy({ load, expect }: Scenario, affected: readonly AffectedPod[]): Named {
  const services = [...load.good.chain, ...Object.values(expect).flatMap(servicesOf)];
  return { services: [...new Set(services)], affected };
}

/** A clause, or each of a list, names its Service under `service`. */
function servicesOf(clause: unknown): string[] {
  if (Array.isArray(clause)) return clause.flatMap(servicesOf);
  if (typeof clause !== 'object' || clause === null) return [];
  const { service } = clause as { readonly service?: unknown };
  return typeof service === 'string' ? [service] : [];
}

/** Where a run names nothing, so many Services are followed. */
const MOST_UNNAMED = 50;

/** The Services whose callers are followed; those of affected pods are found as the endpoints come. */
export class NamedServices {
  readonly #named: Named;
  readonly #namespaces: ReadonlySet<string>;
  readonly #names: ReadonlySet<string>;
  /** By namespace and name. */
  readonly #found = new Set<string>();

  /** Services of other namespaces than these are never wanted. */
  constructor(named: Named, namespaces: readonly string[]) {
    this.#named = named;
    this.#namespaces = new Set(namespaces);
    this.#names = new Set(named.services);
  }

  /** Told of the endpoints of each cluster, whenever they change. */
  look(endpoints: readonly Endpoint[]): void {
    const hit = new Set(this.#named.affected.map(workloadKey));
    for (const endpoint of endpoints) {
      if (hit.has(workloadKey(endpoint))) this.#found.add(`${endpoint.namespace}/${endpoint.service}`);
    }
  }

  wants(service: string, namespace: string): boolean {
    if (!this.#namespaces.has(namespace)) return false;
    const key = `${namespace}/${service}`;
    const { services, affected } = this.#named;
    if (services.length + affected.length > 0) return this.#names.has(service) || this.#found.has(key);
    if (this.#found.size < MOST_UNNAMED) this.#found.add(key);
    return this.#found.has(key);
  }
}

function workloadKey({ cluster, namespace, workload }: AffectedPod | Endpoint): string {
  return `${cluster} ${namespace} ${workload}`;
}
