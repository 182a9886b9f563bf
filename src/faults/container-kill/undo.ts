import type { FaultContext, UndoOutcome } from '../../model/fault.ts';
import { KINDS } from '../../model/kubernetes.ts';
import type { PlanOf } from '../define.ts';
import { poll } from '../poll.ts';
import { killerIn, START_SECONDS } from './kill.ts';
import type { ContainerKillData } from './victims.ts';

/**
 * Nothing is to be put back: the kubelet restarts what was killed. An ephemeral container that has not started yet is waited
 * for as long as it would still kill.
 */
export async function undo(plan: PlanOf<ContainerKillData>, context: FaultContext): Promise<UndoOutcome> {
  const { data, objects } = plan;
  const over: UndoOutcome = {
    state: 'undone',
    detail: 'nothing to put back: the kubelets restart killed containers',
    objects,
    commands: [],
  };
  if (data.image === null) return over;
  const isOver = await poll(context, START_SECONDS * 1000, async () => {
    const pods = await context.cluster.list(KINDS.pod, { namespace: data.namespace });
    return pods.some((pod) => killerIn(pod, plan) === 'on its way') ? undefined : true;
  });
  if (isOver === true) return over;
  const detail = `${over.detail}; an ephemeral container that has not started does nothing any more when it is ${START_SECONDS} s old`;
  return { ...over, detail };
}
