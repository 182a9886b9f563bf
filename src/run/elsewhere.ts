import { alteredCluster, around } from '../faults/altered-cluster.ts';
import { narrowToPlan } from '../faults/index.ts';
import type { FaultKind, FaultPlan, UndoOutcome } from '../model/fault.ts';
import type { Cluster } from '../model/ports.ts';
import { findLeftovers } from './leftovers.ts';
import { findMarkedPlans } from './marked-plans.ts';

/** A fault marks what it changes in the same write, and its plans stay in the cluster until all of the run is undone. */
export const ELSEWHERE: UndoOutcome = {
  state: 'undone',
  detail:
    'its plans have gone from the cluster, nothing there carries its mark, and nothing of it stands: it was recovered elsewhere, or somebody has put it back by hand',
  objects: [],
  commands: [],
};

/** Nothing is asked of the cluster for it: whoever has closed it, the run or another recovery, has seen it. */
export const MEANWHILE: UndoOutcome = {
  state: 'undone',
  detail: 'its run, or another recovery, has undone it while this recovery waited',
  objects: [],
  commands: [],
};

/**
 * The plans in a cluster cannot say that a fault is undone; the journal on this machine has heard it. What stands there since is not
 * touched.
 */
export const BY_ITS_JOURNAL: UndoOutcome = {
  state: 'undone',
  detail:
    'the journal of its run says that it was undone, though its plan was still in the cluster: nothing was written for it',
  objects: [],
  commands: [],
};

/**
 * Marks and plans may have been taken away with the fault still on: its undo, which tests every value, is asked first.
 * What it puts back or has to leave is told, as is a value of the fault of which nobody can tell whose it is by now; where it finds
 * nothing but what others have made since, it was recovered elsewhere.
 */
export async function unlessElsewhere(
  cluster: Cluster,
  undo: (cluster: Cluster) => Promise<UndoOutcome>,
): Promise<UndoOutcome> {
  let hasActed = false;
  const acting =
    <A extends unknown[], R>(act: (...args: A) => Promise<R>) =>
    (...args: A): Promise<R> => {
      hasActed = true;
      return act(...args);
    };
  const watched = alteredCluster(cluster, around(cluster, 'write', acting));
  const outcome = await undo(watched);
  const isLeft = outcome.stands === true || outcome.objects.some(({ state }) => state === 'left-behind');
  return hasActed || isLeft || outcome.state === 'failed' ? outcome : ELSEWHERE;
}

/**
 * Which of these plans, of local journals, another recovery seems to have undone: none of those that are in the cluster. Where nobody can look, none is.
 */
export async function undoneElsewhere(
  cluster: Cluster,
  scope: { readonly lockNamespace: string },
  plans: readonly FaultPlan[],
  isInCluster: (plan: FaultPlan) => boolean,
  faultKind: (kind: string) => FaultKind,
): Promise<(plan: FaultPlan) => boolean> {
  const open = plans.filter((plan) => !isInCluster(plan));
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
