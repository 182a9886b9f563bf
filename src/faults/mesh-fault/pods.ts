import type { FaultContext } from '../../model/fault.ts';
import { KINDS } from '../../model/kubernetes.ts';
import { isAlive, type Pod, readPod, selectorText, zonesOfNodes } from '../../workload/pods.ts';
import { hasSidecar } from '../../workload/sidecars.ts';
import type { MeshFaultData } from './filter.ts';

/** A pod that the filter is for. */
type HitPod = Pod & { readonly sidecar: boolean };

/** The pods that the filter is for now, with and without a sidecar. */
export async function hitPods({ namespace, selector }: MeshFaultData, { cluster }: FaultContext): Promise<HitPod[]> {
  const zones = await zonesOfNodes(cluster);
  const pods = await cluster.list(KINDS.pod, { namespace, labelSelector: selectorText(selector) });
  return pods.map((pod) => ({ ...readPod(pod, zones), sidecar: hasSidecar(pod) })).filter(isAlive);
}

/** Those of them whose proxies can be asked: ready ones, which callers may call. */
export async function askedPods(data: MeshFaultData, context: FaultContext): Promise<Pod[]> {
  return (await hitPods(data, context)).filter(({ ready, sidecar }) => ready && sidecar);
}
