import { FAULT_KINDS, narrowToPlan } from '../../faults/index.ts';
import { FaultlineError, messageOf } from '../../model/errors.ts';
import type { FaultKind, FaultPlan } from '../../model/fault.ts';
import type { JournalCluster } from '../../model/journal.ts';
import type { Cluster } from '../../model/ports.ts';
import { SCAN_COMMAND } from '../../model/recover-command.ts';
import { LOCK_NAMESPACE } from '../../model/target.ts';
import { BY_ITS_RUN } from '../../run/elsewhere.ts';
import { endingCluster } from '../../run/ending.ts';
import { identifiedCluster } from '../../run/identified-cluster.ts';
import { findLeftovers, type Leftover } from '../../run/leftovers.ts';
import { livesIn } from '../../run/lives.ts';
import { isClean, type RecoverPorts, type RecoverResult, recoverCluster } from '../../run/recover.ts';
import { onceIdentified } from '../../run/served.ts';
import { sortPlans } from '../../run/sound-plans.ts';
import { type JournalledCluster, journalledClusters } from '../../store/journal-clusters.ts';
import { openJournal, readJournal } from '../../store/journal-file.ts';
import type { RunFolder } from '../../store/run-folder.ts';
import { attempt, joinRecovered, NOTHING, type Recovered } from './recovered.ts';

type FolderPorts = RecoverPorts & {
  /** Opens a cluster where a journal has left it. */
  readonly open: (where: JournalCluster) => Cluster;
  readonly say: (text: string) => void;
  /** Aborted, as `over` is, when it is time for the others: what journals say is open keeps no other cluster waiting for ever. */
  readonly firstOver: AbortSignal;
};

type Known = JournalledCluster & {
  readonly folder: RunFolder;
  /** Where the other clusters are whose proxies its istiod serves. */
  readonly served: readonly JournalCluster[];
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
  const open = known.filter(({ released }) => !released);
  const places = [...Map.groupBy(open, ({ where }) => where.uid).values()];
  const tried = (await Promise.all(places.map((same) => recoverOneByOne(same, ports)))).flat();
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
async function recoverOneByOne(same: readonly Known[], ports: FolderPorts) {
  const tried: { readonly cluster: Known; readonly part: Recovered }[] = [];
  for (const cluster of same) {
    const part = await attempt(`cluster ${cluster.where.name}`, () => recoverOpen(cluster, ports));
    tried.push({ cluster, part });
  }
  return tried;
}

function clustersOf(folder: RunFolder): Known[] {
  const { entries, isTorn } = readJournal(folder.journal);
  const found = journalledClusters(entries, isTorn);
  const servedBy = (name: string) =>
    found.map(({ where }) => where).filter(({ configuredBy }) => configuredBy === name);
  return found.map((cluster) => ({ ...cluster, folder, served: servedBy(cluster.where.name) }));
}

/** Where to look in a cluster. */
const placesIn = ({ namespaces, lockNamespace = LOCK_NAMESPACE }: JournalCluster) => ({ namespaces, lockNamespace });

const placeOf = ({ uid, kubeconfig, context, namespaces, lockNamespace }: JournalCluster): string =>
  JSON.stringify([uid, kubeconfig, context, namespaces, lockNamespace]);

async function recoverOpen(known: Known, ports: FolderPorts): Promise<Recovered> {
  const { folder, runId, where, open, begun, created } = known;
  const first = { ...ports, over: ports.firstOver };
  const cluster = await reachOpen(where, first);
  if (cluster === undefined) return { ...NOTHING, ended: [runId] };
  const served = known.served.map((other) => {
    const identify = async () => endingCluster(await reach(other, ports), ports.over);
    return onceIdentified(other.name, identify);
  });
  const scope = { ...placesIn(where), kinds: kindsOf(begun, ports), served };
  const recovery = await recoverCluster(cluster, scope, open, {
    ...first,
    runId,
    created,
    isClosed: (plan) => isClosed(plan, known),
  });
  return { ...NOTHING, recoveries: [recovery], unwritten: close(folder, recovery, ports), runs: [runId] };
}

/** What cannot be read any more closes nothing. */
function isClosed({ fault }: FaultPlan, { folder, where }: Known): boolean {
  try {
    const now = clustersOf(folder).find((one) => one.where.name === where.name);
    return now?.open.every((plan: Partial<FaultPlan> | null) => plan?.fault !== fault) ?? false;
  } catch {
    return false;
  }
}

/** Closes in a journal what is undone. Returns why where that is not possible: it is undone all the same. */
function close(folder: RunFolder, recovery: RecoverResult, { clock }: FolderPorts): string[] {
  try {
    const journal = openJournal(folder.journal);
    const wall = clock.wall().toISOString();
    for (const { fault, outcome } of recovery.undone) {
      if (outcome.state !== 'failed' && outcome !== BY_ITS_RUN)
        journal.append({ state: 'closed', fault, outcome, wall });
    }
    if (isClean(recovery)) journal.append({ state: 'released', cluster: recovery.cluster, wall });
    journal.close();
    return [];
  } catch (error) {
    return [messageOf(error)];
  }
}

/**
 * The kinds of these faults, as far as each could mark anything: what its run needed no permission for is not searched. All kinds where
 * a plan is damaged, of which nobody knows what it has marked.
 */
function kindsOf(plans: readonly FaultPlan[], { faultKind }: FolderPorts): readonly FaultKind[] {
  const { sound, damaged } = sortPlans(plans, faultKind);
  return damaged.length > 0 ? FAULT_KINDS : sound.map((plan) => narrowToPlan(faultKind(plan.kind), plan));
}

/** Undefined when the cluster lived only for its run. */
async function reachOpen(where: JournalCluster, ports: FolderPorts): Promise<Cluster | undefined> {
  try {
    return await reach(where, ports);
  } catch (error) {
    if (!where.ephemeral) throw error;
    ports.say(`cluster ${where.name} was a sandbox for that run only; it has ended, and its faults with it`);
    return undefined;
  }
}

/** Throws TARGET_MISMATCH for another cluster at its place, as each request of it does later. */
async function reach(where: JournalCluster, { open, over, clock }: FolderPorts): Promise<Cluster> {
  const cluster = open(where);
  const { uid } = await endingCluster(cluster, over).identity();
  if (uid === where.uid) return identifiedCluster(cluster, uid, clock);
  throw new FaultlineError('TARGET_MISMATCH', `kube-system UID is ${uid}, the journal says ${where.uid}`);
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
    const kinds = kindsOf(
      same.flatMap((run) => run.begun),
      ports,
    );
    const cluster = endingCluster(await reach(first.where, ports), ports.over);
    const marked = await findLeftovers(cluster, placesIn(first.where), undefined, kinds);
    const leftovers = marked.filter(({ runId }) => runs.has(runId));
    const recovery = { cluster: name, undone: [], searched: namespaces, leftovers, problems: [] };
    const strange = ports.runId === undefined ? marked.filter(({ runId }) => !told.has(runId)) : [];
    const others = await othersIn(cluster, placesIn(first.where).lockNamespace, strange, ports);
    return { ...found, recoveries: runs.size === 0 ? [] : [recovery], others };
  } catch (error) {
    return runs.size === 0 ? NOTHING : { ...found, notAsked: [`cluster ${name}: ${messageOf(error)}`] };
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
