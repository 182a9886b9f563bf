import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import type { Cluster } from '../../model/ports.ts';
import type { ScaleData } from './workload.ts';

type Spec = {
  readonly minReplicas?: number;
  readonly scaleTargetRef?: { readonly kind?: string; readonly name?: string };
};

const specOf = (autoscaler: KubeObject) => (autoscaler.spec ?? {}) as Spec;

/** The HorizontalPodAutoscaler of a workload, if any. */
export async function autoscalerOf(
  cluster: Cluster,
  { workload, namespace, name }: Pick<ScaleData, 'workload' | 'namespace' | 'name'>,
): Promise<KubeObject | undefined> {
  const all = await cluster.list(KINDS.horizontalPodAutoscaler, { namespace });
  return all.find((one) => {
    const { kind, name: of } = specOf(one).scaleTargetRef ?? {};
    return kind === workload && of === name;
  });
}

/**
 * Whether an autoscaler works on a workload of so many replicas: with none it is off, unless it may scale to zero itself
 * (Kubernetes, HorizontalPodAutoscaler: implicit maintenance-mode deactivation).
 */
export function isOn(autoscaler: KubeObject, replicas: number): boolean {
  return replicas > 0 || specOf(autoscaler).minReplicas === 0;
}
