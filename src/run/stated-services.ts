import { FaultlineError } from '../model/errors.ts';
import { KINDS } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';
import type { PlanInputs } from './wiring.ts';

/**
 * Refuses a run whose scenario states a Service (`spec.services`) that no cluster has, or that lies where nothing is
 * observed: whatever is said of it would rest on nothing. A cluster that does not let itself be asked may have it. Throws
 * NAME_UNKNOWN.
 */
export async function checkStatedServices({ scenario, target, clusters }: PlanInputs): Promise<void> {
  for (const [called, service] of Object.entries(scenario.services ?? {})) {
    const [namespace = '', name = ''] = service.split('/');
    const what = `spec.services: ${called} is said to be the Service ${service}`;
    if (!target.observe.namespaces.includes(namespace)) {
      throw new FaultlineError('NAME_UNKNOWN', `${what}, and namespace ${namespace} is not observed`, {
        hint: `Observed: ${target.observe.namespaces.join(', ')}. Add it under spec.observe.namespaces of the targets file.`,
      });
    }
    const has = await Promise.all([...clusters.values()].map(({ cluster }) => mayHave(cluster, namespace, name)));
    if (has.includes(true)) continue;
    throw new FaultlineError('NAME_UNKNOWN', `${what}, and no cluster of target ${target.name} has it`, {
      hint: `kubectl -n ${namespace} get services`,
    });
  }
}

/** Whether a cluster has endpoints of the Service, ready or not: without any it is as good as not there. */
async function mayHave(cluster: Cluster, namespace: string, name: string): Promise<boolean> {
  const labelSelector = `kubernetes.io/service-name=${name}`;
  try {
    return (await cluster.list(KINDS.endpointSlice, { namespace, labelSelector })).length > 0;
  } catch {
    return true;
  }
}
