import { messageOf } from '../model/errors.ts';
import type { FaultContext, FaultKind, FaultPlan, UndoOutcome } from '../model/fault.ts';
import type { Clock, Cluster } from '../model/ports.ts';
import { deleteClusterJournal, readClusterJournals } from './cluster-journal.ts';
import { findLeftovers, type Leftover } from './leftovers.ts';

/** What recovering one cluster came to. */
export type Recovery = {
  readonly cluster: string;
  readonly undone: readonly { readonly runId: string; readonly fault: string; readonly outcome: UndoOutcome }[];
  /** What still carries a mark afterwards; nothing of ours is left when this is empty. */
  readonly leftovers: readonly Leftover[];
};

export type RecoverPorts = {
  readonly clock: Clock;
  readonly faultKind: (kind: string) => FaultKind;
  /** Only this run; every run when absent. */
  readonly runId: string | undefined;
  readonly signal: AbortSignal;
};

/**
 * Undoes what is left in one cluster, from the plans in `known` (a local journal of this very cluster) and from those
 * that the runs have left in the cluster itself, whatever the cluster was called then. Safe to repeat, and while nothing is left it changes nothing.
 */
export async function recoverCluster(
  cluster: Cluster,
  namespaces: readonly string[],
  known: readonly FaultPlan[],
  ports: RecoverPorts,
): Promise<Recovery> {
  const wanted = (runId: string) => ports.runId === undefined || ports.runId === runId;
  const journals = (await readClusterJournals(cluster, namespaces)).filter((journal) => wanted(journal.runId));
  const plans = new Map<string, FaultPlan>();
  for (const plan of [...known, ...journals.flatMap((journal) => journal.plans)]) {
    if (wanted(plan.runId)) plans.set(`${plan.runId} ${plan.fault}`, plan);
  }
  const undone = [];
  for (const plan of [...plans.values()].reverse()) {
    undone.push({ runId: plan.runId, fault: plan.fault, outcome: await undo(plan, cluster, ports) });
  }
  for (const journal of journals) {
    const own = undone.filter((entry) => entry.runId === journal.runId);
    const clean = !journal.damaged && own.every((entry) => entry.outcome.state === 'undone');
    if (clean) await deleteClusterJournal(cluster, journal.runId, journal.namespace);
  }
  const leftovers = await findLeftovers(cluster, namespaces, ports.runId);
  return { cluster: cluster.name, undone, leftovers };
}

async function undo(plan: FaultPlan, cluster: Cluster, ports: RecoverPorts): Promise<UndoOutcome> {
  const start = ports.clock.now();
  const context: FaultContext = {
    runId: plan.runId,
    cluster,
    clock: ports.clock,
    now: () => ports.clock.now() - start,
    signal: ports.signal,
    onAffected: () => {},
  };
  try {
    return await ports.faultKind(plan.kind).undo(plan, context);
  } catch (error) {
    return { state: 'conflict', detail: messageOf(error), objects: plan.objects, commands: [] };
  }
}
