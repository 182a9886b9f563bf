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
  | {
      readonly kind: 'removal';
      /** `namespace/name` */
      readonly victims: readonly string[];
    }
);

/** What a fault will do, or why nobody can say. */
export function moveOf({ spec, plan }: PlannedFault, system: LiveSystem): Move | { readonly unknown: string } {
  const { cluster } = plan;
  const { move } = spec;
  const base = { fault: spec.name, cluster, afterMs: spec.afterMs };
  switch (move?.kind) {
    case 'nothing':
      return { ...base, kind: 'nothing' };
    case 'rollout': {
      const { namespace, workload, container } = move;
      if (workload.kind !== 'Deployment')
        return { unknown: 'the model knows how a Deployment rolls out, and no other workload' };
      const { name } = workload;
      const objects = system.clusters.find((one) => one.name === cluster)?.deployments ?? [];
      const object = objects.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
      if (object === undefined) return { unknown: `Deployment ${namespace}/${name} could not be read` };
      return { ...base, kind: 'rollout', namespace, workload: name, rollout: rolloutOf(object, container) };
    }
    case 'gateways-removed':
      return { ...base, kind: 'removal', victims: victimsOf(plan) };
    case 'kill': {
      const victims = victimsOf(plan);
      return { ...base, kind: 'kill', victims, everyMs: move.everyMs, forced: move.forced };
    }
    default:
      return { unknown: `the model does not know what ${spec.kind} (fault ${spec.name}) does to connections` };
  }
}

function victimsOf({ affected }: PlannedFault['plan']): string[] {
  return affected.map(({ namespace, pod }) => `${namespace}/${pod}`);
}

type DeploymentSpec = {
  replicas?: number;
  strategy?: { type?: string; rollingUpdate?: { maxSurge?: number | string; maxUnavailable?: number | string } };
  template?: { spec?: { containers?: { name: string; readinessProbe?: unknown }[] } };
};

/** A replaced container does not listen: with a readiness probe of its own it is never ready. */
function rolloutOf(deployment: KubeObject, container: string | undefined): RolloutPlan {
  const { replicas = 1, strategy = {}, template } = (deployment.spec ?? {}) as unknown as DeploymentSpec;
  const containers = template?.spec?.containers ?? [];
  const swapped = containers.find(({ name }) => name === container) ?? containers[0];
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
