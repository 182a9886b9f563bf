import { KINDS, type KubeKind, type KubeObject, type ObjectRef } from '../../model/kubernetes.ts';
import type { Cluster } from '../../model/ports.ts';
import type { Json } from '../../model/scenario.ts';
import { listPods, type Pod, zonesOfNodes } from '../../workload/pods.ts';
import { hasFields } from '../has-fields.ts';

const WORKLOADS = {
  Deployment: KINDS.deployment,
  StatefulSet: KINDS.statefulSet,
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

/** How many pods a workload wants; the API server writes 1 where nothing was said. */
export function replicasOf(object: KubeObject): number {
  return ((object.spec ?? {}) as { replicas?: number }).replicas ?? 1;
}

/** The pods of a workload that have not ended, those on their way out included: they may still answer. */
export async function podsOf(
  cluster: Cluster,
  { workload, namespace, name }: Pick<ScaleData, 'workload' | 'namespace' | 'name'>,
): Promise<Pod[]> {
  const pods = await listPods(cluster, namespace, undefined, await zonesOfNodes(cluster));
  return pods.filter((pod) => pod.owners.includes(`${workload}/${name}`) && !pod.ended);
}
