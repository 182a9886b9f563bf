import type { KubeObject } from '../../model/kubernetes.ts';

type Limit = number | string;
type Raw = {
  spec?: {
    replicas?: number;
    strategy?: { type?: string; rollingUpdate?: { maxSurge?: Limit; maxUnavailable?: Limit } };
  };
};

/**
 * How many old pods a Deployment keeps while no new pod becomes ready. RollingUpdate takes away no more than
 * maxUnavailable (25 %, rounded down; 1 where maxSurge is 0, too), Recreate takes all (Kubernetes, Deployment strategy).
 */
export function keptPods(object: KubeObject): number {
  const { replicas = 1, strategy = {} } = (object as unknown as Raw).spec ?? {};
  if (strategy.type === 'Recreate') return 0;
  const { maxSurge = '25%', maxUnavailable = '25%' } = strategy.rollingUpdate ?? {};
  const surge = podsOf(maxSurge, replicas, Math.ceil);
  const gone = podsOf(maxUnavailable, replicas, Math.floor);
  return Math.max(0, replicas - (surge === 0 ? Math.max(1, gone) : gone));
}

function podsOf(limit: Limit, replicas: number, round: (value: number) => number): number {
  return typeof limit === 'number' ? limit : round((Number.parseFloat(limit) / 100) * replicas);
}
