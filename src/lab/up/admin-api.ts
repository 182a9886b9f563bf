import { openCluster } from '../../kube/kubeconfig.ts';
import type { Clock, Cluster } from '../../model/ports.ts';
import type { LabCluster } from '../topology.ts';
import { accessOf } from './access.ts';

/** A cluster of the lab in a folder, with all rights. */
export function adminApi({ name, region }: LabCluster, { folder, clock }: { folder: string; clock: Clock }): Cluster {
  const { kubeconfig } = accessOf(folder);
  return openCluster({ name, region, kubeconfig, context: name, gateways: [] }, clock);
}
