import { suspectedWrites } from '../faults/fence.ts';
import { marksNamedIn } from '../faults/index.ts';
import type { LostWrite } from '../faults/lost-writes.ts';
import { sameJson } from '../faults/marks.ts';
import { FaultlineError, messageOf } from '../model/errors.ts';
import type { FaultContext, FaultKind, FaultPlan, ServedCluster, UndoOutcome } from '../model/fault.ts';
import type { Clock, Cluster } from '../model/ports.ts';
import { type RecoverFrom, recoverCommand } from '../model/recover-command.ts';
import { type Accepted, acceptConflicts } from './accept.ts';
import { type Beyond, searchBeyond, type Unread } from './beyond.ts';
import { toldByHand } from './by-hand.ts';
import { searchCarried } from './carried.ts';
import {
  type ClusterJournal,
  damagedText,
  deleteClusterJournal,
  dropPlans,
  keptPlansText,
  readClusterJournal,
} from './cluster-journal.ts';
import { outcomeOfCopy, planCopiedFrom } from './copies.ts';
import { BY_ITS_JOURNAL, MEANWHILE, undoneElsewhere, unlessElsewhere } from './elsewhere.ts';
import { endingClock, endingCluster } from './ending.ts';
import { type Teller, undoHearsay } from './hearsay.ts';
import { besidePlans, findLeftovers, type Leftover, onceEach } from './leftovers.ts';
import { findMarkedPlans, type ToldPlan } from './marked-plans.ts';
import { RecoverProgress } from './recover-progress.ts';
import { requestTrace } from './request-trace.ts';
import { shownOutcome } from './shown.ts';
import { damagedInCluster, damagedInJournal, sortPlans } from './sound-plans.ts';
import { undoFault } from './undo.ts';
import { orUnheard } from './undo-bound.ts';
import { undoTogether } from './undo-order.ts';
import { acceptUnread } from './unread-kinds.ts';
import { isHeldFor, withLease } from './with-lease.ts';

/** What recovering one cluster came to. */
export type RecoverResult = {
  readonly cluster: string;
  readonly undone: readonly { readonly runId: string; readonly fault: string; readonly outcome: UndoOutcome }[];
  /** Namespaces that were searched for marks. */
  readonly searched: readonly string[];
  /** What was searched beside these; absent where only they were to be. */
  readonly beyond?: Beyond;
  /** What only faults in other clusters have marked, and could not be looked for here; absent where it could, or was not to be. */
  readonly unread?: Unread;
  /** What still carries a mark afterwards. */
  readonly leftovers: readonly Leftover[];
  /** What could not be asked or done, in words. */
  readonly problems: readonly string[];
  /** Kinds of objects that could not be asked for, in words, and that a person has accepted so. */
  readonly unasked?: readonly string[];
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
  /** Whether a known fault is closed by now, in the journal that told of it or by what is in the cluster; asked with the lease in hand. */
  readonly isClosed?: (plan: FaultPlan, journal: ClusterJournal | undefined) => boolean;
  /** Whether a local journal says that a fault is undone of which the plans in this cluster still tell; asked with the lease in hand. */
  readonly isJournalled?: (plan: FaultPlan) => boolean;
  /** UIDs of what that journal says was created. */
  readonly created?: ReadonlySet<string>;
  /** Where the next recovery has to look, for those who are told how to go on. */
  readonly recoverFrom: RecoverFrom;
  /** Who holds the cluster meanwhile, as a Lease names it; nobody else's. */
  readonly holder: string;
  /** Ends the wait for a holder who may be dead, and leaves what is being undone less time to be seen. */
  readonly signal: AbortSignal;
  /** Aborted, with why in words, when the recovery has had its time: nothing is asked of a cluster after that. */
  readonly over: AbortSignal;
  /** One line for people who wait. */
  readonly say: (text: string) => void;
};

