import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { applyDefaults } from '../api/defaults.ts';
import { asMap, asObject, at, clone, type JsonMap, mapOf, stringOf } from '../api/json.ts';
import { printSelector } from '../api/table/column.ts';
import { type Controller, type ControllerContext, keyOf, splitKey } from './controller.ts';
import { availableOf, findNewSet, hashLabelOf, replicasOf, statusCount, sumOf } from './deployment-model.ts';
import { syncNewSet } from './deployment-revision.ts';
import { rollOn } from './deployment-rolling.ts';
import { isScalingEvent, scaleDeployment } from './deployment-scale.ts';
import { writeOwnStatus } from './own-pods.ts';
import { controllerOf, isControlledBy } from './owners.ts';

const KIND = KINDS.rollout;
/** Of a canary that says nothing (argo-rollouts utils/defaults). */
const LIMITS = { maxSurge: '25%', maxUnavailable: '25%' };

/**
 * Turns Argo Rollouts into ReplicaSets, and changes of their template into rolling updates, which is what a canary without
 * steps is (argo-rollouts rollout/canary.go). Steps, analysis and blue-green are not acted on, and whoever sets them is told.
 */
export function rolloutController(context: ControllerContext): Controller {
  const { store } = context;
  return {
    name: 'rollouts-controller',
    keys({ object }) {
      const { namespace, name } = object.metadata;
      if (object.kind === KIND.kind) return [keyOf(namespace, name)];
      const owner = object.kind === KINDS.replicaSet.kind ? controllerOf(object) : undefined;
      return owner?.kind === KIND.kind ? [keyOf(namespace, owner.name)] : [];
    },
    reconcile(key) {
      const rollout = store.get({ ...KIND, ...splitKey(key) });
      // One of another workload's template has none of its own: nothing here follows workloadRef.
      if (rollout === undefined || at(rollout, 'spec', 'template') === undefined) return undefined;
      if (rollout.metadata.deletionTimestamp === undefined) step(rollout, context);
      writeStatus(rollout, context);
      return undefined;
    },
  };
}

/**
 * A Rollout as the Deployment that does the same: with the limits of its canary, and with what it leaves open filled in, as
 * its ReplicaSets have it by the API server (the controller of Argo compares templates with defaults, too).
 */
function asDeployment(rollout: KubeObject): KubeObject {
  const spec = clone(mapOf(asMap(rollout).spec));
  const { maxSurge, maxUnavailable } = { ...LIMITS, ...mapOf(at(spec, 'strategy', 'canary')) };
  applyDefaults({ kind: KINDS.replicaSet.kind, spec }, { random: () => 0, services: () => [] });
  const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } };
  return asObject({ ...asMap(rollout), spec: { ...spec, strategy } });
}

function ownSets(rollout: KubeObject, { store }: ControllerContext): KubeObject[] {
  return store.list(KINDS.replicaSet, rollout.metadata.namespace).filter((set) => isControlledBy(set, rollout));
}

function step(rollout: KubeObject, context: ControllerContext): void {
  const wanted = asDeployment(rollout);
  const sets = ownSets(rollout, context);
  const others = (newSet: KubeObject | undefined) => sets.filter((set) => set.metadata.uid !== newSet?.metadata.uid);
  if (at(rollout, 'spec', 'paused') === true || isScalingEvent(wanted, sets)) {
    const newSet = syncNewSet(wanted, sets, false, context);
    scaleDeployment(wanted, newSet, others(newSet), context);
    return;
  }
  const newSet = syncNewSet(wanted, sets, true, context);
  if (newSet !== undefined) rollOn(wanted, newSet, others(newSet), context);
}

function writeStatus(seen: KubeObject, context: ControllerContext): void {
  const { namespace = '', name = '' } = seen.metadata;
  const rollout = context.store.get({ ...KIND, namespace, name });
  if (rollout === undefined) return;
  const wanted = asDeployment(seen);
  const all = ownSets(rollout, context);
  const newSet = findNewSet(wanted, all);
  const replicas = sumOf(all, (set) => statusCount(set, 'replicas'));
  const updatedReplicas = newSet === undefined ? 0 : statusCount(newSet, 'replicas');
  const availableReplicas = sumOf(all, availableOf);
  const isHealthy = [replicas, updatedReplicas, availableReplicas].every((count) => count === replicasOf(wanted));
  const currentPodHash = newSet?.metadata.labels?.[hashLabelOf(wanted)] ?? '';
  const isPaused = at(seen, 'spec', 'paused') === true;
  const status: JsonMap = {
    // As text (argo-rollouts, RolloutStatus).
    observedGeneration: String(seen.metadata.generation ?? 1),
    phase: isPaused ? 'Paused' : isHealthy ? 'Healthy' : 'Progressing',
    ...{ replicas, updatedReplicas, availableReplicas, HPAReplicas: replicas },
    readyReplicas: sumOf(all, (set) => statusCount(set, 'readyReplicas')),
    ...{ currentPodHash, stableRS: isHealthy ? currentPodHash : stringOf(at(rollout, 'status', 'stableRS')) },
    selector: printSelector(at(rollout, 'spec', 'selector')),
    ...{ blueGreen: {}, canary: {} },
  };
  writeOwnStatus(rollout, status, context);
}
