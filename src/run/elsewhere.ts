import { narrowToPlan } from '../faults/index.ts';
import type { FaultKind, FaultPlan, UndoOutcome } from '../model/fault.ts';
import type { Cluster } from '../model/ports.ts';
import { findLeftovers } from './leftovers.ts';
import { findMarkedPlans } from './marked-plans.ts';

/** A fault marks what it changes in the same write, and its plans stay in the cluster until all of the run is undone. */
export const ELSEWHERE: UndoOutcome = {
  state: 'undone',
  detail: 'it was recovered elsewhere: its plans have gone from the cluster, and nothing there carries its mark',
  objects: [],
  commands: [],
};

/**
 * Which of these plans, of local journals, another recovery has undone: to undo them again could take away what somebody
 * has changed since. `inCluster` is the run whose plans are in the cluster. Where nobody can look, none is.
 */
export async function undoneElsewhere(
  cluster: Cluster,
  scope: { readonly lockNamespace?: string },
  plans: readonly FaultPlan[],
  inCluster: string | undefined,
  faultKind: (kind: string) => FaultKind,
): Promise<(plan: FaultPlan) => boolean> {
  const open = plans.filter(({ runId }) => runId !== inCluster);
  if (open.length === 0) return () => false;
  try {
    const kinds = open.map((plan) => narrowToPlan(faultKind(plan.kind), plan));
    const namespaces = [...new Set(open.flatMap((plan) => plan.namespaces))];
    const left = await findLeftovers(cluster, { ...scope, namespaces }, undefined, kinds);
    const marked = await findMarkedPlans(cluster, namespaces, kinds, undefined);
    const runs = new Set([...left, ...marked].map(({ runId }) => runId));
    return (plan) => open.includes(plan) && !runs.has(plan.runId);
  } catch {
    return () => false;
  }
}
