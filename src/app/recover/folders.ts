import { FAULT_KINDS, narrowToPlan } from '../../faults/index.ts';
import { isApiAnswer } from '../../kube/api-error.ts';
import { FaultlineError, messageOf } from '../../model/errors.ts';
import type { FaultKind, FaultPlan } from '../../model/fault.ts';
import type { JournalCluster } from '../../model/journal.ts';
import { isOwnTrouble, unlessOwnTrouble } from '../../model/own-trouble.ts';
import type { Cluster } from '../../model/ports.ts';
import { SCAN_COMMAND } from '../../model/recover-command.ts';
import { LOCK_NAMESPACE } from '../../model/target.ts';
import { searchCarried } from '../../run/carried.ts';
import { endingClock, endingCluster } from '../../run/ending.ts';
import { goneCluster } from '../../run/gone-cluster.ts';
import { identifiedCluster } from '../../run/identified-cluster.ts';
import { findLeftovers, type Leftover, onceEach } from '../../run/leftovers.ts';
import { livesIn } from '../../run/lives.ts';
import { type RecoverPorts, recoverCluster } from '../../run/recover.ts';
import { onceIdentified } from '../../run/served.ts';
import { sortPlans } from '../../run/sound-plans.ts';
import type { RunFolder } from '../../store/run-folder.ts';
import { closeIn, clustersOf, isClosed, isJournalled, type Known } from './known.ts';
import { attempt, joinRecovered, NOTHING, type Recovered, toldAt } from './recovered.ts';
import { isCalledGone, recoverUnreached } from './unreached.ts';

type FolderPorts = RecoverPorts & {
  /** Opens a cluster where a journal has left it. */
  readonly open: (where: JournalCluster) => Cluster;
  readonly say: (text: string) => void;
  /** Aborted, as `over` is, when it is time for the others: what journals say is open keeps no other cluster waiting for ever. */
  readonly firstOver: AbortSignal;
  /** Whether a cluster of this UID answers among those of a target that is asked as well; absent where none is. */
  readonly isElsewhere?: (uid: string) => Promise<boolean>;
};

/**
 * Undoes what the journals of run folders say is open, and asks every other cluster that they name whether anything of
 * those runs is left there after all: when `others` have been recovered, which may be the same clusters. Where every run is asked for,
 * what another one shows in these clusters is told as well.
 */
export async function recoverFolders(
  folders: readonly RunFolder[],
  ports: FolderPorts,
  others: () => Promise<readonly Recovered[]> = async () => [],
): Promise<Recovered> {
  const known: Known[] = [];
  const parts: Recovered[] = [];
  for (const folder of folders) {
    const read = async () => {
      known.push(...clustersOf(folder));
      return NOTHING;
    };
    parts.push(await attempt(folder.path, read));
  }
  known.sort((a, b) => (a.runId < b.runId ? -1 : a.runId > b.runId ? 1 : 0));
  tellCopies(known, ports);
  const open = known.filter(({ released }) => !released);
  const places = [...Map.groupBy(open, ({ where }) => where.uid).values()];
  const tried = (await Promise.all(places.map((same) => recoverOneByOne(same, known, ports)))).flat();
  parts.push(...tried.map(({ part }) => part), ...(await others()));
  const isOver = ({ released, where }: Known) => released && where.ephemeral;
  const lasting = known.filter((one) => one.released && !isOver(one));
  const reached = tried.filter(({ part }) => part.runs.length > 0).map(({ cluster }) => cluster);
  const told = new Set(known.map(({ runId }) => runId));
  for (const same of Map.groupBy([...lasting, ...reached], ({ where }) => placeOf(where)).values()) {
    parts.push(await searchAfterwards(same, told, ports));
  }
  const all = joinRecovered([...parts, { ...NOTHING, ended: known.filter(isOver).map(({ runId }) => runId) }]);
  return { ...all, ended: all.ended.filter((runId) => !all.runs.includes(runId)) };
}

