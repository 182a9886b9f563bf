import { NETWORK_LABEL } from '../model/kubernetes.ts';
import type { Whereabouts } from '../model/place.ts';
import type { LivePod } from '../predict/live-system.ts';

/** Where a pod is, as clauses speak of it; of which subsets it is, depends on who calls. */
export function whereabouts({ cluster, workload, locality, labels }: LivePod): Whereabouts {
  const { zone, region } = locality;
  return { zone, region, cluster, workload, network: labels[NETWORK_LABEL] };
}
