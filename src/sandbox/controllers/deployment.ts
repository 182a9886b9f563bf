import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { isSelected, type LabelSelector } from '../../model/label-selector.ts';
import { isEnded } from '../../model/pod-object.ts';
import { at, numberOf } from '../api/json.ts';
import { type Controller, type ControllerContext, keyOf, splitKey } from './controller.ts';
import { findNewSet, isRecreate, replicasOf, revisionOf, statusCount } from './deployment-model.ts';
import { syncNewSet } from './deployment-revision.ts';
import { rollOn } from './deployment-rolling.ts';
import { isScalingEvent, scaleDeployment, scaleSet } from './deployment-scale.ts';
import { writeDeploymentStatus } from './deployment-status.ts';
import { controllerOf, controllerReference, isControlledBy } from './owners.ts';

/** Turns Deployments into ReplicaSets, and changes of their template into rollouts (pkg/controller/deployment). */
export function deploymentController(context: ControllerContext): Controller {
  const { store } = context;
  return {
    name: 'deployment-controller',
    keys({ type, object }) {
      const { namespace } = object.metadata;
      if (object.kind === KINDS.deployment.kind) return [keyOf(namespace, object.metadata.name)];
      const owner = controllerOf(object);
      if (object.kind === KINDS.replicaSet.kind) {
        return owner?.kind === KINDS.deployment.kind ? [keyOf(namespace, owner.name)] : [];
      }
      if (object.kind !== KINDS.pod.kind || type !== 'DELETED' || owner === undefined) return [];
      const set = store.get({ ...KINDS.replicaSet, namespace: namespace ?? '', name: owner.name });
      const parent = set === undefined ? undefined : controllerOf(set);
      return parent === undefined ? [] : [keyOf(namespace, parent.name)];
    },
    reconcile(key) {
      const deployment = store.get({ ...KINDS.deployment, ...splitKey(key) });
      return deployment === undefined ? undefined : sync(deployment, context);
    },
  };
}

function sync(deployment: KubeObject, context: ControllerContext): number | undefined {
  const sets = claimSets(deployment, context);
  if (deployment.metadata.deletionTimestamp === undefined) {
    if (at(deployment, 'spec', 'paused') === true || isScalingEvent(deployment, sets)) {
      const newSet = syncNewSet(deployment, sets, false, context);
      scaleDeployment(deployment, newSet, others(sets, newSet), context);
    } else if (isRecreate(deployment)) {
      recreate(deployment, sets, context);
    } else {
      const newSet = syncNewSet(deployment, sets, true, context);
      if (newSet !== undefined) rollOn(deployment, newSet, others(sets, newSet), context);
    }
  }
  const all = ownSets(deployment, context);
  const newSet = findNewSet(deployment, all);
  if (newSet !== undefined && isRolledOut(deployment, newSet, all))
    dropHistory(deployment, others(all, newSet), context);
  return writeDeploymentStatus(deployment, { newSet, all }, context);
}

function others(sets: readonly KubeObject[], newSet: KubeObject | undefined): KubeObject[] {
  return sets.filter((set) => set.metadata.uid !== newSet?.metadata.uid);
}

function ownSets(deployment: KubeObject, { store }: ControllerContext): KubeObject[] {
  return store.list(KINDS.replicaSet, deployment.metadata.namespace).filter((set) => isControlledBy(set, deployment));
}

/** Adopts ReplicaSets that match and belong to nobody, such as those of a deployment deleted with `--cascade=orphan`. */
function claimSets(deployment: KubeObject, context: ControllerContext): KubeObject[] {
  const { store } = context;
  const selector = at(deployment, 'spec', 'selector') as LabelSelector | undefined;
  for (const set of store.list(KINDS.replicaSet, deployment.metadata.namespace)) {
    const free = controllerOf(set) === undefined && set.metadata.deletionTimestamp === undefined;
    if (!free || deployment.metadata.deletionTimestamp !== undefined) continue;
    if (!isSelected(selector, set.metadata.labels)) continue;
    const ownerReferences = [
      ...(set.metadata.ownerReferences ?? []),
      controllerReference(deployment, KINDS.deployment),
    ];
    store.update({ ...set, metadata: { ...set.metadata, ownerReferences } });
  }
  return ownSets(deployment, context);
}

/** All old pods go before the first new one comes (deployment/recreate.go). */
function recreate(deployment: KubeObject, sets: readonly KubeObject[], context: ControllerContext): void {
  const old = others(sets, findNewSet(deployment, sets));
  const shrunk = old.filter((set) => replicasOf(set) > 0).map((set) => scaleSet(set, 0, deployment, context));
  if (shrunk.some(Boolean) || old.some((set) => hasPods(set, context))) return;
  const newSet = syncNewSet(deployment, sets, true, context);
  if (newSet !== undefined) scaleSet(newSet, replicasOf(deployment), deployment, context);
}

function hasPods(set: KubeObject, { store }: ControllerContext): boolean {
  return store.list(KINDS.pod, set.metadata.namespace).some((pod) => isControlledBy(pod, set) && !isEnded(pod));
}

function isRolledOut(deployment: KubeObject, newSet: KubeObject, all: readonly KubeObject[]): boolean {
  const wanted = replicasOf(deployment);
  return (
    statusCount(newSet, 'availableReplicas') === wanted &&
    others(all, newSet).every((set) => statusCount(set, 'replicas') === 0)
  );
}

/** Forgets the oldest empty ReplicaSets beyond `revisionHistoryLimit`. */
function dropHistory(deployment: KubeObject, old: readonly KubeObject[], { store }: ControllerContext): void {
  const empty = old.filter((set) => replicasOf(set) === 0 && set.metadata.deletionTimestamp === undefined);
  const limit = numberOf(at(deployment, 'spec', 'revisionHistoryLimit'), 10);
  const surplus = [...empty].sort((a, b) => revisionOf(a) - revisionOf(b)).slice(0, Math.max(0, empty.length - limit));
  for (const { metadata } of surplus) {
    store.delete({ ...KINDS.replicaSet, namespace: metadata.namespace ?? '', name: metadata.name ?? '' });
  }
}
