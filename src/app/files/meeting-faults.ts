import type { FaultKind } from '../../model/fault.ts';
import { routeText } from '../../model/host-route.ts';
import type { FaultSpec, Scenario } from '../../model/scenario.ts';
import { resolveHost } from '../../model/service-host.ts';

/** A fault that would change what an earlier one changes, where the scenario alone tells; a plan looks at all objects. */
type Meeting = { readonly message: string; readonly path: readonly (string | number)[] };

/**
 * Every fault of a scenario that names the workload of an earlier one, which has room for the mark of one fault, or that routes
 * a host which an earlier one routes for the same callers: of two such routes one does nothing.
 */
export function meetingFaults({ faults }: Scenario, kinds: readonly FaultKind[]): Meeting[] {
  const known = new Map<string, string>();
  return faults.flatMap((fault, index) => {
    const changed = changedBy(fault, kinds);
    if (changed === undefined) return [];
    const earlier = known.get(changed);
    if (earlier === undefined) {
      known.set(changed, fault.name);
      return [];
    }
    const message = `fault ${fault.name} would change ${changed}, as fault ${earlier} does: give each its own, or make two scenarios of them`;
    return [{ message, path: ['spec', 'faults', index, fault.kind] }];
  });
}

function changedBy({ kind, spec }: FaultSpec, kinds: readonly FaultKind[]): string | undefined {
  const move = kinds.find((one) => one.kind === kind)?.move(spec);
  if (move?.kind === 'caller-fault') {
    const { cluster, namespace, host } = move;
    return `${routeText({ host: resolveHost(host, namespace), namespace })} (cluster ${cluster})`;
  }
  if (move?.kind !== 'rollout' && move?.kind !== 'scale') return undefined;
  const { cluster, namespace, workload } = move;
  return `${workload.kind} ${namespace}/${workload.name} (cluster ${cluster})`;
}