/** Where a cluster is searched, for the marks of which kinds of fault, and where its lease and the plans in it are. */
type SearchScope = {
  readonly namespaces: readonly string[];
  readonly kinds: readonly FaultKind[];
  /** Kinds that its run has had on in other clusters: their marks are looked for as well, as far as that is possible. */
  readonly carried?: readonly FaultKind[];
  readonly lockNamespace: string;
  /** Other clusters whose proxies its istiod serves: what a fault has told them is undone when they have let go of it, too. */
  readonly served?: readonly ServedCluster[];
  /** All other namespaces are searched as well: what carries a mark there is named, and not touched. */
  readonly isWide?: boolean;
};

/**
 * Undoes what is left in one cluster, from the plans in `known` (a local journal of this very cluster, in the order of
 * injection), from those that a run has left in the cluster itself, whatever the cluster was called then, and from what
 * stands on the objects that faults have marked, where no journal tells of them. Safe to
 * repeat, and while nothing is left it changes nothing. Rejects when the cluster cannot be asked for the plans, and with
 * LEASE_HELD while a run that lives holds it: its faults are its own to undo. What is not undone at `over` is told as failed.
 */
export async function recoverCluster(
  cluster: Cluster,
  scope: SearchScope,
  known: readonly FaultPlan[],
  ports: RecoverPorts,
): Promise<RecoverResult> {
  const accepting = acceptUnread(cluster, ports.accept, ports.clock);
  const recovery = await recoverAsked(accepting.cluster, scope, known, ports);
  const unasked = accepting.unasked();
  if (unasked.length === 0) return recovery;
  const blind = ({ objects }: UndoOutcome) => [...new Set(objects.map(({ kind }) => kind))].filter(accepting.isUnasked);
  const undone = recovery.undone.map((one) => {
    const kinds = blind(one.outcome);
    if (kinds.length === 0) return one;
    const detail = `${one.outcome.detail}; not looked at, as was accepted: ${kinds.join(', ')}`;
    return { ...one, outcome: { ...one.outcome, detail } };
  });
  return { ...recovery, undone, unasked };
}

async function recoverAsked(
  cluster: Cluster,
  scope: SearchScope,
  known: readonly FaultPlan[],
  ports: RecoverPorts,
): Promise<RecoverResult> {
  const progress = new RecoverProgress(cluster.name, ports);
  const asked = progress.follow(endingCluster(cluster, ports.over));
  const withEnd = { ...ports, clock: endingClock(ports.clock, ports.over) };
  try {
    const recovery = await recoverListed(asked, scope, known, withEnd, (openRun, work) => {
      progress.at('waiting for its lease');
      const undoing = (leased: Cluster) => {
        progress.at('undoing');
        return work(progress.follow(leased));
      };
      return withLease(cluster, scope.lockNamespace, { ...ports, openRun }, undoing);
    });
    if (scope.isWide !== true) return recovery;
    progress.at('looking through all other namespaces');
    const beyond = await searchBeyond(asked, { ...scope, namespaces: recovery.searched }, ports.runId);
    const all = { ...recovery, leftovers: [...recovery.leftovers, ...beyond.leftovers] };
    if (!ports.over.aborted) return { ...all, beyond };
    const unasked = `cluster ${cluster.name}: nobody could look through all other namespaces: ${ports.over.reason}`;
    return { ...all, problems: [...recovery.problems, unasked] };
  } finally {
    progress.end();
  }
}

type Leasing = (
  openRun: string | undefined,
  work: (leased: Cluster) => Promise<RecoverResult>,
) => Promise<RecoverResult>;

