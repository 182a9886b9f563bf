import { narrowToPlan } from '../faults/index.ts';
import { messageOf } from '../model/errors.ts';
import type { FaultContext, FaultKind, FaultPlan, UndoOutcome } from '../model/fault.ts';
import type { Clock, Cluster } from '../model/ports.ts';
import { LOCK_NAMESPACE } from '../model/target.ts';
import { deleteClusterJournal, readClusterJournal } from './cluster-journal.ts';
import { ClusterLease } from './cluster-lease.ts';
import { holderId } from './holder.ts';
import { readLease } from './lease-record.ts';
import { leasedCluster } from './leased-cluster.ts';
import { findLeftovers, type Leftover } from './leftovers.ts';
import { throwIfStopped } from './stop.ts';
import { undoFault } from './undo.ts';

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
  /** Who holds the cluster meanwhile, as a Lease names it; nobody else's. */
  readonly holder: string;
  readonly signal: AbortSignal;
  /** One line for people who wait. */
  readonly say: (text: string) => void;
};

/** Where a cluster is searched, for the marks of which kinds of fault, and where its lease and the plans in it are. */
type SearchScope = {
  readonly namespaces: readonly string[];
  readonly kinds: readonly FaultKind[];
  readonly lockNamespace?: string;
};

/**
 * Undoes what is left in one cluster, from the plans in `known` (a local journal of this very cluster, in the order of
 * injection) and from those that a run has left in the cluster itself, whatever the cluster was called then. Safe to
 * repeat, and while nothing is left it changes nothing. Rejects when the cluster cannot be asked for the plans, and with
 * LEASE_HELD while a run that lives holds it: its faults are its own to undo.
 */
export async function recoverCluster(
  cluster: Cluster,
  scope: SearchScope,
  known: readonly FaultPlan[],
  ports: RecoverPorts,
): Promise<RecoverResult> {
  const { clock, holder, signal, say } = ports;
  const { lockNamespace = LOCK_NAMESPACE } = scope;
  const found = await readClusterJournal(cluster, lockNamespace);
  const isOpen = known.length > 0 || (found !== undefined && isWanted(found.runId, ports));
  if (!isOpen && !(await isHeld(cluster, lockNamespace, ports))) return search(cluster, scope, ports);
  const lease = new ClusterLease(cluster, lockNamespace, holder, clock);
  try {
    await lease.take({ stop: signal, onWatch: say });
    throwIfStopped(signal);
    lease.keep(() => {});
    return await undoIn(
      leasedCluster(cluster, () => lease.refresh()),
      scope,
      known,
      ports,
    );
  } finally {
    // What cannot be given back expires by itself.
    await lease.release().catch(() => {});
  }
}

const isWanted = (id: string, { runId }: RecoverPorts): boolean => runId === undefined || runId === id;

/** Whoever holds it is at work, or has died: both are told apart before anybody says that nothing is left. */
async function isHeld(cluster: Cluster, lockNamespace: string, ports: RecoverPorts): Promise<boolean> {
  const { holder } = await readLease(cluster, lockNamespace);
  return holder !== undefined && isWanted(holderId(holder), ports);
}

type Trying = {
  readonly problems: string[];
  /** What `act` rejects with becomes a problem. */
  readonly orProblem: <T>(what: string, otherwise: T, act: () => Promise<T>) => Promise<T>;
};

function trying(cluster: Cluster): Trying {
  const problems: string[] = [];
  const orProblem = async <T>(what: string, otherwise: T, act: () => Promise<T>): Promise<T> => {
    try {
      return await act();
    } catch (error) {
      problems.push(`cluster ${cluster.name}: ${what}: ${messageOf(error)}`);
      return otherwise;
    }
  };
  return { problems, orProblem };
}

async function search(cluster: Cluster, scope: SearchScope, { runId }: RecoverPorts): Promise<RecoverResult> {
  const { problems, orProblem } = trying(cluster);
  const look = () => findLeftovers(cluster, scope, runId, scope.kinds);
  const leftovers = await orProblem('nobody could look for leftovers', [], look);
  return { cluster: cluster.name, undone: [], leftovers, problems };
}

/** With the lease in hand; the plans are read again, since the run before may have been recovered meanwhile. */
async function undoIn(
  cluster: Cluster,
  scope: SearchScope,
  known: readonly FaultPlan[],
  ports: RecoverPorts,
): Promise<RecoverResult> {
  const { lockNamespace = LOCK_NAMESPACE } = scope;
  const found = await readClusterJournal(cluster, lockNamespace);
  const journal = found !== undefined && isWanted(found.runId, ports) ? found : undefined;
  const plans = inOrder([...(journal?.plans ?? []), ...known.filter(({ runId }) => isWanted(runId, ports))]);
  const isMarked = await markedRuns(cluster, scope, plans, ports);
  const undone = [];
  for (const plan of plans.toReversed()) {
    const isGone = plan.runId !== journal?.runId && !isMarked(plan.runId);
    const outcome = isGone ? ELSEWHERE : await undo(plan, cluster, ports);
    undone.push({ runId: plan.runId, fault: plan.fault, outcome });
  }
  const { problems, orProblem } = trying(cluster);
  if (
    journal?.damaged === false &&
    undone.every(({ runId, outcome }) => runId !== journal.runId || isUndone(outcome))
  ) {
    const { runId } = journal;
    await orProblem('the plans cannot be taken away', undefined, () =>
      deleteClusterJournal(cluster, lockNamespace, runId, ports.clock),
    );
  }
  const namespaces = [...new Set([...scope.namespaces, ...plans.flatMap((plan) => plan.namespaces)])];
  const rest = await search(cluster, { ...scope, namespaces }, ports);
  return { ...rest, undone, problems: [...problems, ...rest.problems] };
}

/** A fault marks what it changes in the same write, and its plans stay in the cluster until all of the run is undone. */
const ELSEWHERE: UndoOutcome = {
  state: 'undone',
  detail: 'it was recovered elsewhere: its plans have gone from the cluster, and nothing there carries its mark',
  objects: [],
  commands: [],
};

/** Whether anything carries the mark of a run, for the runs of these plans; where nobody could look it may. */
async function markedRuns(
  cluster: Cluster,
  scope: SearchScope,
  plans: readonly FaultPlan[],
  { faultKind }: RecoverPorts,
): Promise<(runId: string) => boolean> {
  try {
    const kinds = plans.map((plan) => narrowToPlan(faultKind(plan.kind), plan));
    const namespaces = [...new Set(plans.flatMap((plan) => plan.namespaces))];
    const left = await findLeftovers(cluster, { ...scope, namespaces }, undefined, kinds);
    return (runId) => left.some((one) => one.runId === runId);
  } catch {
    return () => true;
  }
}

const isUndone = ({ state }: UndoOutcome): boolean => state === 'undone';

/** Each plan once: runs by their time, and the faults of a run in the order of their injection. */
function inOrder(plans: readonly FaultPlan[]): FaultPlan[] {
  const once = new Map(plans.map((plan) => [`${plan.runId} ${plan.fault}`, plan]));
  return [...once.values()].sort((a, b) => (a.runId < b.runId ? -1 : a.runId > b.runId ? 1 : 0));
}

function undo(plan: FaultPlan, cluster: Cluster, { clock, faultKind, signal }: RecoverPorts): Promise<UndoOutcome> {
  const start = clock.now();
  const context: FaultContext = {
    runId: plan.runId,
    cluster,
    clock,
    now: () => clock.now() - start,
    signal,
    onAffected: () => {},
  };
  return undoFault(plan, faultKind, context);
}
