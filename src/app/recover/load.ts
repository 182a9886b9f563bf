import { readRunMarker, removeRunMarker } from '../../load/index.ts';
import type { LoadCluster } from '../../model/target.ts';
import type { RunFolder } from '../../store/run-folder.ts';
import { endLoad } from '../drill/load-cluster.ts';
import { type GoneCluster, NOTHING, type Recovered } from './recovered.ts';

/** Ends pods that a run, or any run, has left sending in a cluster. */
export async function recoverLoad(where: LoadCluster | undefined, runId: string | undefined): Promise<Recovered> {
  const deleted = where === undefined ? [] : await endLoad(where, runId);
  return { ...NOTHING, load: deleted.map((what) => `load (${where?.context}): deleted ${what}`) };
}

function goneWith(context: string): Recovered {
  return { ...NOTHING, load: [`load (${context}): gone with its cluster, as was accepted`] };
}

/** Ends load that the run of a folder has noted there, and whose end it has not seen. */
export async function recoverNoted({ path }: RunFolder, gone: readonly GoneCluster[]): Promise<Recovered> {
  const note = await readRunMarker(path);
  if (note === undefined) return NOTHING;
  const { kubeconfig, context } = note.where;
  const isGone = gone.some((one) => one.kubeconfig === kubeconfig && one.context === context);
  const ended = isGone ? goneWith(context) : await recoverLoad(note.where, note.runId);
  await removeRunMarker(path);
  return ended;
}
