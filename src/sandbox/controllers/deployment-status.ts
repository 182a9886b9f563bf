import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { timestamp } from '../api/identity.ts';
import { asMap, asObject, at, type JsonMap, mapsOf, numberOf, stringOf } from '../api/json.ts';
import type { ControllerContext } from './controller.ts';
import { availableOf, replicasOf, rollingLimits, statusCount, sumOf } from './deployment-model.ts';

/** The value Kubernetes takes for "no deadline". */
const NO_DEADLINE = 2 ** 31 - 1;

type Sets = { readonly newSet: KubeObject | undefined; readonly all: readonly KubeObject[] };
type Condition = { readonly type: string; readonly status: string; readonly reason: string; readonly message: string };
type Counts = { readonly [field: string]: number };

/** Writes counts and conditions (deployment/progress.go). Returns the milliseconds until the progress deadline, where it runs. */
export function writeDeploymentStatus(
  deployment: KubeObject,
  sets: Sets,
  context: ControllerContext,
): number | undefined {
  const { store, clock } = context;
  const { namespace = '', name = '' } = deployment.metadata;
  const current = store.get({ ...KINDS.deployment, namespace, name });
  if (current === undefined) return undefined;
  const counts = countsOf(deployment, sets);
  const time = timestamp(clock);
  let conditions = mapsOf(at(current, 'status', 'conditions'));
  conditions = withCondition(conditions, availability(deployment, counts), time);
  const progress = progressOf(current, sets.newSet, counts, clock.wall());
  if (progress !== undefined) conditions = withCondition(conditions, progress.condition, time, progress.moved);
  const status: JsonMap = { observedGeneration: deployment.metadata.generation ?? 1, conditions };
  for (const [field, value] of Object.entries(counts)) if (value > 0) status[field] = value;
  const stored = store.update(asObject({ ...asMap(current), status }), { subresource: 'status' });
  return untilDeadline(stored, clock.wall());
}

function countsOf(deployment: KubeObject, { newSet, all }: Sets): Counts {
  const available = sumOf(all, availableOf);
  return {
    replicas: sumOf(all, (set) => statusCount(set, 'replicas')),
    updatedReplicas: newSet === undefined ? 0 : statusCount(newSet, 'replicas'),
    readyReplicas: sumOf(all, (set) => statusCount(set, 'readyReplicas')),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, sumOf(all, replicasOf) - available),
    collisionCount: numberOf(at(deployment, 'status', 'collisionCount')),
  };
}

function availability(deployment: KubeObject, counts: Counts): Condition {
  const enough = (counts.availableReplicas ?? 0) >= replicasOf(deployment) - rollingLimits(deployment).maxUnavailable;
  return enough
    ? {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      };
}

function deadlineOf(deployment: KubeObject): number {
  return numberOf(at(deployment, 'spec', 'progressDeadlineSeconds'), NO_DEADLINE);
}

function conditionOf(object: KubeObject, type: string): JsonMap | undefined {
  return mapsOf(at(object, 'status', 'conditions')).find((one) => one.type === type);
}

type Progress = { readonly condition: Condition; readonly moved: boolean };

function progressing(status: 'True' | 'False' | 'Unknown', reason: string, message: string, moved = false): Progress {
  return { condition: { type: 'Progressing', status, reason, message }, moved };
}

function progressOf(
  current: KubeObject,
  newSet: KubeObject | undefined,
  counts: Counts,
  now: Date,
): Progress | undefined {
  if (deadlineOf(current) === NO_DEADLINE) return undefined;
  const before = conditionOf(current, 'Progressing');
  const paused = at(current, 'spec', 'paused') === true;
  if (paused) return progressing('Unknown', 'DeploymentPaused', 'Deployment is paused');
  if (before?.reason === 'DeploymentPaused')
    return progressing('Unknown', 'DeploymentResumed', 'Deployment is resumed', true);
  const what = newSet === undefined ? `Deployment "${current.metadata.name}"` : `ReplicaSet "${newSet.metadata.name}"`;
  const settled = counts.replicas === counts.updatedReplicas && before?.reason === 'NewReplicaSetAvailable';
  if (isComplete(current, counts))
    return settled ? undefined : progressing('True', 'NewReplicaSetAvailable', `${what} has successfully progressed.`);
  if (before === undefined)
    return progressing('True', 'NewReplicaSetCreated', `Created new replica set "${newSet?.metadata.name ?? ''}"`);
  if (settled) return undefined;
  if (hasMoved(current, counts)) return progressing('True', 'ReplicaSetUpdated', `${what} is progressing.`, true);
  return hasTimedOut(current, before, now)
    ? progressing('False', 'ProgressDeadlineExceeded', `${what} has timed out progressing.`)
    : undefined;
}

function isComplete(deployment: KubeObject, counts: Counts): boolean {
  const wanted = replicasOf(deployment);
  return counts.updatedReplicas === wanted && counts.replicas === wanted && counts.availableReplicas === wanted;
}

/** More new, ready or available pods than before, or fewer old ones. */
function hasMoved(current: KubeObject, counts: Counts): boolean {
  const before = (field: string): number => statusCount(current, field);
  const after = (field: string): number => counts[field] ?? 0;
  const oldAfter = after('replicas') - after('updatedReplicas');
  const oldBefore = before('replicas') - before('updatedReplicas');
  return (
    oldAfter < oldBefore ||
    ['updatedReplicas', 'readyReplicas', 'availableReplicas'].some((field) => after(field) > before(field))
  );
}

function hasTimedOut(deployment: KubeObject, progress: JsonMap, now: Date): boolean {
  if (progress.reason === 'ProgressDeadlineExceeded') return true;
  const from = Date.parse(stringOf(progress.lastUpdateTime));
  return progress.reason !== 'NewReplicaSetAvailable' && from + deadlineOf(deployment) * 1000 <= now.getTime();
}

function untilDeadline(deployment: KubeObject, now: Date): number | undefined {
  const progress = conditionOf(deployment, 'Progressing');
  const running = progress?.status === 'True' && progress.reason !== 'NewReplicaSetAvailable';
  if (!running || deadlineOf(deployment) === NO_DEADLINE) return undefined;
  const due = Date.parse(stringOf(progress.lastUpdateTime)) + deadlineOf(deployment) * 1000;
  return Math.max(0, due - now.getTime()) + 1;
}

/** Sets a condition; the time of transition moves only with the status, and nothing moves when nothing changed. */
function withCondition(conditions: readonly JsonMap[], next: Condition, time: string, moved = false): JsonMap[] {
  const before = conditions.find((one) => one.type === next.type);
  if (before?.status === next.status && before.reason === next.reason && !moved) return [...conditions];
  const lastTransitionTime = before?.status === next.status ? (before.lastTransitionTime ?? time) : time;
  return [...conditions.filter((one) => one !== before), { ...next, lastUpdateTime: time, lastTransitionTime }];
}
