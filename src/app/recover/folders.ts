import { FAULT_KINDS, narrowToPlan } from '../../faults/index.ts';
import { FaultlineError, messageOf } from '../../model/errors.ts';
import type { FaultKind, FaultPlan } from '../../model/fault.ts';
import type { JournalCluster } from '../../model/journal.ts';
import type { Cluster } from '../../model/ports.ts';
import { LOCK_NAMESPACE } from '../../model/target.ts';
import { BY_ITS_RUN } from '../../run/elsewhere.ts';
import { endingCluster } from '../../run/ending.ts';
import { findLeftovers } from '../../run/leftovers.ts';
import { isClean, type RecoverPorts, type RecoverResult, recoverCluster } from '../../run/recover.ts';
import { onceIdentified } from '../../run/served.ts';
import { sortPlans } from '../../run/sound-plans.ts';
import { type JournalledCluster, journalledClusters } from '../../store/journal-clusters.ts';
import { openJournal, readJournal } from '../../store/journal-file.ts';
import type { RunFolder } from '../../store/run-folder.ts';
import { attempt, joinRecovered, NOTHING, type Recovered } from './recovered.ts';

type FolderPorts = Omit<RecoverPorts, 'runId'> & {
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
 * those runs is left there after all: when `others` have been recovered, which may be the same clusters.
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
  const inEach = await Promise.all(places.map((same) => recoverOneByOne(same, ports)));
  parts.push(...inEach.flat(), ...(await others()));
  const lasting = known.filter(({ released, where }) => released && !where.ephemeral);
  for (const same of Map.groupBy(lasting, ({ where }) => placeOf(where)).values()) {
    parts.push(await searchReleased(same, ports));
  }
  return joinRecovered(parts);
}

/** Clusters do not wait for each other; the runs of one do, since each of them takes its lease. */
async function recoverOneByOne(same: readonly Known[], ports: FolderPorts): Promise<Recovered[]> {
  const parts: Recovered[] = [];
  for (const cluster of same)
    parts.push(await attempt(`cluster ${cluster.where.name}`, () => recoverOpen(cluster, ports)));
  return parts;
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
  if (cluster === undefined) return NOTHING;
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
  return { ...NOTHING, recoveries: [recovery], unwritten: close(folder, recovery, ports) };
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

/** Throws TARGET_MISMATCH for another cluster at its place. */
async function reach(where: JournalCluster, { open, over }: FolderPorts): Promise<Cluster> {
  const cluster = open(where);
  const { uid } = await endingCluster(cluster, over).identity();
  if (uid === where.uid) return cluster;
  throw new FaultlineError('TARGET_MISMATCH', `kube-system UID is ${uid}, the journal says ${where.uid}`);
}

/** One search for all runs whose journals name the same cluster and namespaces. */
async function searchReleased(same: readonly Known[], ports: FolderPorts): Promise<Recovered> {
  const [first] = same;
  if (first === undefined) return NOTHING;
  const { name, namespaces } = first.where;
  const runs = new Set(same.map(({ runId }) => runId));
  try {
    const kinds = kindsOf(
      same.flatMap((run) => run.begun),
      ports,
    );
    const cluster = endingCluster(await reach(first.where, ports), ports.over);
    const marked = await findLeftovers(cluster, placesIn(first.where), undefined, kinds);
    const leftovers = marked.filter(({ runId }) => runs.has(runId));
    return { ...NOTHING, recoveries: [{ cluster: name, undone: [], searched: namespaces, leftovers, problems: [] }] };
  } catch (error) {
    return { ...NOTHING, notAsked: [`cluster ${name}: ${messageOf(error)}`] };
  }
}