/** Clusters do not wait for each other; the runs of one do, since each of them takes its lease. */
async function recoverOneByOne(same: readonly Known[], all: readonly Known[], ports: FolderPorts) {
  const tried: { readonly cluster: Known; readonly part: Recovered }[] = [];
  for (const cluster of same) {
    const part = await attempt(`cluster ${cluster.where.name}`, () => recoverOpen(cluster, all, ports));
    tried.push({ cluster, part });
  }
  return tried;
}

/** Where to look in a cluster. */
const placesIn = ({ namespaces, lockNamespace = LOCK_NAMESPACE }: JournalCluster) => ({ namespaces, lockNamespace });

const placeOf = ({ uid, kubeconfig, context, namespaces, lockNamespace }: JournalCluster): string =>
  JSON.stringify([uid, kubeconfig, context, namespaces, lockNamespace]);

/** A run may have been copied or renamed: each of its folders is read, and closed. */
function tellCopies(known: readonly Known[], { say }: FolderPorts): void {
  for (const [runId, those] of Map.groupBy(known, (one) => one.runId)) {
    const paths = [...new Set(those.map(({ folder }) => folder.path))];
    if (paths.length > 1)
      say(`run ${runId} has ${paths.length} run folders, each of which is read: ${paths.join(', ')}`);
  }
}

async function recoverOpen(known: Known, all: readonly Known[], ports: FolderPorts): Promise<Recovered> {
  const { runId, where, open, created } = known;
  const first = { ...ports, over: ports.firstOver };
  const reached = await tryReach(where, first);
  if ('error' in reached) {
    const isElsewhere = async (uid: string) =>
      (await answersAtAny(uid, all, first)) || ((await ports.isElsewhere?.(uid)) ?? false);
    return recoverUnreached(known, reached.error, { ...first, runId, all, isElsewhere });
  }
  const served = known.served.map((other) => onceIdentified(other.name, () => identify(other, ports)));
  const scope = { ...placesIn(where), ...searchedKinds([known], ports), served };
  const recovery = await recoverCluster(reached.cluster, scope, open, {
    ...first,
    runId,
    created,
    isClosed: (plan) => isClosed(plan, known),
    isJournalled: (plan) => isJournalled(plan, where.uid, all),
  });
  return { ...NOTHING, recoveries: [recovery], unwritten: closeIn(known, recovery, ports.clock), runs: [runId] };
}

/**
 * The kinds of these faults, as far as each could mark anything: what its run needed no permission for is not searched. All kinds where
 * a plan is damaged, of which nobody knows what it has marked.
 */
function kindsOf(plans: readonly FaultPlan[], { faultKind }: FolderPorts): readonly FaultKind[] {
  const { sound, damaged } = sortPlans(plans, faultKind);
  return damaged.length > 0 ? FAULT_KINDS : sound.map((plan) => narrowToPlan(faultKind(plan.kind), plan));
}

/** Kinds of the faults that these runs had in this cluster, and of those that they had in others. */
function searchedKinds(runs: readonly Known[], ports: FolderPorts) {
  const kinds = kindsOf(
    runs.flatMap(({ begun }) => begun),
    ports,
  );
  const carried = kindsOf(
    runs.flatMap(({ elsewhere }) => elsewhere),
    ports,
  );
  return { kinds, carried };
}

async function tryReach(where: JournalCluster, ports: FolderPorts): Promise<{ cluster: Cluster } | { error: unknown }> {
  try {
    return { cluster: await reach(where, ports) };
  } catch (error) {
    return { error };
  }
}

/** A cluster that another one's istiod serves; of one that is gone, as a person says, no proxy is left. */
async function identify(where: JournalCluster, ports: FolderPorts): Promise<Cluster> {
  const reached = await tryReach(where, ports);
  if ('cluster' in reached) return endingCluster(reached.cluster, ports.over);
  if (isCalledGone(where, ports) && !isApiAnswer(reached.error) && !isOwnTrouble(reached.error))
    return goneCluster(where);
  throw reached.error;
}