async function recoverListed(
  cluster: Cluster,
  scope: SearchScope,
  known: readonly FaultPlan[],
  ports: RecoverPorts,
  leasing: Leasing,
): Promise<RecoverResult> {
  const { lockNamespace } = scope;
  const { journal, plans, damaged } = await look(cluster, scope, known, ports);
  const isKnown = journal !== undefined || plans.length + damaged.length > 0;
  const isOpen = isKnown || (await findMarked(cluster, scope, ports)).length > 0;
  if (!isOpen && !(await isHeldFor(cluster, lockNamespace, ports.runId))) return search(cluster, scope, ports);
  return leasing(journal?.runId, (leased) => undoIn(leased, scope, known, ports));
}

/** What plans tell that there is to undo. */
async function look(cluster: Cluster, scope: SearchScope, known: readonly FaultPlan[], ports: RecoverPorts) {
  const { runId, faultKind } = ports;
  const isWanted = (id: string) => runId === undefined || runId === id;
  const { lockNamespace } = scope;
  const found = await readClusterJournal(cluster, lockNamespace, runId);
  const journal = found !== undefined && isWanted(found.runId) ? found : undefined;
  const there = sortPlans(journal?.plans ?? [], faultKind);
  const here = sortPlans(known, faultKind);
  const plans = inOrder([...there.sound, ...here.sound.filter((plan) => isWanted(plan.runId))]);
  const damaged = [
    ...there.damaged.map((plan) => damagedInCluster(plan, cluster, lockNamespace)),
    ...here.damaged.map(damagedInJournal),
  ];
  return { journal, plans, damaged, isWhole: journal?.damaged === false && there.damaged.length === 0 };
}

/** What only objects tell of. Where the search for marks fails, so does the one for leftovers, or it finds what this one has missed. */
function findMarked(cluster: Cluster, { namespaces, kinds, carried = [] }: SearchScope, { runId }: RecoverPorts) {
  return findMarkedPlans(cluster, namespaces, [...kinds, ...carried], runId).catch(() => []);
}

