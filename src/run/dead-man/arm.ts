import { holdMarks } from '../../faults/held-marks.ts';
import { conditionOf, isServing, isTrue } from '../../model/conditions.ts';
import { cutTo } from '../../model/cut.ts';
import { FaultlineError } from '../../model/errors.ts';
import { DEAD_MAN_LABEL, KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { podStatus, waitingText } from '../../model/pod-object.ts';
import type { Clock, Cluster } from '../../model/ports.ts';
import type { Millis } from '../../model/units.ts';
import { throwIfStopped } from '../stop.ts';

/** How long its pod may take: a node may have to come first, and its image. */
const READY_MS: Millis = 180_000;
const LOOK_MS: Millis = 1_000;

type Waiting = { readonly clock: Clock; readonly stop: AbortSignal };

/**
 * Creates the Job of a dead-man and waits until its pod is Ready, which its program makes it after it has seen the plans, the lease and
 * that it may undo all of them. Resolves to the Job as it is stored. Rejects with FAULT_REFUSED, and why, when it does not in time, or
 * admission takes off the label by which its pods are found.
 */
export async function armDeadMan(cluster: Cluster, job: KubeObject, { clock, stop }: Waiting): Promise<KubeObject> {
  const stored = await holdMarks(cluster).create(job);
  const { namespace = '' } = stored.metadata;
  const began = clock.now();
  for (;;) {
    const { armed, pods } = await armedPods(cluster, stored);
    if (armed) return stored;
    throwIfStopped(stop);
    if ((clock.now() - began) / 1000 >= READY_MS) throw notArmed(cluster, namespace, pods);
    await clock.sleep(LOOK_MS, stop);
  }
}

/** The pods of a dead-man's Job, and whether one of them is Ready, which it is when its program is armed. */
export async function armedPods(
  cluster: Cluster,
  { metadata: { namespace = '', labels } }: KubeObject,
): Promise<{ readonly armed: boolean; readonly pods: readonly KubeObject[] }> {
  const labelSelector = `${DEAD_MAN_LABEL}=${labels?.[DEAD_MAN_LABEL]}`;
  const pods = await cluster.list(KINDS.pod, { namespace, labelSelector });
  return { armed: pods.some(isServing), pods };
}

function notArmed({ name }: Cluster, namespace: string, pods: readonly KubeObject[]): FaultlineError {
  const why = pods.length === 0 ? 'no pod was made for its Job' : pods.map(whyNot).join('; ');
  return new FaultlineError(
    'FAULT_REFUSED',
    `cluster ${name}: the dead-man was not ready within ${READY_MS / 1000} s: ${why}`,
    {
      hint: `Look at image and serviceAccount under spec.deadMan of the targets file, and at namespace ${namespace}; faultline plan prints what the service account must be allowed. --no-dead-man runs without.`,
    },
  );
}

/** What its pod has to say: the end of its log where it has ended, what it waits for where it does. */
function whyNot(pod: KubeObject): string {
  const { phase = 'Pending', containerStatuses: [container] = [] } = podStatus(pod);
  const { state, lastState } = container ?? {};
  const ended = state?.terminated ?? lastState?.terminated;
  const said = cutTo((ended?.message ?? '').trim().split('\n').slice(-3).join(' '), 500);
  const waiting = waitingText(state ?? {});
  const unscheduled = isTrue(pod, 'PodScheduled') ? undefined : conditionOf(pod, 'PodScheduled')?.message;
  const why = said || waiting || unscheduled || 'its program does not say that it is armed';
  return `pod ${pod.metadata.name} is ${phase}: ${why}`;
}
