import type { KubeObject } from '../model/kubernetes.ts';
import type { NewPods, RolloutPlan } from './rollout.ts';

/** Why nobody can say how something goes on. */
type Unknown = { readonly unknown: string };
type Limit = number | string;
type Limits = { maxSurge?: Limit; maxUnavailable?: Limit; partition?: number };
type Spec = {
  replicas?: number;
  minReadySeconds?: number;
  ordinals?: { start?: number };
  strategy?: { type?: string; rollingUpdate?: Limits; canary?: Limits & { steps?: unknown[] }; blueGreen?: unknown };
  updateStrategy?: { rollingUpdate?: Limits };
  template?: { spec?: { containers?: { name: string; readinessProbe?: unknown; startupProbe?: unknown }[] } };
};

/** What Kubernetes and Argo Rollouts take where a rolling update says nothing. */
const QUARTER = '25%';

/** How a workload replaces its pods when the image of a container is swapped for one that does not listen. */
export function rolloutOf(workload: KubeObject, container: string | undefined): RolloutPlan | Unknown {
  const spec = (workload.spec ?? {}) as unknown as Spec;
  const { strategy = {}, updateStrategy = {} } = spec;
  const own = updateStrategy.rollingUpdate ?? {};
  switch (workload.kind) {
    case 'StatefulSet':
      return own.maxUnavailable === undefined || own.maxUnavailable === 1
        ? { ...newPods(spec, container), kind: 'in-place', atOnce: 1, from: firstOrdinal(spec) }
        : { unknown: 'maxUnavailable of a StatefulSet holds where a feature gate says so, which nobody tells' };
    case 'DaemonSet':
      return daemonsOf(spec, own, container);
    case 'Rollout':
      return canaryOf(spec, container);
    default: {
      const recreate = strategy.type === 'Recreate';
      const limits = recreate ? { maxSurge: 0, maxUnavailable: '100%' } : strategy.rollingUpdate;
      return surging(spec, limits ?? {}, container);
    }
  }
}

function daemonsOf(spec: Spec, { maxSurge = 0, maxUnavailable = 1 }: Limits, container: string | undefined) {
  if (maxSurge !== 0 && maxSurge !== '0%') return { unknown: 'maxSurge of a DaemonSet is not played' };
  if (typeof maxUnavailable === 'string')
    return { unknown: 'how many pods a share of a DaemonSet’s nodes is, is not known' };
  return { ...newPods(spec, container), kind: 'in-place', atOnce: Math.max(1, maxUnavailable) } as const;
}

function canaryOf(spec: Spec, container: string | undefined): RolloutPlan | Unknown {
  const { canary = {}, blueGreen } = spec.strategy ?? {};
  if (blueGreen !== undefined) return { unknown: 'the blue-green strategy of a Rollout is not played' };
  if ((canary.steps ?? []).length > 0) return { unknown: 'the steps of a Rollout are not played' };
  return surging(spec, canary, container);
}

function surging(spec: Spec, limits: Limits, container: string | undefined): RolloutPlan {
  const { replicas = 1 } = spec;
  const surge = podsOf(limits.maxSurge ?? QUARTER, replicas, Math.ceil);
  const gone = podsOf(limits.maxUnavailable ?? QUARTER, replicas, Math.floor);
  const unavailable = surge === 0 ? Math.max(1, gone) : gone;
  return { ...newPods(spec, container), kind: 'surging', replicas, surge, unavailable };
}

/** A replaced container does not listen: with a readiness or startup probe of its own it is never ready. */
function newPods({ template, minReadySeconds = 0 }: Spec, container: string | undefined): NewPods {
  const containers = template?.spec?.containers ?? [];
  const swapped = containers.find(({ name }) => name === container) ?? containers[0];
  const probe = swapped?.readinessProbe ?? swapped?.startupProbe;
  return { dead: true, becomesReady: probe === undefined, minReadyMs: 1000 * minReadySeconds };
}

/** The lowest ordinal that a StatefulSet updates. */
function firstOrdinal({ updateStrategy, ordinals }: Spec): number {
  return (updateStrategy?.rollingUpdate?.partition ?? 0) + (ordinals?.start ?? 0);
}

function podsOf(value: Limit, replicas: number, round: (value: number) => number): number {
  return typeof value === 'number' ? value : round((Number.parseFloat(value) / 100) * replicas);
}
