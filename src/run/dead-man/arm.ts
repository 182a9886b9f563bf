import { cutTo } from '../../model/cut.ts';
import { FaultlineError } from '../../model/errors.ts';
import { DEAD_MAN_LABEL, KINDS, type KubeObject } from '../../model/kubernetes.ts';
import type { Clock, Cluster } from '../../model/ports.ts';
import type { Millis } from '../../model/units.ts';
import { throwIfStopped } from '../stop.ts';

/** How long its pod may take: a node may have to come first, and its image. */
const READY_MS: Millis = 180_000;
const LOOK_MS: Millis = 1_000;

type Waiting = { readonly clock: Clock; readonly stop: AbortSignal };

/**
 * Creates the Job of a dead-man and waits until its pod is Ready, which its program makes it after it has seen the plans,
 * the lease and that it may undo all of them. Resolves to the Job as it is stored. Rejects with FAULT_REFUSED, and why, when it does not in time.
 */
export async function armDeadMan(cluster: Cluster, job: KubeObject, { clock, stop }: Waiting): Promise<KubeObject> {
  const stored = await cluster.create(job);
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
  return { armed: pods.some(isReady), pods };
}

type ContainerState = {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly terminated?: { readonly exitCode?: number; readonly message?: string };
};
type PodStatus = {
  readonly phase?: string;
  readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  readonly containerStatuses?: readonly { readonly state?: ContainerState; readonly lastState?: ContainerState }[];
};

const statusOf = (pod: KubeObject): PodStatus => (pod.status ?? {}) as PodStatus;

function isReady(pod: KubeObject): boolean {
  const isOn = ({ type, status }: { type: string; status: string }) => type === 'Ready' && status === 'True';
  return pod.metadata.deletionTimestamp === undefined && statusOf(pod).conditions?.some(isOn) === true;
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
  const { phase = 'Pending', conditions = [], containerStatuses: [container] = [] } = statusOf(pod);
  const { state, lastState } = container ?? {};
  const ended = state?.terminated ?? lastState?.terminated;
  const said = cutTo((ended?.message ?? '').trim().split('\n').slice(-3).join(' '), 500);
  const waiting = [state?.waiting?.reason, state?.waiting?.message].filter(Boolean).join(': ');
  const unscheduled = conditions.find(({ type, status }) => type === 'PodScheduled' && status !== 'True')?.message;
  const why = said || waiting || unscheduled || 'its program does not say that it is armed';
  return `pod ${pod.metadata.name} is ${phase}: ${why}`;
}
