import type { EffectProof, FaultContext } from '../../model/fault.ts';
import type { KubeObject } from '../../model/kubernetes.ts';
import { affectedBy, type Pod, zonesOfNodes } from '../../workload/pods.ts';
import type { PlanOf } from '../define.ts';
import { poll, unproven } from '../poll.ts';
import { held } from './argo.ts';
import { containerFields, type SwapData, sameFields, workloadRef, workloadText } from './fields.ts';
import { LIMIT_MS } from './limit.ts';
import { isSwapped } from './template.ts';
import { podsOf, readWorkload } from './workload.ts';

/** The workload holds the new fields, no ready pod runs another image, and one at least runs the new one. */
export async function prove(plan: PlanOf<SwapData>, context: FaultContext): Promise<EffectProof> {
  const { data } = plan;
  const { cluster } = context;
  let holds: string | undefined;
  const look = async (): Promise<EffectProof | undefined> => {
    const before = context.now();
    const object = await cluster.get(workloadRef(data));
    const off = offText(object, data);
    if (object === undefined || off !== undefined) return unproven(`${workloadText(workloadRef(data))} ${off}`);
    holds = held(object)?.text;
    const swapped = swappedOnly(await podsOf(cluster, object, await zonesOfNodes(cluster)), plan);
    if (swapped.length === 0) return undefined;
    const names = swapped.map((pod) => pod.name).join(', ');
    const detail = `the ${object.kind} holds the new image, no ready pod runs the old one, ${names} run${swapped.length > 1 ? '' : 's'} the new one`;
    return { proven: true, observed: true, detail, effective: before, affected: affectedBy(cluster, swapped) };
  };
  const seen = await poll(context, LIMIT_MS, look);
  const why = holds ?? 'a new image that fails its readiness probe keeps the old pods';
  return seen ?? unproven(`ready pods still run another image (${why})`);
}

function offText(object: KubeObject | undefined, data: SwapData): string | undefined {
  if (object === undefined) return 'is gone';
  const now = containerFields(readWorkload(object), data.container);
  return sameFields(now, data.during) ? undefined : 'was changed by somebody else';
}

/** The pods of the new image; none while a ready pod runs another one. */
function swappedOnly(pods: readonly Pod[], plan: PlanOf<SwapData>): Pod[] {
  const isNew = (pod: Pod) => isSwapped(pod, plan);
  return pods.some((pod) => pod.ready && !isNew(pod)) ? [] : pods.filter(isNew);
}
