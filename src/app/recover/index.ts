import { basename } from 'node:path';
import { openCluster } from '../../kube/kubeconfig.ts';
import { FaultlineError } from '../../model/errors.ts';
import type { JournalCluster } from '../../model/journal.ts';
import { SCAN_COMMAND } from '../../model/recover-command.ts';
import type { RecoverPorts } from '../../run/recover.ts';
import { systemClock } from '../../run/system-clock.ts';
import { hasBegun, listRunFolders } from '../../store/run-folder.ts';
import { faultKind } from '../fault-kind.ts';
import { holderOf } from '../holder.ts';
import { nextRunId } from '../new-run-id.ts';
import { checkKept, openTarget } from '../targets/index.ts';
import { recoverClusters } from './clusters.ts';
import { recoverFolders } from './folders.ts';
import { recoverLoad, recoverNoted } from './load.ts';
import { attempt, joinRecovered, type Recovered, unlessHeld } from './recovered.ts';

/** What shall be recovered, and where it is looked for. */
type RecoverRequest = {
  /** One run; every run when absent. */
  readonly runId: string | undefined;
  /** A folder with run folders, whose journals say what is open; absent where none is to be read. */
  readonly out: string | undefined;
  /** What `--target` names, whose clusters are asked; absent where only folders are to be read. */
  readonly target: string | undefined;
};

/**
 * Undoes what runs that have died have left: first what their folders say is open, then what the clusters of a target
 * show by themselves. Their load ends last, and not at all where one of the clusters is held: the load of a run that lives is
 * its own, too. Rejects with USAGE when there is nothing to ask, and as `openTarget` does when only a target was asked for.
 */
export async function recover(
  request: RecoverRequest,
  ports: Pick<RecoverPorts, 'accept' | 'signal' | 'say'>,
): Promise<Recovered> {
  const { out, target } = request;
  if (target !== undefined) checkKept(target);
  const holder = holderOf(`recover-${nextRunId()}`);
  const all = { ...ports, runId: request.runId, recoverFrom: request, clock: systemClock, faultKind, holder };
  const parts = out === undefined ? [] : await fromFolders(out, request, all);
  if (target !== undefined) {
    const ask = () => fromTarget(target, all);
    // What became of the folders is told, whatever is wrong with the target.
    parts.push(parts.length === 0 ? await ask() : await attempt(`target ${target}`, ask));
  }
  return joinRecovered(parts);
}

/** Nothing where there is no folder to read, and a target to ask instead. */
async function fromFolders(out: string, { runId, target }: RecoverRequest, ports: RecoverPorts): Promise<Recovered[]> {
  const folders = listRunFolders(out).filter(
    (folder) => hasBegun(folder) && (runId === undefined || basename(folder.path) === runId),
  );
  if (folders.length === 0 && target !== undefined) return [];
  if (folders.length === 0) {
    const what = runId === undefined ? 'no run' : `no run ${runId}`;
    throw new FaultlineError('USAGE', `there is ${what} in ${out}: nothing is known to be left, or to be undone`, {
      hint: `Name the folder with --out, or ask the clusters: ${SCAN_COMMAND}`,
    });
  }
  const open = (where: JournalCluster) => openCluster({ ...where, gateways: [] }, systemClock);
  const found = [await recoverFolders(folders, { ...ports, open })];
  return unlessHeld(found, async () => {
    const loads: Recovered[] = [];
    for (const folder of folders) loads.push(await attempt(`${folder.path}: its load`, () => recoverNoted(folder)));
    return loads;
  });
}

async function fromTarget(name: string, ports: RecoverPorts): Promise<Recovered> {
  const { target, clusters, close } = await openTarget(name, undefined);
  try {
    const found = await recoverClusters(target, clusters.values(), ports);
    const load = () => recoverLoad(target.loadCluster, ports.runId);
    return joinRecovered(await unlessHeld(found, async () => [await attempt('the load cluster', load)]));
  } finally {
    await close();
  }
}
