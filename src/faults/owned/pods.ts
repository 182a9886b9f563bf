import { FaultlineError } from '../../model/errors.ts';
import type { FaultContext, ServedCluster } from '../../model/fault.ts';
import type { AffectedPod } from '../../model/history.ts';
import { KINDS } from '../../model/kubernetes.ts';
import { selectorText } from '../../model/labels.ts';
import { affectedBy, isAlive, type Pod, readPod, zonesOfNodes } from '../../workload/pods.ts';
import { hasSidecar } from '../../workload/sidecars.ts';
import { reachOf } from './configuration.ts';

/** Pods of a namespace by their labels. */
export type Chosen = { readonly namespace: string; readonly selector: Readonly<Record<string, string>> };

type ChosenPod = Pod & { readonly sidecar: boolean };

/** In the zones of these nodes; an undo has no use for them, and asks for none. */
async function chosenPods(
  { namespace, selector }: Chosen,
  cluster: ServedCluster,
  zones: ReadonlyMap<string, string>,
): Promise<ChosenPod[]> {
  const pods = await cluster.list(KINDS.pod, { namespace, labelSelector: selectorText(selector) });
  return pods.map((pod) => ({ ...readPod(pod, zones), sidecar: hasSidecar(pod) })).filter(isAlive);
}

/**
 * The chosen pods in all clusters that the fault's own one configures. Throws FAULT_NO_TARGET where there are none, or one of
 * its own cluster has no sidecar; `who` names the fault.
 */
export async function proxiedPods(who: string, chosen: Chosen, context: FaultContext): Promise<AffectedPod[]> {
  const found = await Promise.all(
    reachOf(context).map(async (cluster) => {
      const pods = await chosenPods(chosen, cluster, await zonesOfNodes(cluster));
      return { cluster, bare: pods.filter(({ sidecar }) => !sidecar), hit: pods.filter(({ sidecar }) => sidecar) };
    }),
  );
  const where = `cluster ${context.cluster.name}: ${who}`;
  const bare = found[0]?.bare.map(({ name }) => name) ?? [];
  if (bare.length > 0) {
    throw new FaultlineError(
      'FAULT_NO_TARGET',
      `${where}: no sidecar in ${bare.join(', ')}: nothing there acts on it`,
      {
        hint: 'Use imageSwap, scale or podKill on pods without one.',
      },
    );
  }
  const hit = found.flatMap(({ cluster, hit: pods }) => affectedBy(cluster, pods));
  if (hit.length > 0) return hit;
  const hint = `kubectl -n ${chosen.namespace} get pods -l ${selectorText(chosen.selector)}`;
  throw new FaultlineError('FAULT_NO_TARGET', `${where} matches no pod in ${chosen.namespace}`, { hint });
}

/** `2 pods`, and of which clusters where there are several. */
export function countText(pods: readonly AffectedPod[]): string {
  const counted = `${pods.length} pod${pods.length === 1 ? '' : 's'}`;
  const places = [...Map.groupBy(pods, ({ cluster }) => cluster)].map(
    ([cluster, own]) => `${own.length} of ${cluster}`,
  );
  return places.length < 2 ? counted : `${counted} (${places.join(', ')})`;
}

/** Those of the chosen pods of a cluster whose proxies can be asked now: ready ones, which take part in calls. */
export async function askedPods(
  chosen: Chosen,
  cluster: ServedCluster,
  zones: ReadonlyMap<string, string> = new Map(),
): Promise<Pod[]> {
  return (await chosenPods(chosen, cluster, zones)).filter(({ ready, sidecar }) => ready && sidecar);
}
