import { readClusters } from '../mesh/clusters-reader.ts';
import { KINDS } from '../model/kubernetes.ts';
import { selectorText } from '../model/labels.ts';
import type { Clock, Cluster } from '../model/ports.ts';
import type { ObservedScope } from '../model/target.ts';
import type { Millis } from '../model/units.ts';
import { type Caller, callersIn } from './callers.ts';
import { NamedServices } from './named.ts';

/** More proxies than this are not asked, gateways first. */
const MOST_PROXIES = 200;
const ANSWER_LIMIT_MS: Millis = 5_000;

/** A Service of which callers in one cluster keep hosts ejected. */
type EjectedService = {
  /** `namespace/name`. */
  readonly service: string;
  /** Hosts that at least one caller has ejected. */
  readonly hosts: number;
  readonly callers: number;
};

/**
 * Which Services callers of one cluster keep hosts of ejected, as their proxies say on their admin port. `services` as
 * `Named.services`; none is any. A proxy that does not answer in time says nothing. Rejects where pods cannot be listed.
 */
export async function ejectedNow(
  cluster: Cluster,
  scope: ObservedScope,
  services: readonly string[],
  clock: Clock,
): Promise<EjectedService[]> {
  const byService = Map.groupBy(await keptNow(cluster, scope, services, clock), ({ service }) => service);
  return [...byService].map(([service, all]) => ({
    service,
    hosts: new Set(all.flatMap(({ hosts }) => hosts)).size,
    callers: new Set(all.map(({ caller }) => caller.id)).size,
  }));
}

/** The callers of one cluster that keep a host of any Service ejected, as `ejectedNow` finds them. */
export async function ejectorsNow(cluster: Cluster, scope: ObservedScope, clock: Clock): Promise<Caller[]> {
  const kept = await keptNow(cluster, scope, [], clock);
  return [...new Map(kept.map(({ caller }) => [caller.id, caller])).values()];
}

async function keptNow(
  cluster: Cluster,
  { namespaces, gateways = [] }: ObservedScope,
  services: readonly string[],
  clock: Clock,
): Promise<Kept[]> {
  const named = new NamedServices({ services, affected: [] }, namespaces);
  const listed = await Promise.all([
    ...gateways.map(async ({ namespace, selector }) => ({
      what: '',
      pods: await cluster.list(KINDS.pod, { namespace, labelSelector: selectorText(selector) }),
      gateway: true,
    })),
    ...namespaces.map(async (namespace) => ({
      what: '',
      pods: await cluster.list(KINDS.pod, { namespace }),
      gateway: false,
    })),
  ]);
  const callers = callersIn(listed, () => '').known.slice(0, MOST_PROXIES);
  const kept = await Promise.all(callers.map((caller) => ejectedBy({ cluster, clock }, caller, named)));
  return kept.flat();
}

/** One port of a Service in one proxy. */
type Kept = { readonly caller: Caller; readonly service: string; readonly hosts: readonly string[] };

async function ejectedBy(
  { cluster, clock }: { readonly cluster: Cluster; readonly clock: Clock },
  caller: Caller,
  named: NamedServices,
): Promise<Kept[]> {
  const ending = new AbortController();
  void clock.sleep(ANSWER_LIMIT_MS, ending.signal).then(() => ending.abort());
  try {
    const admin = cluster.proxyAdmin({ namespace: caller.namespace, pod: caller.pod }, ending.signal);
    const read = readClusters(await admin.get(named.page()), (service, namespace) => named.wants(service, namespace));
    return read.flatMap(({ service, namespace, hosts }) => {
      const out = [...hosts.values()].filter(({ ejected }) => ejected).map(({ address }) => address);
      return out.length === 0 ? [] : [{ caller, service: `${namespace}/${service}`, hosts: out }];
    });
  } catch {
    return [];
  } finally {
    // Its connection is kept open as long as the signal lets it.
    ending.abort();
  }
}
