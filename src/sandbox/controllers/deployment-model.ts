import { KINDS, type KubeKind, type KubeObject } from '../../model/kubernetes.ts';
import { at, type JsonMap, mapOf, numberOf, sameJson, stringOf } from '../api/json.ts';

/** The label with the template hash, of ReplicaSets and their pods. Argo Rollouts, which are rolled as Deployments are, have another. */
const HASH_LABELS = { Deployment: 'pod-template-hash', Rollout: 'rollouts-pod-template-hash' } as const;
export const REVISION = 'deployment.kubernetes.io/revision';
export const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
export const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas';
export const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas';

const isRollout = ({ kind }: KubeObject) => kind === KINDS.rollout.kind;

/** The kind of a maker of ReplicaSets. */
export function kindOf(maker: KubeObject): KubeKind {
  return isRollout(maker) ? KINDS.rollout : KINDS.deployment;
}

export function hashLabelOf(maker: KubeObject): string {
  return isRollout(maker) ? HASH_LABELS.Rollout : HASH_LABELS.Deployment;
}

/** Who tells of it in events. */
export function componentOf(maker: KubeObject): string {
  return isRollout(maker) ? 'rollouts-controller' : 'deployment-controller';
}

export function replicasOf(object: KubeObject): number {
  return numberOf(at(object, 'spec', 'replicas'));
}

export function availableOf(set: KubeObject): number {
  return numberOf(at(set, 'status', 'availableReplicas'));
}

export function statusCount(object: KubeObject, field: string): number {
  return numberOf(at(object, 'status', field));
}

export function sumOf(sets: readonly KubeObject[], value: (set: KubeObject) => number): number {
  return sets.reduce((sum, set) => sum + value(set), 0);
}

export function revisionOf(object: KubeObject): number {
  return Number(object.metadata.annotations?.[REVISION] ?? 0);
}

/** A number, or a percentage of the replicas rounded up or down (util/intstr GetScaledValueFromIntOrPercent). */
function scaled(value: unknown, replicas: number, round: (value: number) => number): number {
  if (typeof value === 'number') return value;
  return round((Number.parseFloat(stringOf(value, '0%')) * replicas) / 100);
}

/** How far a rolling update may go over and under the wanted number; both zero would never move, so one may be missing. */
export function rollingLimits(deployment: KubeObject): { maxSurge: number; maxUnavailable: number } {
  const replicas = replicasOf(deployment);
  if (at(deployment, 'spec', 'strategy', 'type') === 'Recreate') return { maxSurge: 0, maxUnavailable: 0 };
  const rolling = mapOf(at(deployment, 'spec', 'strategy', 'rollingUpdate'));
  const maxSurge = scaled(rolling.maxSurge, replicas, Math.ceil);
  const maxUnavailable = scaled(rolling.maxUnavailable, replicas, Math.floor);
  if (maxSurge === 0 && maxUnavailable === 0) return { maxSurge, maxUnavailable: 1 };
  return { maxSurge, maxUnavailable: Math.min(maxUnavailable, replicas) };
}

export function isRecreate(deployment: KubeObject): boolean {
  return at(deployment, 'spec', 'strategy', 'type') === 'Recreate';
}

/** Older sets first. */
export function byAge(a: KubeObject, b: KubeObject): number {
  const [left = '', right = ''] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp];
  if (left !== right) return left < right ? -1 : 1;
  return revisionOf(a) - revisionOf(b) || ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1);
}

/** A pod template without the hash that its controller adds to it. */
function bareTemplate(object: KubeObject): JsonMap {
  const template = mapOf(at(object, 'spec', 'template'));
  const metadata = mapOf(template.metadata);
  const { [HASH_LABELS.Deployment]: _, [HASH_LABELS.Rollout]: __, ...labels } = mapOf(metadata.labels);
  return { ...template, metadata: { ...metadata, labels } };
}

/** The oldest set with the template of the deployment (deployment/util FindNewReplicaSet). */
export function findNewSet(deployment: KubeObject, sets: readonly KubeObject[]): KubeObject | undefined {
  const template = bareTemplate(deployment);
  return [...sets].sort(byAge).find((set) => sameJson(bareTemplate(set), template));
}
