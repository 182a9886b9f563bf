import type { FaultPlan } from '../model/fault.ts';
import type { JournalCluster, JournalEntry } from '../model/journal.ts';

type Intent = Extract<JournalEntry, { state: 'intent' }>;

/** The faults that a journal has opened and not closed as undone, in the order of their injection. */
export function openFaults(entries: readonly JournalEntry[]): Intent[] {
  const undone = undoneFaults(entries);
  const intents = entries.filter((entry) => entry.state === 'intent' && !undone.has(nameOf(entry.plan))) as Intent[];
  return [...new Map(intents.map((intent) => [nameOf(intent.plan), intent])).values()];
}

/** A cluster of a run, which it has touched, or was about to, or might have. */
export type JournalledCluster = {
  readonly runId: string;
  readonly where: JournalCluster;
  /** Faults that are not known to be undone, in the order of their injection; as they were read, whole or damaged. */
  readonly open: readonly FaultPlan[];
  /** Every fault that may have been begun there, in that order; as they were read. */
  readonly begun: readonly FaultPlan[];
  /** Every fault that may have been begun in another cluster of the run. */
  readonly elsewhere: readonly FaultPlan[];
  /** UIDs of what the run has created for its faults, as far as it came to write that down. */
  readonly created: ReadonlySet<string>;
  /** The run has seen that nothing was left there to undo. */
  readonly released: boolean;
};

/**
 * Every cluster that a journal names, in the order of their first mention. Where its end is torn off, nothing is
 * released, and every fault that was planned counts as begun.
 */
export function journalledClusters(entries: readonly JournalEntry[], isTorn: boolean): JournalledCluster[] {
  const found = named(entries);
  const begun = begunPlans(entries, isTorn, (name) => found.has(name));
  const undone = undoneFaults(entries);
  const created = new Set(entries.flatMap((entry) => (entry.state === 'applied' ? (entry.created ?? []) : [])));
  return [...found.values()].map(({ released, ...cluster }) => {
    const isHere = ({ at }: Begun) => at === undefined || at === cluster.where.name;
    const own = begun.filter(isHere).map(({ plan }) => plan);
    const elsewhere = begun.filter((one) => !isHere(one)).map(({ plan }) => plan);
    const open = own.filter((plan) => !undone.has(nameOf(plan)));
    return { ...cluster, open, begun: own, elsewhere, created, released: released && open.length === 0 && !isTorn };
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

type Begun = { readonly plan: FaultPlan; readonly at: string | undefined };

/** With the cluster of each; undefined where only a damaged plan could say which, as it may be any. */
function begunPlans(entries: readonly JournalEntry[], isTorn: boolean, isNamed: (name: string) => boolean): Begun[] {
  const begun = entries.flatMap((entry): readonly Begun[] => {
    if (entry.state === 'intent') return [{ plan: entry.plan, at: entry.cluster.name }];
    if (entry.state !== 'opened' || !isTorn) return [];
    const at = (plan: Partial<FaultPlan> | null) => (isNamed(plan?.cluster ?? '') ? plan?.cluster : undefined);
    return entry.plans.map((plan) => ({ plan, at: at(plan) }));
  });
  return [...new Map(begun.map((one) => [nameOf(one.plan), one])).values()];
}

/** The name of a fault, by what its plan says, which may be damaged. */
function nameOf(plan: Partial<FaultPlan> | null): string {
  return plan?.fault ?? '';
}

/** A later injection of the same name opens a fault again. */
function undoneFaults(entries: readonly JournalEntry[]): Set<string> {
  const undone = new Set<string>();
  for (const entry of entries) {
    if (entry.state === 'intent') undone.delete(nameOf(entry.plan));
    else if (entry.state === 'closed' && entry.outcome.state === 'undone') undone.add(entry.fault);
  }
  return undone;
}
