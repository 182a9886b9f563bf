import { FaultlineError } from '../../model/errors.ts';
import type { FaultContext } from '../../model/fault.ts';
import type { TouchedObject } from '../../model/history.ts';
import { affectedBy, type Pod, selectorText } from '../../workload/pods.ts';
import type { FaultRequest, PlanDraft } from '../define.ts';
import type { KillBlock } from './block.ts';
import { type Aim, candidates, choose, type KillData } from './victims.ts';

/** Looks which pods match and names the victims of the first round. */
export async function plan(
  { name, block }: FaultRequest<KillBlock>,
  context: FaultContext,
): Promise<PlanDraft<KillData>> {
  const { cluster } = context;
  const { namespace, every } = block;
  const aim = aimOf(block);
  const matching = await candidates(aim, context);
  const victims = choose(matching, aim);
  if (victims.length === 0) {
    const what = `cluster ${cluster.name}: podKill ${name} matches no pod in ${namespace} that is Running and not terminating`;
    throw new FaultlineError('FAULT_NO_TARGET', what, { hint: `kubectl -n ${namespace} get pods --show-labels` });
  }
  const names = victims.map((pod) => pod.name).join(', ');
  const again = every === undefined ? '' : `, again every ${every / 1000} s`;
  return {
    summary: `kill ${victims.length} of ${matching.length} pods in ${namespace}: ${names}${again}`,
    signature: 'restarts',
    affected: affectedBy(cluster, victims),
    namespaces: [namespace],
    cutsOff: [],
    objects: victims.map((pod) => killed(cluster.name, pod)),
    warnings: victims.some((pod) => pod.workload === pod.name)
      ? ['A victim has no controller: nothing replaces it.']
      : [],
    deadMan: 'Nothing to end: each kill is over at once, and no more follow when the runner is gone.',
    data: {
      ...aim,
      everyMs: every ?? null,
      graceSeconds: Math.ceil(block.gracePeriod / 1000),
      first: victims.map((pod) => ({ name: pod.name, uid: pod.uid })),
    },
  };
}

function aimOf({ namespace, deployment, selector, zone, count, percent }: KillBlock): Aim {
  return {
    namespace,
    deployment: deployment ?? null,
    selector: selector === undefined ? null : selectorText(selector),
    zone: zone ?? null,
    count,
    percent: percent ?? null,
  };
}

function killed(cluster: string, { namespace, name }: Pod): TouchedObject {
  return { cluster, kind: 'Pod', namespace, name, change: 'deleted', state: 'one-shot' };
}
