import { FaultlineError } from '../../model/errors.ts';
import type { FaultContext } from '../../model/fault.ts';
import { type JsonPatchOp, KINDS, type KubeObject, RUN_LABEL } from '../../model/kubernetes.ts';
import type { Cluster } from '../../model/ports.ts';
import { SCAN_COMMAND } from '../../model/recover-command.ts';
import { isAlive, listPods, type Pod, zonesOfNodes } from '../../workload/pods.ts';
import { admitted } from '../admission.ts';
import type { PlanOf } from '../define.ts';
import { markedBy, pointerStep, setOps } from '../marks.ts';
import type { FaultId } from '../owned/objects.ts';
import { rewrite } from '../rewrite.ts';
import { BLACKHOLE_LABEL, type PolicyData } from './objects.ts';

/** The pods that are to be cut off now. */
export async function zonePods(data: PolicyData, { cluster }: FaultContext): Promise<Pod[]> {
  const zones = await zonesOfNodes(cluster);
  const lists = await Promise.all(
    data.namespaces.map((namespace) => listPods(cluster, namespace, data.selector ?? undefined, zones)),
  );
  return lists.flat().filter((pod) => pod.zone === data.zone && isAlive(pod));
}

const RUN_PATH = `/metadata/labels/${pointerStep(RUN_LABEL)}`;
const BLACKHOLE_PATH = `/metadata/labels/${pointerStep(BLACKHOLE_LABEL)}`;

/** Puts a pod under the policy. A pod that has gone in the meantime is no error; one marked by another run is. */
export async function labelPod(cluster: Cluster, pod: Pod, { runId, fault }: PlanOf<PolicyData>): Promise<void> {
  const ref = { ...KINDS.pod, namespace: pod.namespace, name: pod.name };
  const decide = (object: KubeObject | undefined): JsonPatchOp[] => {
    if (object === undefined || !isStill(object, pod)) return [];
    const marked = markedBy(object);
    if (marked === runId) return [];
    refuseOther(cluster.name, pod, marked, runId);
    return labelOps(object.metadata.labels, { runId, fault });
  };
  await unlessGone(cluster, pod, () => rewrite(cluster, ref, decide));
}

function labelOps(labels: object | undefined, { runId, fault }: FaultId): JsonPatchOp[] {
  return [
    ...(labels === undefined ? [{ op: 'add', path: '/metadata/labels', value: {} } as const] : []),
    { op: 'add', path: RUN_PATH, value: runId },
    { op: 'add', path: BLACKHOLE_PATH, value: fault },
  ];
}

/** Asks whether the labels would be taken, for one pod of each namespace, as admission is a namespace's own. Throws FAULT_REFUSED. */
export async function askLabels(cluster: Cluster, pods: readonly Pod[], fault: FaultId): Promise<void> {
  const first = new Map(pods.toReversed().map((pod) => [pod.namespace, pod]));
  for (const [namespace, { name, labels }] of first) {
    const bare = Object.keys(labels).length === 0 ? undefined : labels;
    await admitted(cluster, { ...KINDS.pod, namespace, name }, labelOps(bare, fault), {
      what: `cluster ${cluster.name}: pod ${namespace}/${name}: labels are not admitted`,
      hint: 'The policy that is named there has to allow it.',
    });
  }
}

/** Throws OPEN_RUN where another run than this one has marked a pod: one label cannot name two. */
export function refuseOther(cluster: string, pod: Pod, marked: string | undefined, runId: string): void {
  if (marked === undefined || marked === runId) return;
  const what = `cluster ${cluster}: pod ${pod.namespace}/${pod.name} is still labelled by run ${marked}`;
  throw new FaultlineError('OPEN_RUN', what, { hint: SCAN_COMMAND });
}

/** Takes off a pod each label of this fault that is still on it, whatever somebody has made of the other one. */
export async function unlabelPod(cluster: Cluster, pod: Pod, plan: PlanOf<PolicyData>): Promise<void> {
  const ref = { ...KINDS.pod, namespace: pod.namespace, name: pod.name };
  const { [RUN_LABEL]: run, [BLACKHOLE_LABEL]: fault } = pod.labels;
  await unlessGone(cluster, pod, () =>
    cluster.patch(ref, [
      { op: 'test', path: '/metadata/uid', value: pod.uid },
      ...(run === plan.runId ? setOps(RUN_PATH, run, undefined) : []),
      ...(fault === plan.fault ? setOps(BLACKHOLE_PATH, fault, undefined) : []),
    ]),
  );
}

/** Whether a pod carries both labels of this fault, or the one of them that somebody has left. */
export function isLabelled({ metadata: { labels = {} } }: KubeObject, { runId, fault }: PlanOf<PolicyData>): boolean {
  const { [RUN_LABEL]: run, [BLACKHOLE_LABEL]: name } = labels;
  if (run === undefined && name === undefined) return false;
  return (run ?? runId) === runId && (name ?? fault) === fault;
}

async function unlessGone(cluster: Cluster, pod: Pod, act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    const now = await cluster.get({ ...KINDS.pod, namespace: pod.namespace, name: pod.name });
    if (now !== undefined && isStill(now, pod)) throw error;
  }
}

/** The same pod, and not on its way out. */
function isStill({ metadata }: KubeObject, pod: Pod): boolean {
  return metadata.uid === pod.uid && metadata.deletionTimestamp === undefined;
}
