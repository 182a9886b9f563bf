import type { ServedCluster } from '../../model/fault.ts';
import type { ProxyAdmin } from '../../model/ports.ts';
import type { Pod } from '../../workload/pods.ts';
import { endAll } from '../end-all.ts';

const INBOUND = '/config_dump?resource=dynamic_listeners&name_regex=virtualInbound';
const ROUTES = '/config_dump?resource=dynamic_route_configs';
/** Istio's proxies have these gauges without being asked for them. */
const DRAINING = '/stats?filter=listener_manager.total_(listeners|filter_chains)_draining';

/**
 * What a proxy has of a fault: it, or none. While it lets go of kept connections, which go on by what they began with, it has it
 * (`taking over`) or has it not (`letting go`) for new ones only.
 */
export type ProxyState = 'has' | 'taking over' | 'letting go' | 'has not';

/** Whether the proxies of pods have an inbound filter of this name. */
export function haveFilter(cluster: ServedCluster, pods: readonly Pod[], name: string): Promise<ProxyState[]> {
  return askEach(cluster, pods, async (admin) => {
    const listener = await admin.get(INBOUND);
    // Connections that are kept go on by the filters that they began with until the proxy has let go of them (Envoy: draining).
    const isDraining = /: [1-9]/.test(await admin.get(DRAINING));
    const state = stateOf(listener, name);
    if (!isDraining) return state;
    return state === 'has' ? 'taking over' : 'letting go';
  });
}

/** Whether the proxies of pods have a route of this name; routes hold for connections that are kept, too. */
export function haveRoute(cluster: ServedCluster, pods: readonly Pod[], name: string): Promise<ProxyState[]> {
  return askEach(cluster, pods, async (admin) => stateOf(await admin.get(ROUTES), name));
}

function stateOf(dump: string, name: string): 'has' | 'has not' {
  return dump.includes(JSON.stringify(name)) ? 'has' : 'has not';
}

async function askEach(
  cluster: ServedCluster,
  pods: readonly Pod[],
  ask: (admin: ProxyAdmin) => Promise<ProxyState>,
): Promise<ProxyState[]> {
  const ending = new AbortController();
  try {
    return await endAll(
      pods.map(({ namespace, name }) => ask(cluster.proxyAdmin({ namespace, pod: name }, ending.signal))),
    );
  } finally {
    ending.abort();
  }
}
