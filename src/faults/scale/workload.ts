import { KINDS, type KubeKind, type KubeObject, type ObjectRef } from '../../model/kubernetes.ts';
import type { Cluster } from '../../model/ports.ts';
import type { Json } from '../../model/scenario.ts';
import { listPods, type Pod } from '../../workload/pods.ts';
import { hasFields } from '../has-fields.ts';

const WORKLOADS = {
  Deployment: KINDS.deployment,
  StatefulSet: KINDS.statefulSet,
  Rollout: KINDS.rollout,
} as const satisfies Readonly<Record<string, KubeKind>>;

/** A kind of workload that can be scaled. */
type ScaledKind = keyof typeof WORKLOADS;

/** A scaling's own part of its plan. */
export type ScaleData = {
  readonly workload: ScaledKind;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly before: number;
  /** Nothing was said of the count, which is not a default of the API for a Rollout: what is put back is nothing. */
  readonly unsaid?: true;
  readonly during: number;
};

/** Whether the data of a plan is that of a scaling. */
export function isScaleData(data: Json): boolean {
  const fields = { namespace: 'string', name: 'string', uid: 'string', before: 'number', during: 'number' } as const;
  if (!hasFields(data, { ...fields, workload: 'string' })) return false;
  return Object.hasOwn(WORKLOADS, (data as { workload: string }).workload);
}

/** Where the API has the workload. */
export function workloadRef({
  workload,
  namespace,
  name,
}: Pick<ScaleData, 'workload' | 'namespace' | 'name'>): ObjectRef {
  return { ...WORKLOADS[workload], namespace, name };
}

/** As messages name it: `StatefulSet default/db`. */
export function workloadText({
  workload,
  namespace,
  name,
}: Pick<ScaleData, 'workload' | 'namespace' | 'name'>): string {
  return `${workload} ${namespace}/${name}`;
}

/** How many pods a workload wants; 1 where nothing was said. */
export function replicasOf(object: KubeObject): number {
  return saidReplicas(object) ?? 1;
}

/** The count as it stands in the object; the API server writes it into Deployments and StatefulSets where nothing was said. */
export function saidReplicas(object: KubeObject): number | undefined {
  return ((object.spec ?? {}) as { replicas?: number }).replicas;
}

type Claiming = {
  readonly volumeClaimTemplates?: readonly object[];
  readonly persistentVolumeClaimRetentionPolicy?: { readonly whenScaled?: string };
};

/** Whether Kubernetes deletes the volumes of pods that a workload is scaled down by (StatefulSet: persistentVolumeClaimRetentionPolicy). */
export function deletesVolumes({ spec }: KubeObject): boolean {
  const { volumeClaimTemplates = [], persistentVolumeClaimRetentionPolicy: kept } = (spec ?? {}) as Claiming;
  return volumeClaimTemplates.length > 0 && kept?.whenScaled === 'Delete';
}

/**
 * The pods of a workload that have not ended, those on their way out included: they may still answer. In the zones of these
 * nodes; an undo has no use for them, and asks for none.
 */
export async function podsOf(
  cluster: Cluster,
  { workload, namespace, name }: Pick<ScaleData, 'workload' | 'namespace' | 'name'>,
  zones: ReadonlyMap<string, string> = new Map(),
): Promise<Pod[]> {
  const pods = await listPods(cluster, namespace, undefined, zones);
  return pods.filter((pod) => pod.owners.includes(`${workload}/${name}`) && !pod.ended);
}
