import { assignPriorities, type Locality } from '../mesh/locality.ts';
import { isClose } from '../predict/istiod.ts';
import type { LivePod } from '../predict/live-system.ts';
import type { Call } from './system.ts';

/** One level of a caller's order: the pods of one priority. */
type Level = readonly LivePod[];

/** The pods that answer a call of one calling pod, level by level; those that it never calls are in none. */
export function ladderOf(call: Call, from: LivePod): Level[] {
  const byAddress = new Map(call.endpoints.map((pod, index) => [String(index), pod]));
  const { endpoints } = assignPriorities({
    client: from,
    endpoints: [...byAddress].map(([address, { locality, labels, ready }]) => ({ address, locality, labels, ready })),
    setting: call.settings.localityLb,
    outlierDetection: call.settings.outlier !== undefined,
    staysClose: isClose(call.caller.live, call.service),
  });
  const levels: LivePod[][] = [];
  for (const { endpoint, priority } of endpoints) {
    const pod = byAddress.get(endpoint.address);
    levels[priority] = [...(levels[priority] ?? []), ...(pod === undefined ? [] : [pod])];
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
