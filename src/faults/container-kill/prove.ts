import type { EffectProof, FaultContext } from '../../model/fault.ts';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import type { PlanOf } from '../define.ts';
import { poll, unproven } from '../poll.ts';
import { lastStartIn, runningIn, whyNotRunning } from './container.ts';
import type { ContainerKillData, Victim } from './victims.ts';

/** A first restart is made at once; a container that waits longer (CrashLoopBackOff) has not been seen to come back. */
const LIMIT_MS = 60_000;

/** The kubelets have started each container of the first round anew, in the same pod: another container ID, one more restart. */
export async function prove({ data }: PlanOf<ContainerKillData>, context: FaultContext): Promise<EffectProof> {
  const { namespace, container, first } = data;
  let open = 'nobody has looked';
  const look = async (): Promise<EffectProof | undefined> => {
    const at = context.now();
    const pods = await context.cluster.list(KINDS.pod, { namespace });
    const states = first.map((victim) => stateOf(pods, victim, container));
    open = states.flatMap(({ text }) => text ?? []).join('; ');
    if (states.some(({ isGone }) => isGone)) return unproven(open);
    if (open !== '') return undefined;
    const detail = `the kubelets have restarted container ${container} in place: ${first.map(({ name }) => name).join(', ')}`;
    return { proven: true, observed: true, detail, effective: at };
  };
  return (await poll(context, LIMIT_MS, look)) ?? unproven(`after ${LIMIT_MS / 1000} s: ${open}`);
}

/** What is still missing of a victim; no text where its container was restarted. */
function stateOf(
  pods: readonly KubeObject[],
  victim: Victim,
  container: string,
): { readonly isGone: boolean; readonly text?: string } {
  const pod = pods.find(({ metadata }) => metadata.uid === victim.uid);
  if (pod === undefined) return { isGone: true, text: `pod ${victim.name} is gone, and was not restarted in place` };
  const last = lastStartIn(pod, container);
  if (last.restarts > victim.restarts && last.id !== victim.id) return { isGone: false };
  if (runningIn(pod, container) === undefined) {
    const why = whyNotRunning(pod, container);
    return { isGone: false, text: `container ${container} of ${victim.name} has ended and waits: ${why}` };
  }
  return {
    isGone: false,
    text: `container ${container} of ${victim.name} runs on: its first process may take no SIGTERM`,
  };
}
