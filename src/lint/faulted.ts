import type { FaultMove } from '../model/fault-move.ts';
import type { KubeObject } from '../model/kubernetes.ts';
import type { LivePod } from '../predict/live-system.ts';
import { nearestOf } from './ladder.ts';
import type { Call, LintSystem } from './system.ts';

type Rollout = Extract<FaultMove, { kind: 'rollout' }>;

/** A workload whose pods a fault of the scenario replaces. */
type Replaced = { readonly fault: string; readonly move: Rollout; readonly object: KubeObject };

/** The workloads whose pods the scenario replaces by ones that do not serve, as far as they were found. */
export function replaced({ scenario, beside }: LintSystem): Replaced[] {
  return rolloutsOf(scenario).flatMap(({ fault, move }) => {
    const { cluster, namespace, workload } = move;
    const own = beside.find((one) => one.cluster === cluster);
    const object = [...(own?.deployments ?? []), ...(own?.others ?? [])].find(
      ({ kind, metadata }) =>
        kind === workload.kind && metadata.namespace === namespace && metadata.name === workload.name,
    );
    return object === undefined ? [] : { fault, move, object };
  });
}

function rolloutsOf(scenario: LintSystem['scenario']): { fault: string; move: Rollout }[] {
  return (scenario?.faults ?? []).flatMap(({ name, move }) => (move.kind === 'rollout' ? [{ fault: name, move }] : []));
}

/** Whether some caller's nearest hosts are among those that the scenario replaces. */
export function meetsReplaced(system: LintSystem, call: Call): boolean {
  return call.endpoints.some(isReplaced(system)) && nearest(call).some((hosts) => hosts.some(isReplaced(system)));
}

/** Whether all nearest hosts of some caller are among those: a retry of its then meets one of them again. */
export function hasOnlyReplaced(system: LintSystem, call: Call): boolean {
  return nearest(call).some((hosts) => hosts.length > 0 && hosts.every(isReplaced(system)));
}

function isReplaced({ scenario }: LintSystem): (pod: LivePod) => boolean {
  const rollouts = rolloutsOf(scenario);
  return (pod) =>
    rollouts.some(
      ({ move: { cluster, namespace, workload } }) =>
        cluster === pod.cluster && namespace === pod.namespace && workload.name === pod.workload,
    );
}

/** The hosts that each calling pod calls first. */
function nearest(call: Call): (readonly LivePod[])[] {
  return call.caller.pods.map((pod) => nearestOf(call, pod));
}