/** Whether a cluster of this UID answers where a journal has it. Rejects where none does, and this machine could not ask at all of them. */
async function answersAtAny(uid: string, all: readonly Known[], ports: FolderPorts): Promise<boolean> {
  const same = all.filter(({ where }) => where.uid === uid);
  const places = [...new Map(same.map(({ where }) => [placeOf(where), where])).values()];
  const tried = await Promise.all(places.map((where) => tryReach(where, ports)));
  if (tried.some((reached) => 'cluster' in reached)) return true;
  for (const reached of tried) if ('error' in reached) unlessOwnTrouble(reached.error);
  return false;
}

/** Throws TARGET_MISMATCH for another cluster at its place, as each request of it does later. */
async function reach(where: JournalCluster, { open, over, clock }: FolderPorts): Promise<Cluster> {
  const cluster = open(where);
  const { uid } = await endingCluster(cluster, over).identity();
  if (uid === where.uid) return identifiedCluster(cluster, uid, clock);
  const what = `another cluster is at its place: kube-system UID is ${uid}, the journal says ${where.uid}`;
  throw new FaultlineError('TARGET_MISMATCH', what);
}

/**
 * One search for all runs whose journals name the same cluster and namespaces: what those have left whose end was seen, and what runs
 * have that no folder tells of.
 */
async function searchAfterwards(
  same: readonly Known[],
  told: ReadonlySet<string>,
  ports: FolderPorts,
): Promise<Recovered> {
  const [first] = same;
  if (first === undefined) return NOTHING;
  const { name, namespaces } = first.where;
  const runs = new Set(same.filter(({ released }) => released).map(({ runId }) => runId));
  const found = { ...NOTHING, runs: [...runs] };
  try {
    const { kinds, carried } = searchedKinds(same, ports);
    const places = placesIn(first.where);
    const cluster = endingCluster(await reach(first.where, ports), ports.over);
    const own = await findLeftovers(cluster, places, undefined, kinds);
    const beside = await searchCarried(
      cluster,
      { ...places, kinds, carried },
      undefined,
      endingClock(ports.clock, ports.over),
    );
    const marked = onceEach([...own, ...beside.leftovers]);
    const leftovers = marked.filter(({ runId }) => runs.has(runId));
    const unread = beside.unread === undefined ? {} : { unread: beside.unread };
    const recovery = { cluster: name, undone: [], searched: namespaces, leftovers, problems: [], ...unread };
    const strange = ports.runId === undefined ? marked.filter(({ runId }) => !told.has(runId)) : [];
    const others = await othersIn(cluster, places.lockNamespace, strange, ports);
    return { ...found, recoveries: runs.size === 0 ? [] : [recovery], others };
  } catch (error) {
    return runs.size === 0 ? NOTHING : { ...found, notAsked: [toldAt(`cluster ${name}`, messageOf(error))] };
  }
}

/** What other runs have left in a cluster; what is on of one that lives is its own, and only said. */
async function othersIn(
  cluster: Cluster,
  lockNamespace: string,
  marked: readonly Leftover[],
  ports: FolderPorts,
): Promise<Recovered['others']> {
  const left: Recovered['others'][number][] = [];
  for (const [runId, those] of Map.groupBy(marked, (one) => one.runId)) {
    const objects = those.map(({ ref }) => ref);
    if (await livesIn(cluster, lockNamespace, runId, ports).catch(() => false)) {
      ports.say(
        `cluster ${cluster.name}: run ${runId} is at work there, and undoes what is its own: ${objects.join(', ')}`,
      );
    } else left.push({ cluster: cluster.name, runId, objects, command: SCAN_COMMAND });
  }
  return left;
}
