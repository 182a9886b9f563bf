import { FaultlineError } from '../model/errors.ts';
import type { Topology } from '../model/target.ts';
import type { PlannedFault } from './plan.ts';
import type { PlanInputs } from './wiring.ts';

/** Never touched, whatever a targets file allows. */
const FORBIDDEN_NAMESPACES: ReadonlySet<string> = new Set(['kube-system', 'kube-public', 'kube-node-lease']);

/** Refuses a run that reaches further than its target allows. Throws FAULT_REFUSED. */
export function guard(inputs: PlanInputs, topology: Topology, faults: readonly PlannedFault[]): void {
  for (const { plan } of faults) {
    const namespaces = new Set(plan.objects.map((object) => object.namespace));
    for (const namespace of namespaces) guardNamespace(inputs, plan.fault, namespace);
  }
  const hit = new Set(faults.map((fault) => fault.plan.cluster));
  const whole = wholeZones(topology, faults);
  if (topology.clusters.length > 1 && hit.size === topology.clusters.length && whole) {
    throw new FaultlineError(
      'FAULT_REFUSED',
      'the faults cut off every zone of every cluster: nothing could take over',
      {
        hint: 'Leave at least one zone of one cluster alone.',
      },
    );
  }
}

function guardNamespace(inputs: PlanInputs, fault: string, namespace: string): void {
  if (FORBIDDEN_NAMESPACES.has(namespace)) {
    throw new FaultlineError('FAULT_REFUSED', `fault ${fault}: namespace ${namespace} is never touched`);
  }
  if (!inputs.target.namespaces.includes(namespace)) {
    throw new FaultlineError(
      'FAULT_REFUSED',
      `fault ${fault}: target ${inputs.target.name} does not allow namespace ${namespace}`,
      {
        hint: `Allowed: ${inputs.target.namespaces.join(', ')}. Add it under spec.namespaces of the targets file if it is meant.`,
      },
    );
  }
}

function wholeZones(topology: Topology, faults: readonly PlannedFault[]): boolean {
  const cut = new Set(
    faults
      .filter((fault) => fault.plan.kind === 'zoneBlackhole')
      .flatMap(({ plan }) => plan.affected.map((pod) => pod.zone)),
  );
  return topology.clusters.every((cluster) => cluster.zones.every((zone) => cut.has(zone)));
}
