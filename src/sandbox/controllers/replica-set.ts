import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { isSelected, type LabelSelector } from '../../model/label-selector.ts';
import { hasLabels } from '../../model/labels.ts';
import { asMap, asObject, at, clone, type JsonMap, mapOf, numberOf } from '../api/json.ts';
import { type Controller, type ControllerContext, keyOf, splitKey } from './controller.ts';
import { controllerOf, controllerReference, isControlledBy } from './owners.ts';
import { deletionOrder, isActive, isAvailable, isReady, readySince } from './pods.ts';

const COMPONENT = 'replicaset-controller';

/** Keeps as many pods as a ReplicaSet asks for; a pod that is being deleted is replaced at once. */
export function replicaSetController(context: ControllerContext): Controller {
  const { store, clock } = context;
  return {
    name: COMPONENT,
    keys({ object }) {
      if (object.kind === KINDS.replicaSet.kind) return [keyOf(object.metadata.namespace, object.metadata.name)];
      if (object.kind !== KINDS.pod.kind) return [];
      const owner = controllerOf(object);
      if (owner?.kind === KINDS.replicaSet.kind) return [keyOf(object.metadata.namespace, owner.name)];
      if (owner !== undefined) return [];
      const sets = store.list(KINDS.replicaSet, object.metadata.namespace).filter((set) => selects(set, object));
      return sets.map((set) => keyOf(set.metadata.namespace, set.metadata.name));
    },
    reconcile(key) {
      const set = store.get({ ...KINDS.replicaSet, ...splitKey(key) });
      if (set === undefined) return undefined;
      const active = claimPods(set, context).filter(isActive);
      if (set.metadata.deletionTimestamp === undefined) scalePods(set, active, context);
      const minReady = numberOf(at(set, 'spec', 'minReadySeconds'));
      writeStatus(set, claimPods(set, context).filter(isActive), context);
      return nextAvailability(active, minReady, clock.wall());
    },
  };
}

function selects(set: KubeObject, pod: KubeObject): boolean {
  return isSelected(at(set, 'spec', 'selector') as LabelSelector | undefined, pod.metadata.labels);
}

/** Adopts pods that match and belong to nobody, releases own pods that no longer match (controller_ref_manager.go). */
function claimPods(set: KubeObject, { store }: ControllerContext): KubeObject[] {
  const going = set.metadata.deletionTimestamp !== undefined;
  return store.list(KINDS.pod, set.metadata.namespace).flatMap((pod) => {
    const own = isControlledBy(pod, set);
    const matches = selects(set, pod);
    if (own && matches) return [pod];
    if (own && !going)
      store.update(
        withOwners(
          pod,
          (pod.metadata.ownerReferences ?? []).filter((one) => one.uid !== set.metadata.uid),
        ),
      );
    const free = !own && matches && controllerOf(pod) === undefined && isActive(pod);
    if (!free || going) return [];
    return [
      store.update(
        withOwners(pod, [...(pod.metadata.ownerReferences ?? []), controllerReference(set, KINDS.replicaSet)]),
      ),
    ];
  });
}

function withOwners(
  pod: KubeObject,
  ownerReferences: NonNullable<KubeObject['metadata']['ownerReferences']>,
): KubeObject {
  return { ...pod, metadata: { ...pod.metadata, ownerReferences } };
}

function scalePods(set: KubeObject, active: readonly KubeObject[], { store, events }: ControllerContext): void {
  const wanted = numberOf(at(set, 'spec', 'replicas'), 1);
  for (let count = active.length; count < wanted; count += 1) {
    const pod = store.create(podOf(set));
    const message = `Created pod: ${pod.metadata.name}`;
    events.record(set, { type: 'Normal', reason: 'SuccessfulCreate', message, component: COMPONENT });
  }
  for (const { metadata } of deletionOrder(active).slice(0, Math.max(0, active.length - wanted))) {
    const { name = '', namespace = '', uid = '' } = metadata;
    store.delete({ ...KINDS.pod, namespace, name }, { uid });
    const message = `Deleted pod: ${name}`;
    events.record(set, { type: 'Normal', reason: 'SuccessfulDelete', message, component: COMPONENT });
  }
}

function podOf(set: KubeObject): KubeObject {
  const template = mapOf(at(set, 'spec', 'template'));
  const { labels, annotations, finalizers } = mapOf(template.metadata);
  const metadata: JsonMap = {
    generateName: `${set.metadata.name}-`,
    namespace: set.metadata.namespace ?? '',
    ...(labels === undefined ? {} : { labels: clone(labels) }),
    ...(annotations === undefined ? {} : { annotations: clone(annotations) }),
    ...(finalizers === undefined ? {} : { finalizers: clone(finalizers) }),
    ownerReferences: [controllerReference(set, KINDS.replicaSet)],
  };
  return asObject({ ...KINDS.pod, metadata, spec: clone(mapOf(template.spec)) });
}

function writeStatus(set: KubeObject, active: readonly KubeObject[], { store, clock }: ControllerContext): void {
  const templateLabels = mapOf(at(set, 'spec', 'template', 'metadata', 'labels'));
  const minReady = numberOf(at(set, 'spec', 'minReadySeconds'));
  const count = (test: (pod: KubeObject) => boolean): number => active.filter(test).length;
  const optional = {
    fullyLabeledReplicas: count(({ metadata }) => hasLabels(metadata.labels, templateLabels)),
    readyReplicas: count(isReady),
    availableReplicas: count((pod) => isAvailable(pod, minReady, clock.wall())),
  };
  const status: JsonMap = { replicas: active.length, observedGeneration: set.metadata.generation ?? 1 };
  for (const [field, value] of Object.entries(optional)) if (value > 0) status[field] = value;
  store.update(asObject({ ...asMap(set), metadata: withoutVersion(set), status }), { subresource: 'status' });
}

/** The set may have been changed in this very turn; its status is written whatever the version. */
function withoutVersion(set: KubeObject): JsonMap {
  const { resourceVersion: _, ...metadata } = asMap(set).metadata as JsonMap;
  return metadata;
}

/** Milliseconds until the next ready pod becomes available. */
function nextAvailability(pods: readonly KubeObject[], minReadySeconds: number, now: Date): number | undefined {
  if (minReadySeconds === 0) return undefined;
  const waits = pods
    .map((pod) => (readySince(pod) ?? Number.NaN) + minReadySeconds * 1000 - now.getTime())
    .filter((wait) => wait > 0);
  return waits.length === 0 ? undefined : Math.min(...waits);
}
