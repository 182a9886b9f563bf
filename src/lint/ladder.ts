import { assignmentFor } from '../mesh/istiod/clusters.ts';
import type { MeshEndpoint } from '../mesh/locality.ts';
import { type LivePod, proxyOf } from '../predict/live-system.ts';
import { portOf } from './service-object.ts';
import type { Call } from './system.ts';

/** One level of a caller's order: the ready pods of one priority. Where none of it is ready, callers pass it over. */
type Level = readonly LivePod[];

/** A host of a calling pod's proxy, its priority, and the ready pods that answer there: several behind an east-west gateway. */
type CalledHost = { readonly endpoint: MeshEndpoint; readonly priority: number; readonly pods: readonly LivePod[] };

/** The hosts that the proxy of a calling pod has for a call, as its istiod tells it. */
export function hostsOf(call: Call, from: LivePod): CalledHost[] {
  const byAddress = new Map(call.listed.map((pod, index) => [String(index), pod]));
  const { endpoints } = assignmentFor({
    proxy: proxyOf(from),
    service: { staysClose: portOf(call)?.staysClose ?? false },
    settings: call.settings,
    subset: { name: call.subset ?? '', labels: {} },
    endpoints: [...byAddress].map(([address, { locality, network, labels, ready }]) => ({
      ...{ address, locality, network, labels, ready },
    })),
    eastWest: call.gateways,
  });
  const direct = new Set(endpoints.map(({ endpoint }) => byAddress.get(endpoint.address)));
  return endpoints.map(({ endpoint, priority }) => {
    const pods = endpoint.isGateway
      ? call.listed.filter((pod) => pod.network === endpoint.network && !direct.has(pod))
      : [byAddress.get(endpoint.address)];
    return { endpoint, priority, pods: pods.filter((pod) => pod !== undefined).filter(({ ready }) => ready) };
  });
}

/** The pods that answer a call of one calling pod, by their priority; those that it never calls are in none. */
export function ladderOf(call: Call, from: LivePod): Level[] {
  const hosts = hostsOf(call, from);
  const last = Math.max(-1, ...hosts.map(({ priority }) => priority));
  return Array.from({ length: last + 1 }, (_, level) =>
    hosts.filter(({ priority }) => priority === level).flatMap(({ pods }) => pods),
  );
}

/** The pods that a calling pod calls first. */
export function nearestOf(call: Call, from: LivePod): Level {
  return ladderOf(call, from).find((pods) => pods.length > 0) ?? [];
}

/** Whether the proxies of a call leave one priority for the next: the nearer places are called while they serve. */
export function hasLevels(call: Call): boolean {
  const { outlier, localityLb } = call.settings;
  return outlier !== undefined && localityLb.enabled && localityLb.distribute.length === 0 && hasOrder(call);
}

/** Whether the order is by locality or labels: `zoneAwareLbSetting` (since 1.31) takes its place, and is not modelled. */
export function hasOrder({ rule }: Call): boolean {
  return !JSON.stringify([rule?.trafficPolicy, rule?.subsets]).includes('zoneAwareLbSetting');
}