/** With the lease in hand; all is looked for again, since the run may have been recovered meanwhile. */
async function undoIn(
  cluster: Cluster,
  scope: SearchScope,
  known: readonly FaultPlan[],
  ports: RecoverPorts,
): Promise<RecoverResult> {
  const { lockNamespace } = scope;
  const { journal, plans, damaged, isWhole } = await look(cluster, scope, known, ports);
  // A copy that is damaged may have lost any of them.
  const isInCluster = (plan: FaultPlan) =>
    plan.runId === journal?.runId && (!isWhole || journal.plans.some((one) => isOf(one, plan)));
  const isGone = await undoneElsewhere(cluster, scope, plans, isInCluster, ports.faultKind);
  const closed = new Map(
    plans.flatMap((plan): [FaultPlan, UndoOutcome][] => {
      if (known.includes(plan)) return ports.isClosed?.(plan, journal) ? [[plan, MEANWHILE]] : [];
      return ports.isJournalled?.(plan) ? [[plan, BY_ITS_JOURNAL]] : [];
    }),
  );
  const refused = new Set<FaultPlan>();
  const undoOne = async (plan: FaultPlan, teller: Teller): Promise<UndoOutcome> => {
    const over = closed.get(plan);
    if (over !== undefined) return over;
    const { served = [] } = scope;
    const created = known.includes(plan) && ports.created !== undefined ? { created: ports.created } : {};
    const told = { served, ...created, ...(isInCluster(plan) ? {} : ({ plansGone: true } as const)) };
    if (isGone(plan)) return unlessElsewhere(cluster, (seen) => undoPlan(plan, seen, [], ports, told));
    if (known.includes(plan)) return undoPlan(plan, cluster, suspectedWrites(plan), ports, told);
    const trust = (seen: Cluster) => undoPlan(plan, seen, suspectedWrites(plan), ports, { served });
    const kind = () => ports.faultKind(plan.kind);
    const onRefused = () => refused.add(plan);
    const { accept } = ports;
    const recover = recoverCommand(ports.recoverFrom, plan.runId);
    const hearsay = { plan, teller, namespaces: scope.namespaces, kind, onRefused, accept, recover, lockNamespace };
    return undoHearsay(cluster, hearsay, trust);
  };
  const undoThese = (some: readonly ToldPlan[], teller: Teller): Promise<RecoverResult['undone']> =>
    undoTogether(
      some,
      (plan) => plan,
      async (plan) => {
        const became = await undoOne(plan, teller).catch((error) => unreadable(plan, error, ports));
        const isOurs = known.includes(plan) || became.state === 'undone';
        const from = plan.copyOf ?? (isOurs ? undefined : await planCopiedFrom(cluster, plan));
        const outcome = from === undefined ? became : outcomeOfCopy(cluster, from, became);
        const shown = shownOutcome(plan, outcome, recoverCommand(ports.recoverFrom, plan.runId));
        return { runId: plan.runId, fault: plan.fault, outcome: shown };
      },
    );
  const planned = await undoThese(plans, 'plans');
  // A plan that has come to its end, or was not believed, or says something else, hides no other one that an object tells of its fault.
  const left = plans.filter((plan) => !refused.has(plan) && !planned.some((one) => isOf(one, plan) && isOver(one)));
  const isNew = (told: FaultPlan) => !left.some((plan) => isOf(plan, told) && saysNoMore(told, plan));
  // Later, so that a search that nobody answers keeps no known fault on.
  const told = (await findMarked(cluster, scope, ports)).filter(isNew);
  const undone = [...planned, ...(await undoThese(told, 'object'))];
  const problems: string[] = [];
  if (journal?.damaged) problems.push(damagedText(cluster, journal));
  const isDone = undone.every((one) => one.runId !== journal?.runId || isOver(one));
  if (journal !== undefined && isWhole && isDone && (await saysAll(journal, cluster, scope))) {
    await deleteClusterJournal(cluster, lockNamespace, journal.runId, ports.clock).catch((error) => {
      problems.push(keptPlansText(cluster, lockNamespace, journal.runId, error));
    });
  } else if (journal !== undefined) {
    const isUndone = (plan: FaultPlan) => undone.filter((one) => isOf(one, plan)).every(isOver);
    const isClosed = (plan: FaultPlan) => plans.some((one) => isOf(one, plan)) && isUndone(plan);
    // Where it is not possible, the next recovery asks their undo once more.
    await dropPlans(cluster, lockNamespace, journal.runId, isClosed).catch(() => {});
  }
  const namespaces = [...new Set([...scope.namespaces, ...plans.flatMap((plan) => plan.namespaces)])];
  const rest = await search(cluster, { ...scope, namespaces, kinds: withNamed(scope.kinds, plans, ports) }, ports);
  const isOutside = ({ kind }: FaultPlan) => scope.kinds.some((one) => one.kind === kind && one.local !== undefined);
  const leftovers = undone.every(isOver)
    ? rest.leftovers
    : besidePlans(rest.leftovers, scope, [...plans, ...told].filter(isOutside));
  return { ...rest, leftovers, undone: [...undone, ...damaged], problems: [...problems, ...rest.problems] };
}

/**
 * Whether nothing but what these plans tell of can be on. Where somebody has emptied them, they are still the sign that there was a run, until
 * marks of all these kinds were looked for and none is left.
 */
async function saysAll({ plans, runId }: ClusterJournal, cluster: Cluster, scope: SearchScope): Promise<boolean> {
  if (plans.length > 0) return true;
  try {
    return besidePlans(await findLeftovers(cluster, scope, runId, scope.kinds), scope, []).length === 0;
  } catch {
    return false;
  }
}

/** These kinds, and what the plans have created of kinds of objects that only they name. */
function withNamed(
  kinds: readonly FaultKind[],
  plans: readonly FaultPlan[],
  { faultKind }: RecoverPorts,
): readonly FaultKind[] {
  const known = plans.filter((plan) => kinds.some(({ kind }) => kind === plan.kind));
  return [
    ...kinds,
    ...known.flatMap((plan) => {
      const kind = faultKind(plan.kind);
      const marks = marksNamedIn(kind, plan);
      return marks.length === 0 ? [] : [{ ...kind, marks }];
    }),
  ];
}

