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
export function meetsSwapped({ scenario }: LintSystem, call: Call): boolean {
  const swaps = (scenario?.faults ?? []).filter(({ kind }) => kind === 'imageSwap');
  const isHit = (pod: LivePod) =>
    swaps.some(
      ({ spec }) =>
        spec.cluster === pod.cluster && spec.namespace === pod.namespace && spec.deployment === pod.workload,
    );
  return call.endpoints.some(isHit) && call.caller.pods.some((pod) => (ladderOf(call, pod)[0] ?? []).some(isHit));
}
