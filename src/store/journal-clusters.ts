import type { FaultPlan } from '../model/fault.ts';
import type { JournalCluster, JournalEntry } from '../model/journal.ts';

type Intent = Extract<JournalEntry, { state: 'intent' }>;

/** The faults that a journal has opened and not closed as undone, in the order of their injection. */
export function openFaults(entries: readonly JournalEntry[]): Intent[] {
  const undone = undoneFaults(entries);
  const intents = entries.filter((entry) => entry.state === 'intent' && !undone.has(entry.plan.fault)) as Intent[];
  return [...new Map(intents.map((intent) => [intent.plan.fault, intent])).values()];
}

/** A cluster of a run, which it has touched, or was about to, or might have. */
export type JournalledCluster = {
  readonly runId: string;
  readonly where: JournalCluster;
  /** Faults that are not known to be undone, in the order of their injection. */
  readonly open: readonly FaultPlan[];
  /** Every fault that may have been begun there, in that order. */
  readonly begun: readonly FaultPlan[];
  /** The run has seen that nothing was left there to undo. */
  readonly released: boolean;
};

/**
 * Every cluster that a journal names, in the order of their first mention. Where its end is torn off, nothing is
 * released, and every fault that was planned counts as begun.
 */
export function journalledClusters(entries: readonly JournalEntry[], isTorn: boolean): JournalledCluster[] {
  const found = named(entries);
  const begun = begunPlans(entries, isTorn);
  const undone = undoneFaults(entries);
  return [...found.values()].map(({ released, ...cluster }) => {
    const own = begun.filter((plan) => plan.cluster === cluster.where.name);
    const open = own.filter(({ fault }) => !undone.has(fault));
    return { ...cluster, open, begun: own, released: released && open.length === 0 && !isTorn };
  });
}

function named(entries: readonly JournalEntry[]) {
  const found = new Map<string, Pick<JournalledCluster, 'runId' | 'where' | 'released'>>();
  const add = (runId: string, where: JournalCluster) => found.set(where.name, { runId, where, released: false });
  for (const entry of entries) {
    if (entry.state === 'opened') for (const cluster of entry.clusters) add(entry.runId, cluster);
    else if (entry.state === 'announced' || entry.state === 'intent') add(entry.runId, entry.cluster);
    else if (entry.state === 'released') {
      const known = found.get(entry.cluster);
      if (known !== undefined) found.set(entry.cluster, { ...known, released: true });
    }
  }
  return found;
}

function begunPlans(entries: readonly JournalEntry[], isTorn: boolean): FaultPlan[] {
  const plans = entries.flatMap((entry) => {
    if (entry.state === 'opened') return isTorn ? entry.plans : [];
    return entry.state === 'intent' ? [entry.plan] : [];
  });
  return [...new Map(plans.map((plan) => [plan.fault, plan])).values()];
}

/** A later injection of the same name opens a fault again. */
function undoneFaults(entries: readonly JournalEntry[]): Set<string> {
  const undone = new Set<string>();
  for (const entry of entries) {
    if (entry.state === 'intent') undone.delete(entry.plan.fault);
    else if (entry.state === 'closed' && entry.outcome.state === 'undone') undone.add(entry.fault);
  }
  return undone;
}
