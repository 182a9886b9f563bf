import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { asMap, asObject, mapOf, numberOf, sameJson } from '../api/json.ts';
import type { ControllerContext } from './controller.ts';
import {
  availableOf,
  byAge,
  componentOf,
  DESIRED_REPLICAS,
  isRecreate,
  MAX_REPLICAS,
  replicasOf,
  rollingLimits,
  statusCount,
  sumOf,
} from './deployment-model.ts';
import { sizeAnnotations } from './deployment-revision.ts';

/** Sets the size of a ReplicaSet and notes for which size of the deployment. True when the size changed. */
export function scaleSet(
  set: KubeObject,
  replicas: number,
  deployment: KubeObject,
  context: ControllerContext,
): boolean {
  const { store, events } = context;
  const { namespace = '', name = '' } = set.metadata;
  const current = store.get({ ...KINDS.replicaSet, namespace, name });
  if (current === undefined) return false;
  const annotations = { ...current.metadata.annotations, ...sizeAnnotations(deployment) };
  const before = replicasOf(current);
  if (before === replicas && sameJson(annotations, current.metadata.annotations)) return false;
  const map = asMap(current);
  store.update(
    asObject({ ...map, metadata: { ...current.metadata, annotations }, spec: { ...mapOf(map.spec), replicas } }),
  );
  if (before === replicas) return false;
  const way = before < replicas ? 'up' : 'down';
  const message = `Scaled ${way} replica set ${name} from ${before} to ${replicas}`;
  events.record(deployment, {
    type: 'Normal',
    reason: 'ScalingReplicaSet',
    message,
    component: componentOf(deployment),
  });
  return true;
}

/** The deployment was scaled since its sets were sized (deployment/sync.go isScalingEvent). */
export function isScalingEvent(deployment: KubeObject, sets: readonly KubeObject[]): boolean {
  return sets
    .filter((set) => replicasOf(set) > 0)
    .some((set) => {
      const noted = set.metadata.annotations?.[DESIRED_REPLICAS];
      return noted !== undefined && Number(noted) !== replicasOf(deployment);
    });
}

/**
 * Gives the sets their sizes without rolling: all to the one active set, or, in the middle of a rolling update, in
 * proportion to what each has (deployment/sync.go scale).
 */
export function scaleDeployment(
  deployment: KubeObject,
  newSet: KubeObject | undefined,
  old: readonly KubeObject[],
  context: ControllerContext,
): void {
  const all = [...old, ...(newSet === undefined ? [] : [newSet])];
  const active = all.filter((set) => replicasOf(set) > 0);
  const wanted = replicasOf(deployment);
  if (active.length <= 1) {
    const only = active[0] ?? newSet ?? [...old].sort(byAge).at(-1);
    if (only !== undefined) scaleSet(only, wanted, deployment, context);
    return;
  }
  if (newSet !== undefined && isSaturated(deployment, newSet)) {
    for (const set of old) scaleSet(set, 0, deployment, context);
    return;
  }
  if (!isRecreate(deployment)) scaleInProportion(deployment, active, context);
}

function isSaturated(deployment: KubeObject, set: KubeObject): boolean {
  const wanted = replicasOf(deployment);
  const noted = Number(set.metadata.annotations?.[DESIRED_REPLICAS]);
  return replicasOf(set) === wanted && noted === wanted && availableOf(set) === wanted;
}

function scaleInProportion(deployment: KubeObject, active: readonly KubeObject[], context: ControllerContext): void {
  const wanted = replicasOf(deployment);
  const allowed = wanted > 0 ? wanted + rollingLimits(deployment).maxSurge : 0;
  const missing = allowed - sumOf(active, replicasOf);
  const sorted = [...active].sort((a, b) => replicasOf(b) - replicasOf(a) || (missing > 0 ? byAge(b, a) : byAge(a, b)));
  let added = 0;
  const sizes = sorted.map((set) => {
    const part = missing === 0 ? 0 : proportion(set, deployment, missing, missing - added);
    added += part;
    return replicasOf(set) + part;
  });
  sizes[0] = Math.max(0, (sizes[0] ?? 0) + missing - added);
  for (const [index, set] of sorted.entries()) scaleSet(set, sizes[index] ?? 0, deployment, context);
}

/** The share of a set in a change of size (deployment/util GetReplicaSetProportion). */
function proportion(set: KubeObject, deployment: KubeObject, missing: number, left: number): number {
  const size = replicasOf(set);
  if (replicasOf(deployment) === 0) return missing > 0 ? Math.min(-size, left) : Math.max(-size, left);
  const max = replicasOf(deployment) + rollingLimits(deployment).maxSurge;
  const before =
    numberOf(Number(set.metadata.annotations?.[MAX_REPLICAS])) || statusCount(deployment, 'replicas') || max;
  const part = Math.round((size * max) / before) - size;
  return missing > 0 ? Math.min(part, left) : Math.max(part, left);
}
