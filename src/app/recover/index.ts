import { basename } from 'node:path';
import { openCluster } from '../../kube/kubeconfig.ts';
import { FaultlineError } from '../../model/errors.ts';
import { unlessOwnTrouble } from '../../model/own-trouble.ts';
import { SCAN_COMMAND } from '../../model/recover-command.ts';
import { endingCluster } from '../../run/ending.ts';
import type { RecoverPorts } from '../../run/recover.ts';
import { systemClock } from '../../run/system-clock.ts';
import { firstBound, recoveryBound, untilOver } from '../../run/undo-bound.ts';
import { runIdIn } from '../../store/folder-tree.ts';
import { journalledRun } from '../../store/journal-file.ts';
import { listRunFolders, type RunFolder } from '../../store/run-folder.ts';
import { holderOf } from '../drill/holder.ts';
import { nextRunId } from '../drill/new-run-id.ts';
import { faultKind } from '../outside/fault-kind.ts';
import { checkKept, openTarget } from '../targets/index.ts';
import { oneForEach } from './clients.ts';
import { recoverClusters } from './clusters.ts';
import { recoverFolders } from './folders.ts';
import { type Known, knownIn } from './known.ts';
import { recoverLoad, recoverNoted } from './load.ts';
import { attempt, joinRecovered, NOTHING, type Recovered, unlessHeld } from './recovered.ts';

/** What shall be recovered, and where it is looked for. */
type RecoverRequest = {
  /** One run; every run when absent. */
  readonly runId: string | undefined;
  /** A folder with run folders, whose journals say what is open; absent where none is to be read. */
  readonly out: string | undefined;
  /** What `--target` names, whose clusters are asked; absent where only folders are to be read. */
  readonly target: string | undefined;
};

type AllPorts = RecoverPorts & Pick<Parameters<typeof recoverFolders>[1], 'firstOver' | 'isElsewhere'>;

/**
 * Undoes what runs that have died have left: first what their folders say is open, then what the clusters of a target
 * show by themselves. Their load ends last, and not at all where one of the clusters is held: the load of a run that lives is
 * its own, too. It takes ten minutes at the most, and 90 s from `signal` on; where there is a target, its clusters have the
 * last three of these minutes, and 30 of these seconds, in any case. Rejects with USAGE when there is nothing to ask, and as `openTarget` does when only a target was asked for.
 */
export async function recover(
  request: RecoverRequest,
  ports: Pick<RecoverPorts, 'accept' | 'signal' | 'say'>,
): Promise<Recovered> {
  if (request.target !== undefined) checkKept(request.target);
  const holder = holderOf(`recover-${nextRunId()}`);
  const bound = recoveryBound(ports.signal, systemClock);
  const first = request.target === undefined ? bound : firstBound(ports.signal, systemClock);
  const release = () => {
    bound.release();
    first.release();
  };
  const overs = { over: bound.over, firstOver: first.over };
  const all = { ...ports, ...overs, runId: request.runId, recoverFrom: request, clock: systemClock, faultKind, holder };
  return recoverAll(request, all).finally(release);
}

async function recoverAll(request: RecoverRequest, all: AllPorts): Promise<Recovered> {
  const { out, target } = request;
  const folders = out === undefined ? [] : foldersIn(out, request);
  if (folders.length === 0) return target === undefined ? NOTHING : fromTarget(target, all);
  const elsewhere = target === undefined ? {} : { isElsewhere: (uid: string) => hasCluster(target, uid, all) };
  // What became of the folders is told, whatever is wrong with the target.
  const others = async () =>
    target === undefined ? [] : [await attempt(`target ${target}`, () => fromTarget(target, all, knownIn(folders)))];
  return joinRecovered(await fromFolders(folders, { ...all, ...elsewhere }, others));
}

/** None where there is no folder to read, and a target to ask instead. */
function foldersIn(out: string, { runId, target }: RecoverRequest): RunFolder[] {
  const folders = listRunFolders(out).filter((folder) => runId === undefined || mayBeOf(runId, folder));
  if (folders.length > 0 || target !== undefined) return folders;
  const what = runId === undefined ? 'no run' : `no run ${runId}`;
  throw new FaultlineError('USAGE', `there is ${what} in ${out}: nothing is known to be left, or to be undone`, {
    hint: `Name the folder with --out, or ask the clusters: ${SCAN_COMMAND}`,
  });
}

/** Whether a folder is of a run by its journal, or where that does not tell, by its name, which may tell of none. */
function mayBeOf(runId: string, { path, journal }: RunFolder): boolean {
  return (journalledRun(journal) ?? runIdIn(basename(path)) ?? runId) === runId;
}

async function fromFolders(
  folders: readonly RunFolder[],
  ports: AllPorts,
  others: () => Promise<readonly Recovered[]>,
): Promise<Recovered[]> {
  const { open, close } = oneForEach((where) => openCluster({ ...where, gateways: [] }, systemClock));
  const found = [await recoverFolders(folders, { ...ports, open }, others)];
  close();
  return unlessHeld(found, async () => {
    const loads: Recovered[] = [];
    const gone = found.flatMap((part) => part.gone);
    for (const folder of folders) {
      const endLoad = () => inTime(recoverNoted(folder, gone), ports);
      loads.push(await attempt(`${folder.path}: its load`, endLoad));
    }
    return loads;
  });
}

async function fromTarget(name: string, ports: RecoverPorts, journals: readonly Known[] = []): Promise<Recovered> {
  const { target, clusters, close } = await openTarget(name, undefined);
  try {
    const found = await recoverClusters(target, clusters.values(), ports, journals);
    const load = () => inTime(recoverLoad(target.loadCluster, ports.runId), ports);
    return joinRecovered(await unlessHeld(found, async () => [await attempt('the load cluster', load)]));
  } finally {
    await close();
  }
}

/**
 * Whether a target has a cluster of this UID that answers; what is wrong with it is told where it is recovered. Rejects where none has, and
 * this machine could not ask all of them.
 */
async function hasCluster(name: string, uid: string, { firstOver }: AllPorts): Promise<boolean> {
  const target = await openTarget(name, undefined).catch(unlessOwnTrouble);
  const asked = [...(target?.clusters.values() ?? [])].map(({ cluster }) =>
    endingCluster(cluster, firstOver).identity(),
  );
  const heard = await Promise.allSettled(asked);
  await target?.close();
  if (heard.some((one) => one.status === 'fulfilled' && one.value.uid === uid)) return true;
  for (const one of heard) if (one.status === 'rejected') unlessOwnTrouble(one.reason);
  return false;
}

/** What `work` comes to, if it does in the time of the recovery. */
function inTime<T>(work: Promise<T>, { over, clock }: RecoverPorts): Promise<T> {
  const giveUp = (): never => {
    throw new FaultlineError('TARGET_UNREACHABLE', String(over.reason));
  };
  return untilOver(work, giveUp, over, clock);
}
