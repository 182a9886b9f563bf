import { FaultlineError } from '../../model/errors.ts';
import type { FaultContext } from '../../model/fault.ts';
import type { AffectedPod } from '../../model/history.ts';
import { selectorText } from '../../model/labels.ts';
import type { GatewayPods } from '../../model/target.ts';
import { isAlive, listPods, type Pod, zonesOfNodes } from '../../workload/pods.ts';
import type { DeploymentPlace } from '../scale/several.ts';

/** The gateway pods of a cluster that have not ended, each once. */
export async function gatewayPods(declared: readonly GatewayPods[], { cluster }: FaultContext): Promise<Pod[]> {
  const zones = await zonesOfNodes(cluster);
  const lists = declared.map(({ namespace, selector }) => listPods(cluster, namespace, selectorText(selector), zones));
  const found = (await Promise.all(lists)).flat().filter(isAlive);
  return [...new Map(found.map((pod) => [`${pod.namespace}/${pod.name}`, pod])).values()];
}

/** The Deployments behind gateway pods. Throws FAULT_REFUSED where something else runs one of them. */
export function deploymentsOf(pods: readonly Pod[], { cluster }: FaultContext): DeploymentPlace[] {
  const places = pods.map(({ namespace, name, owners }): DeploymentPlace => {
    const owner = owners.find((one) => one.startsWith('Deployment/'));
    if (owner !== undefined) return { namespace, name: owner.slice('Deployment/'.length) };
    const what = `cluster ${cluster.name}: gateway pod ${namespace}/${name} belongs to ${owners[0] ?? 'no controller'}, and only a Deployment can be scaled to zero`;
    const hint = 'zoneBlackhole with the selector of its pods cuts it off, whatever runs them.';
    throw new FaultlineError('FAULT_REFUSED', what, { hint });
  });
  return [...new Map(places.map((place) => [`${place.namespace}/${place.name}`, place])).values()];
}

/** Throws FAULT_REFUSED where a Deployment has gateway pods in other zones as well, which would go with it. */
export function refuseOtherZones(
  affected: readonly AffectedPod[],
  zone: string | undefined,
  { cluster }: FaultContext,
): void {
  const beside = affected.filter((pod) => zone !== undefined && pod.zone !== zone);
  if (beside.length === 0) return;
  const zones = [...new Set(beside.map((pod) => pod.zone || 'unknown'))].join(', ');
  const [{ namespace = '', workload = '' } = {}] = beside;
  const what = `cluster ${cluster.name}: Deployment ${namespace}/${workload} has gateway pods in zone ${zones}, too: at zero it is gone from more than ${zone}`;
  const hint =
    'Leave `zone` out if the gateway of the whole cluster is meant. One zone alone: zoneBlackhole with the selector of the gateway.';
  throw new FaultlineError('FAULT_REFUSED', what, { hint });
}
