import { assignPriorities, type Locality, type MeshEndpoint } from '../mesh/locality.ts';
import { endpointsByNetwork } from '../mesh/networks.ts';
import type { LivePod } from '../predict/live-system.ts';
import { portOf } from './service-object.ts';
import type { Call } from './system.ts';

/** One level of a caller's order: the pods of one priority. */
type Level = readonly LivePod[];

/** A host of a calling pod's proxy, and the pods that answer there: several behind an east-west gateway. */
type CalledHost = { readonly endpoint: MeshEndpoint; readonly pods: readonly LivePod[] };

/** The hosts that the proxy of a calling pod has for a call. */
export function hostsOf({ endpoints, gateways }: Call, from: LivePod): CalledHost[] {
  const byAddress = new Map(endpoints.map((pod, index) => [String(index), pod]));
  const known = [...byAddress].map(([address, { locality, network, labels, ready }]) => ({
    ...{ address, locality, network, labels, ready },
  }));
  const hosts = endpointsByNetwork(known, { network: from.network, gateways, wanted: [] });
  const direct = new Set(hosts.map(({ address }) => address));
  return hosts.map((endpoint) => ({
    endpoint,
    pods: endpoint.isGateway
      ? [...byAddress].flatMap(([address, pod]) =>
          pod.network === endpoint.network && !direct.has(address) ? [pod] : [],
        )
      : [byAddress.get(endpoint.address)].filter((pod) => pod !== undefined),
  }));
}

/** The pods that answer a call of one calling pod, level by level; those that it never calls are in none. */
export function ladderOf(call: Call, from: LivePod): Level[] {
  const hosts = hostsOf(call, from);
  const podsAt = new Map(hosts.map(({ endpoint, pods }) => [endpoint, pods]));
  const { endpoints } = assignPriorities({
    client: from,
    endpoints: [...podsAt.keys()],
    setting: call.settings.localityLb,
    outlierDetection: call.settings.outlier !== undefined,
    staysClose: portOf(call)?.staysClose ?? false,
  });
  const levels: LivePod[][] = [];
  for (const { endpoint, priority } of endpoints) {
    levels[priority] = [...(levels[priority] ?? []), ...(podsAt.get(endpoint) ?? [])];
  }
  return levels;
}

/** Whether the order is by locality or labels: `zoneAwareLbSetting` (since 1.31) takes its place, and is not modelled. */
export function hasOrder({ rule }: Call): boolean {
  return !JSON.stringify([rule?.trafficPolicy, rule?.subsets]).includes('zoneAwareLbSetting');
}

/** `region/zone` of a pod. */
export function placeOf({ region, zone }: Locality): string {
  return `${region}/${zone}`;
}

/** Places of some pods, each once. */
export function placesOf(pods: readonly LivePod[]): string[] {
  return [...new Set(pods.map(({ locality }) => placeOf(locality)))].sort();
}
