import type { EffectProof, FaultContext } from '../../model/fault.ts';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import type { Json } from '../../model/scenario.ts';
import { affectedBy } from '../../workload/pods.ts';
import type { PlanOf } from '../define.ts';
import { markedBy, sameJson } from '../marks.ts';
import { objectName } from '../owned/objects.ts';
import { inboundFilter } from '../owned/proxies.ts';
import { poll, unproven } from '../poll.ts';
import { filterName, filterSpec, type MeshFaultData } from './filter.ts';
import { askedPods } from './pods.ts';

/** Proxies let go of kept connections within 45 s (Istio: drainDuration); beyond this the fault counts as not proven. */
const LIMIT_MS = 90_000;

/** The EnvoyFilter is there as it was made, and the proxy of every pod says that it has it for all of its connections. */
export async function prove(plan: PlanOf<MeshFaultData>, context: FaultContext): Promise<EffectProof> {
  const { namespace } = plan.data;
  const name = objectName(plan);
  let missing = 'no pod is there';
  const look = async (): Promise<EffectProof | undefined> => {
    const before = context.now();
    const off = offText(await context.cluster.get({ ...KINDS.envoyFilter, namespace, name }), plan);
    if (off !== undefined) return unproven(`EnvoyFilter ${namespace}/${name} ${off}`);
    const pods = await askedPods(plan.data, context);
    const states = await inboundFilter(context, pods, filterName(plan));
    const late = pods.flatMap((pod, index) => (states[index] === 'has' ? [] : [`${pod.name} (${states[index]})`]));
    if (late.length > 0) missing = `the proxies do not have the filter for all connections: ${late.join(', ')}`;
    if (late.length > 0 || pods.length === 0) return undefined;
    const detail = `the EnvoyFilter is there, and the proxies of ${pods.map((pod) => pod.name).join(', ')} have it`;
    return { proven: true, observed: true, detail, effective: before, affected: affectedBy(context.cluster, pods) };
  };
  return (await poll(context, LIMIT_MS, look)) ?? unproven(missing);
}

function offText(object: KubeObject | undefined, plan: PlanOf<MeshFaultData>): string | undefined {
  if (object === undefined) return 'is gone';
  if (markedBy(object) !== plan.runId) return 'is not of this run';
  return sameJson(object.spec as Json, filterSpec(plan)) ? undefined : 'was changed by somebody else';
}
