import { openCluster } from '../../kube/kubeconfig.ts';
import type { EnginePorts } from '../../model/engine.ts';
import { KINDS, LOAD_LABEL } from '../../model/kubernetes.ts';
import type { PodCluster } from '../../model/ports.ts';
import type { LoadCluster } from '../../model/target.ts';
import { systemClock } from '../../run/system-clock.ts';

/** Opens the cluster that load is sent from. Throws FaultlineError where its kubeconfig or context is not there. */
function openLoadCluster(where: LoadCluster): PodCluster {
  return openCluster({ ...where, name: `load (${where.context})`, region: '', gateways: [] }, systemClock);
}

/** What load engines reach outside through. */
export const ENGINE_PORTS: EnginePorts = { openCluster: openLoadCluster };

/** Ends load that a run has left there, of one run or of all; resolves with what it deleted. */
export async function endLoad(where: LoadCluster, runId: string | undefined): Promise<string[]> {
  const cluster = openLoadCluster(where);
  const { namespace } = where;
  const labelSelector = runId === undefined ? LOAD_LABEL : `${LOAD_LABEL}=${runId}`;
  const deleted: string[] = [];
  for (const kind of [KINDS.testRun, KINDS.configMap]) {
    for (const { metadata } of await cluster.list(kind, { namespace, labelSelector })) {
      await cluster.delete({ ...kind, namespace, name: metadata.name ?? '' });
      deleted.push(`${kind.kind} ${namespace}/${metadata.name}`);
    }
  }
  return deleted;
}
