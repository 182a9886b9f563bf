import { suspectedWrites } from '../faults/fence.ts';
import { messageOf } from '../model/errors.ts';
import type { FaultContext, FaultKind, FaultPlan, UndoOutcome } from '../model/fault.ts';
import type { Clock, Cluster } from '../model/ports.ts';
import { type Accepted, acceptConflicts } from './accept.ts';
import { deleteClusterJournal, readClusterJournal } from './cluster-journal.ts';
import { findLeftovers, type Leftover } from './leftovers.ts';
import { findMarkedPlans } from './marked-plans.ts';
import { undoFault } from './undo.ts';
import { undoTogether } from './undo-order.ts';

/** What recovering one cluster came to. */
export type RecoverResult = {
  readonly cluster: string;
  readonly undone: readonly { readonly runId: string; readonly fault: string; readonly outcome: UndoOutcome }[];
  /** What still carries a mark afterwards. */
  readonly leftovers: readonly Leftover[];
  /** What could not be asked or done, in words. */
  readonly problems: readonly string[];
};

/** Nothing of ours is left in that cluster, and it was asked. */
export function isClean({ undone, leftovers, problems }: RecoverResult): boolean {
  return problems.length === 0 && leftovers.length === 0 && undone.every((entry) => entry.outcome.state === 'undone');
}

export type RecoverPorts = {
  readonly clock: Clock;
  readonly faultKind: (kind: string) => FaultKind;
  /** Only this run; every run when absent. */
  readonly runId: string | undefined;
  /** Conflicts that are to be closed as they stand. */
  readonly accept?: Accepted;
  readonly signal: AbortSignal;
};

/** Where a cluster is searched afterwards, and for the marks of which kinds of fault. */
type SearchScope = { readonly namespaces: readonly string[]; readonly kinds: readonly FaultKind[] };

/**
 * Undoes what is left in one cluster, from the plans in `known` (a local journal of this very cluster, in the order of
 * injection), from those that a run has left in the cluster itself, whatever the cluster was called then, and from what
 * stands on the objects that faults have marked, where no journal tells of them. Safe to
 * repeat, and while nothing is left it changes nothing. Rejects when the cluster cannot be asked for the plans.
 */
export async function recoverCluster(
  cluster: Cluster,
  scope: SearchScope,
  known: readonly FaultPlan[],
  ports: RecoverPorts,
): Promise<RecoverResult> {
  const wanted = (runId: string) => ports.runId === undefined || ports.runId === runId;
  const found = await readClusterJournal(cluster);
  const journal = found !== undefined && wanted(found.runId) ? found : undefined;
  const plans = inOrder([...(journal?.plans ?? []), ...known.filter(({ runId }) => wanted(runId))]);
  const undoThese = (some: readonly FaultPlan[]): Promise<RecoverResult['undone']> =>
    undoTogether(
      some,
      (plan) => plan,
      async (plan) => ({ runId: plan.runId, fault: plan.fault, outcome: await undo(plan, cluster, ports) }),
    );
  const journalled = await undoThese(plans);
  const problems: string[] = [];
  const orProblem = async <T>(what: string, otherwise: T, act: () => Promise<T>): Promise<T> => {
    try {
      return await act();
    } catch (error) {
      problems.push(`cluster ${cluster.name}: ${what}: ${messageOf(error)}`);
      return otherwise;
    }
  };
  // Where this search fails, so does the one for leftovers below, or it finds what this one has missed.
  const marked = await findMarkedPlans(cluster, scope.namespaces, scope.kinds, ports.runId).catch(() => []);
  const isNew = ({ runId, fault }: FaultPlan) => !plans.some((one) => one.runId === runId && one.fault === fault);
  const undone = [...journalled, ...(await undoThese(marked.filter(isNew)))];
  if (
    journal?.damaged === false &&
    undone.every(({ runId, outcome }) => runId !== journal.runId || isUndone(outcome))
  ) {
    const { runId } = journal;
    await orProblem('the plans cannot be taken away', undefined, () =>
      deleteClusterJournal(cluster, runId, ports.clock),
    );
  }
  const search = () => findLeftovers(cluster, scope.namespaces, ports.runId, scope.kinds);
  const leftovers = await orProblem('nobody could look for leftovers', [], search);
  return { cluster: cluster.name, undone, leftovers, problems };
}

const isUndone = ({ state }: UndoOutcome): boolean => state === 'undone';

/** Each plan once: runs by their time, and the faults of a run in the order of their injection. */
function inOrder(plans: readonly FaultPlan[]): FaultPlan[] {
  const once = new Map(plans.map((plan) => [`${plan.runId} ${plan.fault}`, plan]));
  return [...once.values()].sort((a, b) => (a.runId < b.runId ? -1 : a.runId > b.runId ? 1 : 0));
}

async function undo(plan: FaultPlan, cluster: Cluster, ports: RecoverPorts): Promise<UndoOutcome> {
  const { clock, faultKind, accept, signal } = ports;
  const start = clock.now();
  const context: FaultContext = {
    runId: plan.runId,
    cluster,
    clock,
    now: () => clock.now() - start,
    signal,
    onAffected: () => {},
  };
  // Nobody knows what the run has sent last, nor whether the server is done with it.
  const outcome = await undoFault(plan, faultKind, context, suspectedWrites(plan));
  if (accept === undefined) return outcome;
  return acceptConflicts(plan, outcome, accept, cluster).catch((error) => ({
    ...outcome,
    detail: `${outcome.detail}; its marks could not be taken off: ${messageOf(error)}`,
  }));
}