async function search(cluster: Cluster, scope: SearchScope, { runId, clock }: RecoverPorts): Promise<RecoverResult> {
  const { carried = [] } = scope;
  const { leftovers, unread } = await searchCarried(cluster, { ...scope, carried }, runId, clock);
  const found = { cluster: cluster.name, undone: [], searched: scope.namespaces, leftovers, problems: [] };
  const nothing = { ...found, ...(unread === undefined ? {} : { unread }) };
  try {
    const own = await findLeftovers(cluster, scope, runId, scope.kinds);
    return { ...nothing, leftovers: onceEach([...own, ...leftovers]) };
  } catch (error) {
    const isAnswer = error instanceof FaultlineError && error.code === 'KUBE_API';
    const way = isAnswer
      ? ' (where that is its last word of a kind, delete its CRD, or --accept-current --only <kind>)'
      : '';
    const what = `cluster ${cluster.name}: nobody could look for leftovers: ${messageOf(error)}${way}`;
    return { ...nothing, problems: [what] };
  }
}

type Undone = RecoverResult['undone'][number];

const isOver = ({ outcome }: Undone): boolean => outcome.state === 'undone';

const isOf = (one: Pick<FaultPlan, 'runId' | 'fault'>, { runId, fault }: FaultPlan): boolean =>
  one.runId === runId && one.fault === fault;

/** What is read off an object that no annotation is on names no objects. */
const saysNoMore = (told: FaultPlan, plan: FaultPlan): boolean =>
  told.objects.length === 0 || sameJson(told.data, plan.data);

/** One plan that nobody can make sense of keeps no other fault on. */
function unreadable({ runId }: FaultPlan, error: unknown, { recoverFrom }: RecoverPorts): UndoOutcome {
  const detail = `its plan cannot be undone as it stands: ${messageOf(error)}`;
  return { state: 'failed', detail, objects: [], commands: [recoverCommand(recoverFrom, runId)] };
}

/** Each plan once: runs by their time, and the faults of a run in the order of their injection. */
function inOrder(plans: readonly FaultPlan[]): FaultPlan[] {
  const once = new Map(plans.map((plan) => [`${plan.runId} ${plan.fault}`, plan]));
  return [...once.values()].sort((a, b) => (a.runId < b.runId ? -1 : a.runId > b.runId ? 1 : 0));
}

/** Undoes one plan. `lost`: what nobody knows of, of what the run has sent last, nor whether the server is done with it. */
export async function undoPlan(
  plan: FaultPlan,
  cluster: Cluster,
  lost: readonly LostWrite[],
  ports: RecoverPorts,
  known: Pick<FaultContext, 'plansGone' | 'served' | 'created' | 'clusterGone'>,
): Promise<UndoOutcome> {
  const { clock, faultKind, accept, signal, over, recoverFrom } = ports;
  const start = clock.now();
  const trace = requestTrace();
  const context: FaultContext = {
    runId: plan.runId,
    cluster: trace.follow(cluster),
    clock,
    now: () => clock.now() - start,
    signal,
    onAffected: () => {},
    ...known,
  };
  const recover = recoverCommand(recoverFrom, plan.runId);
  const undone = undoFault(plan, faultKind, context, lost, recover, trace.failed);
  const heard = await orUnheard(plan, undone, { over, trace, recover });
  const outcome = await toldByHand(plan, heard, faultKind, context);
  if (accept === undefined || outcome.state !== 'conflict') return outcome;
  return acceptConflicts(plan, outcome, accept, { cluster, marks: faultKind(plan.kind).marks }).catch((error) => ({
    ...outcome,
    detail: `${outcome.detail}; its marks could not be taken off: ${messageOf(error)}`,
  }));
}
