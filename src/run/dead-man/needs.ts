import { narrowToPlan } from '../../faults/index.ts';
import type { FaultKind, FaultPlan, Permission } from '../../model/fault.ts';
import { KINDS } from '../../model/kubernetes.ts';
import type { DeadMan } from '../../model/target.ts';
import { leftoverPermissions } from '../leftovers.ts';
import { leasePermissions, plansRef } from '../lock-objects.ts';
import type { PlannedFault } from '../planned-run.ts';
import type { PlanInputs } from '../wiring.ts';

/** Whether nothing in its cluster ends a fault by itself: it marks what it changes, and has no expiry. */
export function staysOn({ plan, kind }: PlannedFault): boolean {
  return plan.expiresMs === undefined && kind.marks.length > 0;
}

/** Whether a dead-man in the cluster is to put it back: a fault that stays on, and is not undone on the runner's machine only. */
export function isForDeadMan(fault: PlannedFault): boolean {
  return staysOn(fault) && fault.kind.local === undefined;
}

/** The clusters that get a dead-man, by name. */
export function deadManClusters(faults: readonly PlannedFault[]): ReadonlySet<string> {
  return new Set(faults.filter(isForDeadMan).map(({ plan }) => plan.cluster));
}

/** The dead-man that a run arms; undefined where its target has none, or somebody has said that it goes without. */
export function deadManOf({ target, noDeadMan }: Pick<PlanInputs, 'target' | 'noDeadMan'>): DeadMan | undefined {
  return noDeadMan ? undefined : target.deadMan;
}

/**
 * What a run needs to arm the dead-man of a cluster with these faults, and to look whether it is still there: the rest of its life is that of the plans that own
 * it.
 */
export function armNeeds(inputs: PlanInputs, faults: readonly PlannedFault[]): Permission[] {
  if (deadManOf(inputs) === undefined || !faults.some(isForDeadMan)) return [];
  const { lockNamespace: namespace } = inputs.target;
  return [
    { ...KINDS.job, namespace, verb: 'create' },
    { ...KINDS.job, namespace, verb: 'get' },
    { ...KINDS.pod, namespace, verb: 'list' },
  ];
}

/**
 * What the dead-man of a cluster needs, and nothing more: the lease, the plans, and what the undo of these plans asks for
 * with the search for what they have marked.
 */
export function deadManPermissions(
  lockNamespace: string,
  plans: readonly FaultPlan[],
  faultKind: (kind: string) => FaultKind,
): Permission[] {
  const namespaces = [...new Set(plans.flatMap((plan) => plan.namespaces))];
  const kinds = plans.map((plan) => narrowToPlan(faultKind(plan.kind), plan));
  const all: Permission[] = [
    ...leasePermissions(lockNamespace),
    { ...plansRef(lockNamespace), verb: 'patch' },
    { ...plansRef(lockNamespace), verb: 'delete' },
    ...plans.flatMap(({ permissions }) => permissions.filter(({ undo }) => undo === true)),
    ...leftoverPermissions(namespaces, kinds),
  ];
  const keyOf = ({ verb, apiVersion, kind, subresource, namespace, name }: Permission) =>
    [verb, apiVersion, kind, subresource, namespace, name].join(' ');
  return [...new Map(all.map((one) => [keyOf(one), one])).values()];
}
