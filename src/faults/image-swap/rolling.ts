import type { KubeObject } from '../../model/kubernetes.ts';

type Limit = number | string;
type Limits = { maxSurge?: Limit; maxUnavailable?: Limit; partition?: number };
type Strategy = { type?: string; rollingUpdate?: Limits };
type Raw = {
  spec?: {
    replicas?: number;
    paused?: boolean;
    ordinals?: { start?: number };
    strategy?: Strategy & { canary?: Limits; blueGreen?: object };
    updateStrategy?: Strategy;
  };
  status?: { desiredNumberScheduled?: number };
};

const raw = (object: KubeObject) => object as unknown as Raw;

/** Why no pod gets a new template by itself, in words; undefined where pods do. */
export function standstill(object: KubeObject): string | undefined {
  const { paused, updateStrategy, replicas = 1 } = raw(object).spec ?? {};
  if (paused === true) return 'is paused';
  if (updateStrategy?.type === 'OnDelete') return 'has updateStrategy OnDelete, which waits for its pods to be deleted';
  const partition = partitionOf(object);
  return partition > 0 && partition >= replicas ? `has partition ${partition}, which keeps all its pods` : undefined;
}

/** How many pods of a StatefulSet keep the old template for good, from the lowest ordinal on (its `partition`). */
export function partitionOf(object: KubeObject): number {
  return object.kind === 'StatefulSet' ? (raw(object).spec?.updateStrategy?.rollingUpdate?.partition ?? 0) : 0;
}

/** The lowest ordinal that a StatefulSet updates; 0 for workloads without. */
export function firstOrdinal(object: KubeObject): number {
  const partition = partitionOf(object);
  return partition === 0 ? 0 : partition + (raw(object).spec?.ordinals?.start ?? 0);
}

/** How many pods a change of the template reaches, one after another as far as no limit says more. */
export function reachOf(object: KubeObject): number {
  const { spec, status } = raw(object);
  if (object.kind === 'DaemonSet') return status?.desiredNumberScheduled ?? 0;
  return Math.max(0, (spec?.replicas ?? 1) - partitionOf(object));
}

/**
 * How many of the old pods that a change reaches stay while no new pod becomes ready. A rolling update takes away no more
 * than maxUnavailable: of a Deployment 25 %, rounded down, 1 where maxSurge is 0, too; of a StatefulSet 1, rounded down,
 * at least 1; of a DaemonSet 1, rounded up, none with maxSurge. Recreate takes all (Kubernetes, update strategies). A canary of
 * an Argo Rollout has the limits of a Deployment; blue-green takes none away before the new ones are ready.
 */
export function keptPods(object: KubeObject): number {
  const { strategy = {}, updateStrategy = {} } = raw(object).spec ?? {};
  if (strategy.type === 'Recreate') return 0;
  const reach = reachOf(object);
  if (strategy.blueGreen !== undefined) return reach;
  const limits = strategy.canary ?? (object.kind === 'Deployment' ? strategy : updateStrategy).rollingUpdate ?? {};
  return Math.max(0, reach - takenFirst(object.kind, limits, reach));
}

function takenFirst(kind: string, { maxSurge, maxUnavailable }: Limits, pods: number): number {
  switch (kind) {
    case 'DaemonSet':
      return share(maxSurge ?? 0, pods, Math.ceil) > 0 ? 0 : share(maxUnavailable ?? 1, pods, Math.ceil);
    case 'StatefulSet':
      return Math.max(1, share(maxUnavailable ?? 1, pods, Math.floor));
    default: {
      const surge = share(maxSurge ?? '25%', pods, Math.ceil);
      const gone = share(maxUnavailable ?? '25%', pods, Math.floor);
      return surge === 0 ? Math.max(1, gone) : gone;
    }
  }
}

function share(limit: Limit, pods: number, round: (value: number) => number): number {
  return typeof limit === 'number' ? limit : round((Number.parseFloat(limit) / 100) * pods);
}
