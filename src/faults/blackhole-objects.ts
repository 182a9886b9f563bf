import { createHash } from 'node:crypto';
import { FaultlineError } from '../model/errors.ts';
import type { FaultPlan } from '../model/fault.ts';
import { KINDS, type KubeObject, RUN_LABEL } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';
import type { Pod } from '../workload/pods.ts';
import { pointerStep } from './marks.ts';

/** A zone blackhole's own part of its plan. */
export type BlackholeData = {
  readonly zone: string;
  readonly namespaces: readonly string[];
  readonly selector: string | null;
  readonly expirySeconds: number;
};

/** The label that the policy of one fault selects; its value is the fault's name. */
const BLACKHOLE_LABEL = 'faultline.dev/blackhole';

/** Name of the Job and the NetworkPolicy of a fault, the same in each namespace. */
export function objectName(plan: Pick<FaultPlan, 'runId' | 'fault'>): string {
  const name = `faultline-${plan.runId}-${plan.fault}`;
  if (name.length <= 63) return name;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${name.slice(0, 54)}-${digest}`;
}

function metadata(plan: FaultPlan, namespace: string) {
  return {
    name: objectName(plan),
    namespace,
    labels: { 'app.kubernetes.io/managed-by': 'faultline', [RUN_LABEL]: plan.runId },
  };
}

/**
 * The dead-man switch: a Job that never starts a pod and fails when its deadline is over; the TTL controller then
 * deletes it at once and, as its owner, the policy with it (Kubernetes Job: activeDeadlineSeconds, ttlSecondsAfterFinished).
 */
export function expiryJob(plan: FaultPlan, data: BlackholeData, namespace: string): KubeObject {
  return {
    ...KINDS.job,
    metadata: metadata(plan, namespace),
    spec: {
      parallelism: 0,
      completions: 1,
      activeDeadlineSeconds: data.expirySeconds,
      ttlSecondsAfterFinished: 0,
      template: {
        spec: {
          restartPolicy: 'Never',
          automountServiceAccountToken: false,
          containers: [{ name: 'none', image: 'registry.k8s.io/pause:3.10' }],
        },
      },
    },
  };
}

/** A NetworkPolicy that selects the labelled pods and allows nothing in either direction. */
export function blackholePolicy(plan: FaultPlan, namespace: string, owner: KubeObject): KubeObject {
  const reference = {
    apiVersion: KINDS.job.apiVersion,
    kind: KINDS.job.kind,
    name: owner.metadata.name ?? '',
    uid: owner.metadata.uid ?? '',
    blockOwnerDeletion: false,
  };
  return {
    ...KINDS.networkPolicy,
    metadata: { ...metadata(plan, namespace), ownerReferences: [reference] },
    spec: {
      podSelector: { matchLabels: { [RUN_LABEL]: plan.runId, [BLACKHOLE_LABEL]: plan.fault } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [],
      egress: [],
    },
  };
}

/** Creates an object of ours; one of the same name that an earlier try has left is taken as it is. */
export async function createIfAbsent(cluster: Cluster, object: KubeObject): Promise<KubeObject> {
  const { namespace = '', name = '' } = object.metadata;
  const found = await cluster.get({ apiVersion: object.apiVersion, kind: object.kind, namespace, name });
  return found ?? cluster.create(object);
}

const RUN_PATH = `/metadata/labels/${pointerStep(RUN_LABEL)}`;
const BLACKHOLE_PATH = `/metadata/labels/${pointerStep(BLACKHOLE_LABEL)}`;

/** Puts a pod under the policy. A pod that has gone in the meantime is no error; one marked by another run is. */
export async function labelPod(cluster: Cluster, pod: Pod, plan: FaultPlan): Promise<void> {
  const marked = pod.labels[RUN_LABEL];
  if (marked === plan.runId) return;
  if (marked !== undefined) {
    const what = `cluster ${cluster.name}: pod ${pod.namespace}/${pod.name} is still labelled by run ${marked}`;
    throw new FaultlineError('OPEN_RUN', what, { hint: `faultline recover --run ${marked}` });
  }
  const ref = { ...KINDS.pod, namespace: pod.namespace, name: pod.name };
  const empty = Object.keys(pod.labels).length === 0;
  await unlessGone(cluster, pod, () =>
    cluster.patch(ref, [
      { op: 'test', path: '/metadata/uid', value: pod.uid },
      ...(empty ? [{ op: 'add', path: '/metadata/labels', value: {} } as const] : []),
      { op: 'add', path: RUN_PATH, value: plan.runId },
      { op: 'add', path: BLACKHOLE_PATH, value: plan.fault },
    ]),
  );
}

/** Takes a pod out of the policy again. */
export async function unlabelPod(cluster: Cluster, pod: Pod, plan: FaultPlan): Promise<void> {
  const ref = { ...KINDS.pod, namespace: pod.namespace, name: pod.name };
  await unlessGone(cluster, pod, () =>
    cluster.patch(ref, [
      { op: 'test', path: '/metadata/uid', value: pod.uid },
      { op: 'test', path: RUN_PATH, value: plan.runId },
      { op: 'remove', path: RUN_PATH },
      ...(pod.labels[BLACKHOLE_LABEL] === undefined ? [] : [{ op: 'remove', path: BLACKHOLE_PATH } as const]),
    ]),
  );
}

async function unlessGone(cluster: Cluster, pod: Pod, act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    const now = await cluster.get({ ...KINDS.pod, namespace: pod.namespace, name: pod.name });
    if (now !== undefined && now.metadata.uid === pod.uid && now.metadata.deletionTimestamp === undefined) throw error;
  }
}

/** The selector that finds the pods this fault has labelled. */
export function blackholeSelector(plan: FaultPlan): string {
  return `${RUN_LABEL}=${plan.runId},${BLACKHOLE_LABEL}=${plan.fault}`;
}

/** The plan's own data, checked: it may come from a journal of another machine. */
export function blackholeData(plan: FaultPlan): BlackholeData {
  const data = plan.data as unknown as BlackholeData;
  if (typeof data?.zone !== 'string' || !Array.isArray(data.namespaces)) {
    throw new FaultlineError('JOURNAL', `the plan of fault ${plan.fault} is not one of a zone blackhole`);
  }
  return data;
}
