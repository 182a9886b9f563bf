import type { KubeObject } from '../model/kubernetes.ts';
import type { FaultSpec } from '../model/scenario.ts';
import type { LivePod } from '../predict/live-system.ts';
import { ladderOf } from './ladder.ts';
import type { Call, LintSystem } from './system.ts';

/** A Deployment that a fault of the scenario changes. */
type Faulted = { readonly fault: FaultSpec; readonly cluster: string; readonly deployment: KubeObject };

/** The Deployments whose image the scenario swaps, as far as they were found. */
export function swapped({ scenario, beside }: LintSystem): Faulted[] {
  return (scenario?.faults ?? []).flatMap((fault) => {
    const { cluster, namespace, deployment: name } = fault.spec;
    const own = beside.find((one) => one.cluster === cluster);
    const deployment = own?.deployments.find(
      ({ metadata }) => metadata.namespace === namespace && metadata.name === name,
    );
    if (fault.kind !== 'imageSwap' || deployment === undefined) return [];
    return { fault, cluster: String(cluster), deployment };
  });
}

/** Whether some caller's nearest hosts are among those whose image the scenario swaps. */
export function meetsSwapped(system: LintSystem, call: Call): boolean {
  return call.endpoints.some(isSwapped(system)) && nearest(call).some((hosts) => hosts.some(isSwapped(system)));
}

/** Whether all nearest hosts of some caller are among those: a retry of its then meets one of them again. */
export function hasOnlySwapped(system: LintSystem, call: Call): boolean {
  return nearest(call).some((hosts) => hosts.length > 0 && hosts.every(isSwapped(system)));
}

function isSwapped({ scenario }: LintSystem): (pod: LivePod) => boolean {
  const swaps = (scenario?.faults ?? []).filter(({ kind }) => kind === 'imageSwap');
  return (pod) =>
    swaps.some(
      ({ spec }) =>
        spec.cluster === pod.cluster && spec.namespace === pod.namespace && spec.deployment === pod.workload,
    );
}

/** The hosts that each calling pod calls first. */
function nearest(call: Call): (readonly LivePod[])[] {
  return call.caller.pods.map((pod) => ladderOf(call, pod)[0] ?? []);
}
