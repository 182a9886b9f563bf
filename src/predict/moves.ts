import type { FaultPlan } from '../model/fault.ts';
import type { KubeObject } from '../model/kubernetes.ts';
import type { FaultSpec } from '../model/scenario.ts';
import type { Millis } from '../model/units.ts';
import type { LiveSystem } from './live-system.ts';
import type { RolloutPlan } from './rollout.ts';

/** A fault that is planned, as `plan` has it. */
export type PlannedFault = { readonly spec: FaultSpec; readonly plan: Pick<FaultPlan, 'cluster' | 'affected'> };

/** What a fault does to pods, as far as the model knows. */
export type Move = { readonly fault: string; readonly cluster: string; readonly afterMs: Millis } & (
  | { readonly kind: 'nothing' }
  | { readonly kind: 'rollout'; readonly namespace: string; readonly workload: string; readonly rollout: RolloutPlan }
  | {
      readonly kind: 'kill';
      /** `namespace/name` of the victims of the first round. */
      readonly victims: readonly string[];
      readonly everyMs: Millis | undefined;
      readonly forced: boolean;
    }
);

/** What a fault will do, or why nobody can say. */
export function moveOf({ spec, plan }: PlannedFault, system: LiveSystem): Move | { readonly unknown: string } {
  const { cluster } = plan;
  const base = { fault: spec.name, cluster, afterMs: spec.afterMs };
  switch (spec.kind) {
    case 'noop':
      return { ...base, kind: 'nothing' };
    case 'imageSwap': {
      const { namespace, deployment } = spec.spec as { namespace: string; deployment?: string };
      if (deployment === undefined)
        return { unknown: 'the model knows how a Deployment rolls out, and no other workload' };
      const objects = system.clusters.find(({ name }) => name === cluster)?.deployments ?? [];
      const isIt = ({ metadata }: KubeObject): boolean =>
        metadata.namespace === namespace && metadata.name === deployment;
      const object = objects.find(isIt);
      if (object === undefined) return { unknown: `Deployment ${namespace}/${deployment} could not be read` };
      return { ...base, kind: 'rollout', namespace, workload: deployment, rollout: rolloutOf(object, spec) };
    }
    case 'podKill': {
      const { every, gracePeriod } = spec.spec as { every?: Millis; gracePeriod?: Millis };
      const victims = plan.affected.map(({ namespace, pod }) => `${namespace}/${pod}`);
      return { ...base, kind: 'kill', victims, everyMs: every, forced: (gracePeriod ?? 0) === 0 };
    }
    default:
      return { unknown: `the model does not know what ${spec.kind} (fault ${spec.name}) does to connections` };
  }
}

type DeploymentSpec = {
  replicas?: number;
  strategy?: { type?: string; rollingUpdate?: { maxSurge?: number | string; maxUnavailable?: number | string } };
  template?: { spec?: { containers?: { name: string; readinessProbe?: unknown }[] } };
};

/** A swapped container does not listen: with a readiness probe of its own it is never ready. */
function rolloutOf(deployment: KubeObject, { spec }: FaultSpec): RolloutPlan {
  const { replicas = 1, strategy = {}, template } = (deployment.spec ?? {}) as unknown as DeploymentSpec;
  const containers = template?.spec?.containers ?? [];
  const swapped = containers.find(({ name }) => name === spec.container) ?? containers[0];
  const { maxSurge = '25%', maxUnavailable = '25%' } = strategy.rollingUpdate ?? {};
  const recreate = strategy.type === 'Recreate';
  const surge = recreate ? 0 : podsOf(maxSurge, replicas, Math.ceil);
  const unavailable = recreate ? replicas : podsOf(maxUnavailable, replicas, Math.floor);
  return {
    replicas,
    surge,
    unavailable: surge === 0 ? Math.max(1, unavailable) : unavailable,
    dead: true,
    becomesReady: swapped?.readinessProbe === undefined,
  };
}

function podsOf(value: number | string, replicas: number, round: (value: number) => number): number {
  return typeof value === 'number' ? value : round((Number.parseFloat(value) / 100) * replicas);
}
