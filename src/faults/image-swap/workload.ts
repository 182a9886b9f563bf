import { KINDS, type KubeKind, type KubeObject } from '../../model/kubernetes.ts';
import { selectorText } from '../../model/labels.ts';
import type { Container, PodSpec } from '../../model/pod-object.ts';
import type { Cluster } from '../../model/ports.ts';
import { isAlive, listPods, ordinalOf, type Pod } from '../../workload/pods.ts';
import { firstOrdinal } from './rolling.ts';

/** A kind of workload whose image can be swapped. */
export type WorkloadKind = 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'Rollout';

/** The kinds of the API. */
export const WORKLOADS: Readonly<Record<WorkloadKind, KubeKind>> = {
  Deployment: KINDS.deployment,
  StatefulSet: KINDS.statefulSet,
  DaemonSet: KINDS.daemonSet,
  Rollout: KINDS.rollout,
};

/** What faultline reads of a workload. */
export type Workload = {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly containers: readonly Container[];
  readonly matchLabels: Readonly<Record<string, string>>;
  readonly rolledOut: boolean;
};

/** A Rollout writes its generation as text, and the hashes of two templates: its own, and the one that is rolled out. */
type Status = Readonly<Record<string, number | string | undefined>>;
type Raw = {
  spec?: {
    replicas?: number;
    selector?: { matchLabels?: Record<string, string> };
    template?: { spec?: PodSpec };
  };
  status?: Status;
};

/** Reads a workload; `rolledOut` is what `kubectl rollout status` waits for. */
export function readWorkload(object: KubeObject): Workload {
  const { spec, status = {} } = object as unknown as Raw;
  const isSeen = Number(status.observedGeneration ?? 0) >= (object.metadata.generation ?? 0);
  return {
    kind: object.kind,
    name: object.metadata.name ?? '',
    namespace: object.metadata.namespace ?? '',
    containers: spec?.template?.spec?.containers ?? [],
    matchLabels: spec?.selector?.matchLabels ?? {},
    rolledOut: isSeen && isComplete(object, spec?.replicas ?? 1, status),
  };
}

function isComplete(object: KubeObject, wanted: number, status: Status): boolean {
  const number = (field: string) => Number(status[field] ?? 0);
  const reaches = (field: string, count: number) => number(field) >= count;
  switch (object.kind) {
    case 'DaemonSet': {
      const desired = number('desiredNumberScheduled');
      return reaches('updatedNumberScheduled', desired) && reaches('numberAvailable', desired);
    }
    case 'StatefulSet':
      return reaches('updatedReplicas', wanted - firstOrdinal(object)) && reaches('readyReplicas', wanted);
    default:
      return (
        reaches('updatedReplicas', wanted) &&
        number('replicas') <= wanted &&
        reaches('availableReplicas', wanted) &&
        status.currentPodHash === status.stableRS
      );
  }
}

/**
 * The pods that a change of the template reaches, alive ones only: those of a StatefulSet from its partition on. In the zones
 * of these nodes; an undo has no use for them, and asks for none.
 */
export async function podsOf(
  cluster: Cluster,
  object: KubeObject,
  zones: ReadonlyMap<string, string> = new Map(),
): Promise<Pod[]> {
  const { kind, name, namespace, matchLabels } = readWorkload(object);
  const pods = await listPods(cluster, namespace, selectorText(matchLabels), zones);
  const first = firstOrdinal(object);
  return pods.filter(
    (pod) => pod.owners.includes(`${kind}/${name}`) && isAlive(pod) && (first === 0 || ordinalOf(pod) >= first),
  );
}
