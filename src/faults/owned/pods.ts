import { FaultlineError } from '../../model/errors.ts';
import type { FaultContext } from '../../model/fault.ts';
import { KINDS } from '../../model/kubernetes.ts';
import { isAlive, type Pod, readPod, selectorText, zonesOfNodes } from '../../workload/pods.ts';
import { hasSidecar } from '../../workload/sidecars.ts';

/** Pods of a namespace by their labels. */
export type Chosen = { readonly namespace: string; readonly selector: Readonly<Record<string, string>> };

type ChosenPod = Pod & { readonly sidecar: boolean };

/** In the zones of these nodes; an undo has no use for them, and asks for none. */
async function chosenPods(
  { namespace, selector }: Chosen,
  { cluster }: FaultContext,
  zones: ReadonlyMap<string, string>,
): Promise<ChosenPod[]> {
  const pods = await cluster.list(KINDS.pod, { namespace, labelSelector: selectorText(selector) });
  return pods.map((pod) => ({ ...readPod(pod, zones), sidecar: hasSidecar(pod) })).filter(isAlive);
}

/** The chosen pods. Throws FAULT_NO_TARGET where there are none, or one of them has no sidecar; `who` names the fault. */
export async function proxiedPods(who: string, chosen: Chosen, context: FaultContext): Promise<Pod[]> {
  const pods = await chosenPods(chosen, context, await zonesOfNodes(context.cluster));
  const where = `cluster ${context.cluster.name}: ${who}`;
  if (pods.length === 0) {
    const hint = `kubectl -n ${chosen.namespace} get pods -l ${selectorText(chosen.selector)}`;
    throw new FaultlineError('FAULT_NO_TARGET', `${where} matches no pod in ${chosen.namespace}`, { hint });
  }
  const bare = pods.filter(({ sidecar }) => !sidecar).map(({ name }) => name);
  if (bare.length === 0) return pods;
  throw new FaultlineError('FAULT_NO_TARGET', `${where}: no sidecar in ${bare.join(', ')}: nothing there acts on it`, {
    hint: 'Use imageSwap, scale or podKill on pods without one.',
  });
}

/** Those of the chosen pods whose proxies can be asked now: ready ones, which take part in calls. */
export async function askedPods(
  chosen: Chosen,
  context: FaultContext,
  zones: ReadonlyMap<string, string> = new Map(),
): Promise<Pod[]> {
  return (await chosenPods(chosen, context, zones)).filter(({ ready, sidecar }) => ready && sidecar);
}
