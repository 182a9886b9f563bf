import { SERVICE_LABEL } from '../model/endpoint-slice.ts';
import { FaultlineError } from '../model/errors.ts';
import { inContext } from '../model/kubectl.ts';
import { KINDS } from '../model/kubernetes.ts';
import { selectorText } from '../model/labels.ts';
import type { Cluster } from '../model/ports.ts';
import { refsNamed, type ServiceRef } from '../model/service-ref.ts';
import type { PlanInputs } from './wiring.ts';

/** A Service that the scenario names by namespace and name, and where it does. */
type Stated = Pick<ServiceRef, 'cluster' | 'namespace' | 'name'> & { readonly what: string };

/**
 * Refuses a run whose scenario states a Service (`spec.services`, or a clause of `spec.expect`) that no cluster has, or that
 * lies where nothing is observed: whatever is said of it would rest on nothing. A cluster that does not let itself be asked
 * may have it. Throws NAME_UNKNOWN.
 */
export async function checkStatedServices({ scenario, target, clusters }: PlanInputs): Promise<void> {
  const { services = {}, expect } = scenario;
  const named = Object.entries(services).map(([called, service]): Stated => {
    const [namespace = '', name = ''] = service.split('/');
    return { namespace, name, what: `spec.services: ${called} is said to be the Service ${service}` };
  });
  const written = [...refsNamed(expect)].map(([text, ref]): Stated => {
    return { ...ref, what: `spec.expect: ${text} names the Service ${ref.namespace}/${ref.name}` };
  });
  for (const { cluster, namespace, name, what } of [...named, ...written]) {
    if (!target.observe.namespaces.includes(namespace)) {
      throw new FaultlineError('NAME_UNKNOWN', `${what}, and namespace ${namespace} is not observed`, {
        hint: `Observed: ${target.observe.namespaces.join(', ')}. Add it under spec.observe.namespaces of the targets file.`,
      });
    }
    const asked = [...clusters].filter(([one]) => cluster === undefined || one === cluster);
    const has = await Promise.all(asked.map(([, one]) => mayHave(one.cluster, namespace, name)));
    if (has.includes(true)) continue;
    const who = cluster === undefined ? `no cluster of target ${target.name} has it` : `${cluster} does not have it`;
    const looks = asked.map(([, one]) => inContext(`kubectl -n ${namespace} get services`, one.cluster));
    throw new FaultlineError('NAME_UNKNOWN', `${what}, and ${who}`, { hint: looks.join(' && ') });
  }
}

/** Whether a cluster has endpoints of the Service, ready or not: without any it is as good as not there. */
async function mayHave(cluster: Cluster, namespace: string, name: string): Promise<boolean> {
  const labelSelector = selectorText({ [SERVICE_LABEL]: name });
  try {
    return (await cluster.list(KINDS.endpointSlice, { namespace, labelSelector })).length > 0;
  } catch {
    return true;
  }
}
