import type { Endpoint } from '../../model/target.ts';
import type { EjectionsEvent, Facts } from '../timeline/history.ts';

/** The history of one calling proxy for one Service and port. */
export type ProxyRow = { readonly pod: string; readonly zone: string; readonly events: EjectionsEvent[] };

/** What was seen of a cluster's pods, by name and by namespace and name (not every reading tells the namespace), before and from the first injection on. */
type Looks = { readonly readyBefore: Set<string>; readonly after: Set<string>; before: number };

/** The readings of the calling proxies, in order. */
export class ProxyBook {
  readonly #rows = new Map<string, Map<string, ProxyRow>>();
  readonly #looks = new Map<string, Looks>();

  constructor(facts: Facts) {
    for (const event of [...facts.ejections, ...facts.refEjections]) this.#add(event);
    const from = facts.firstInject ?? Number.POSITIVE_INFINITY;
    for (const { cluster, t, endpoints } of facts.endpoints) {
      const looks = this.#looks.get(cluster) ?? { readyBefore: new Set(), after: new Set(), before: 0 };
      this.#looks.set(cluster, looks);
      if (t < from) looks.before++;
      for (const endpoint of endpoints) note(looks, endpoint, t < from);
    }
  }

  /** Services of which anything was read, in stable order. */
  services(): string[] {
    return [...this.#rows.keys()].sort();
  }

  /** `names`: of Kubernetes Services. */
  rowsOf(names: readonly string[]): ProxyRow[] {
    return names.flatMap((name) => [...(this.#rows.get(name)?.values() ?? [])]);
  }

  /** Whether the proxy's pod came after the injection, as the endpoints show: its counters began at 0 then. */
  isNew({ cluster, pod, podNamespace }: EjectionsEvent): boolean {
    const name = podNamespace === undefined ? pod : `${podNamespace}/${pod}`;
    const looks = this.#looks.get(cluster);
    return looks !== undefined && looks.before > 0 && !looks.readyBefore.has(name) && looks.after.has(name);
  }

  #add(event: EjectionsEvent): void {
    const rows = this.#rows.get(event.service) ?? new Map<string, ProxyRow>();
    this.#rows.set(event.service, rows);
    const pod = `${event.cluster}/${event.podNamespace ?? ''}/${event.pod}`;
    const key = `${pod} ${event.namespace ?? ''}/${event.port ?? ''}`;
    const row = rows.get(key) ?? { pod, zone: event.zone, events: [] };
    row.events.push(event);
    rows.set(key, row);
  }
}

function note({ readyBefore, after }: Looks, { namespace, pod, ready }: Endpoint, isBefore: boolean): void {
  for (const name of [pod, `${namespace}/${pod}`]) {
    if (!isBefore) after.add(name);
    else if (ready) readyBefore.add(name);
  }
}
