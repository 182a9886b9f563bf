import { messageOf } from '../../model/errors.ts';
import type { FaultPlan } from '../../model/fault.ts';
import type { JournalCluster } from '../../model/journal.ts';
import type { Clock } from '../../model/ports.ts';
import { BY_ITS_JOURNAL, MEANWHILE } from '../../run/elsewhere.ts';
import { isClean, type RecoverResult } from '../../run/recover.ts';
import { type JournalledCluster, journalledClusters } from '../../store/journal-clusters.ts';
import { openJournal, readJournal } from '../../store/journal-file.ts';
import type { RunFolder } from '../../store/run-folder.ts';

/** A cluster as the journal of one run folder knows it. */
export type Known = JournalledCluster & {
  readonly folder: RunFolder;
  /** Where the other clusters are whose proxies its istiod serves. */
  readonly served: readonly JournalCluster[];
  /** How many entries its journal has. */
  readonly entries: number;
};

/** The clusters that the journal of a folder names. Throws JOURNAL. */
export function clustersOf(folder: RunFolder): Known[] {
  const { entries, isTorn } = readJournal(folder.journal);
  const found = journalledClusters(entries, isTorn);
  const servedBy = (name: string) =>
    found.map(({ where }) => where).filter(({ configuredBy }) => configuredBy === name);
  return found.map((cluster) => ({
    ...cluster,
    folder,
    entries: entries.length,
    served: servedBy(cluster.where.name),
  }));
}

/** The clusters that the journals of these folders name; of one that cannot be read, which is told where it is recovered, none. */
export function knownIn(folders: readonly RunFolder[]): Known[] {
  return folders.flatMap((folder) => {
    try {
      return clustersOf(folder);
    } catch {
      return [];
    }
  });
}

/** Whether the journal says by now that a fault is undone. What cannot be read any more closes nothing. */
export function isClosed({ fault }: FaultPlan, { folder, where }: Known): boolean {
  try {
    const now = clustersOf(folder).find((one) => one.where.name === where.name);
    return now?.open.every((plan: Partial<FaultPlan> | null) => plan?.fault !== fault) ?? false;
  } catch {
    return false;
  }
}

/** Whether one of these journals says of a fault of its run in the cluster of this UID that it is undone. */
export function isJournalled(plan: FaultPlan, uid: string, all: readonly Known[]): boolean {
  return all.some((known) => {
    const isOfRun = known.runId === plan.runId && known.where.uid === uid;
    return (
      isOfRun &&
      known.begun.some((one: Partial<FaultPlan> | null) => one?.fault === plan.fault) &&
      isClosed(plan, known)
    );
  });
}

/**
 * Whether another folder of the same run, whose journal goes on further, says by now that a fault is undone: a copy that was made while it
 * was on tells nothing of that.
 */
export function isClosedInCopy(plan: FaultPlan, known: Known, all: readonly Known[]): boolean {
  const { folder, runId, where } = known;
  const others = all.filter((one) => one.folder !== folder && one.runId === runId && one.where.uid === where.uid);
  return others.some((other) => {
    const hasBegun = other.begun.some((begun: Partial<FaultPlan> | null) => begun?.fault === plan.fault);
    return hasBegun && isClosed(plan, other) && lengthOf(other) >= known.entries;
  });
}

function lengthOf({ folder }: Known): number {
  return readJournal(folder.journal).entries.length;
}

/**
 * Closes in a journal what is undone; of what was carried there from another cluster its fault is not closed in that one. Returns why
 * where that is not possible: it is undone all the same.
 */
export function closeIn({ folder, begun, elsewhere }: Known, recovery: RecoverResult, clock: Clock): string[] {
  const isIn = (plans: readonly FaultPlan[], fault: string) =>
    plans.some((plan: Partial<FaultPlan> | null) => plan?.fault === fault);
  const isCarried = (fault: string) => isIn(elsewhere, fault) && !isIn(begun, fault);
  try {
    const journal = openJournal(folder.journal);
    const wall = clock.wall().toISOString();
    for (const { fault, outcome } of recovery.undone) {
      if (outcome.state !== 'failed' && outcome !== MEANWHILE && outcome !== BY_ITS_JOURNAL && !isCarried(fault))
        journal.append({ state: 'closed', fault, outcome, wall });
    }
    if (isClean(recovery)) journal.append({ state: 'released', cluster: recovery.cluster, wall });
    journal.close();
    return [];
  } catch (error) {
    return [messageOf(error)];
  }
}
