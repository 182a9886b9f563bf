import type { FaultKind } from '../model/fault.ts';
import type { FaultSpec, Scenario } from '../model/scenario.ts';

/** A fault that would change what an earlier one changes, where the scenario alone tells; a plan looks at all objects. */
type Meeting = { readonly message: string; readonly path: readonly (string | number)[] };

/** Every fault of a scenario that names the workload of an earlier one: a workload has room for the mark of one fault. */
export function meetingFaults({ faults }: Scenario, kinds: readonly FaultKind[]): Meeting[] {
  const known = new Map<string, string>();
  return faults.flatMap((fault, index) => {
    const workload = workloadOf(fault, kinds);
    if (workload === undefined) return [];
    const earlier = known.get(workload);
    if (earlier === undefined) {
      known.set(workload, fault.name);
      return [];
    }
    const message = `fault ${fault.name} would change ${workload}, as fault ${earlier} does: give each its own, or make two scenarios of them`;
    return [{ message, path: ['spec', 'faults', index, fault.kind] }];
  });
}

function workloadOf({ kind, spec }: FaultSpec, kinds: readonly FaultKind[]): string | undefined {
  const move = kinds.find((one) => one.kind === kind)?.move?.(spec);
  if (move?.kind !== 'rollout' && move?.kind !== 'scale') return undefined;
  const { cluster, namespace, workload } = move;
  return `${workload.kind} ${namespace}/${workload.name} (cluster ${cluster})`;
}
