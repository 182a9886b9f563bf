import type { FaultContext } from '../../model/fault.ts';
import type { Cluster } from '../../model/ports.ts';
import type { Pod } from '../../workload/pods.ts';
import { endAll } from '../end-all.ts';

const LISTENER = '/config_dump?resource=dynamic_listeners&name_regex=virtualInbound';
/** Istio's proxies have these gauges without being asked for them. */
const DRAINING = '/stats?filter=listener_manager.total_(listeners|filter_chains)_draining';

/** What the proxy of a pod has of an inbound filter: it, none, or it for new connections and none for some that are kept. */
type FilterState = 'has' | 'draining' | 'has not';

/** Asks the proxies of pods for an inbound filter, by its name, in the order of the pods. Rejects when one does not answer. */
export async function inboundFilter(
  { cluster }: FaultContext,
  pods: readonly Pod[],
  name: string,
): Promise<FilterState[]> {
  const ending = new AbortController();
  try {
    return await endAll(pods.map((pod) => ask(cluster, pod, name, ending.signal)));
  } finally {
    ending.abort();
  }
}

async function ask(cluster: Cluster, pod: Pod, name: string, signal: AbortSignal): Promise<FilterState> {
  const admin = cluster.proxyAdmin({ namespace: pod.namespace, pod: pod.name }, signal);
  const listener = await admin.get(LISTENER);
  // Connections that are kept go on by the filters that they began with until the proxy has let go of them (Envoy: draining).
  const gauges = await admin.get(DRAINING);
  if (/: [1-9]/.test(gauges)) return 'draining';
  return listener.includes(JSON.stringify(name)) ? 'has' : 'has not';
}
