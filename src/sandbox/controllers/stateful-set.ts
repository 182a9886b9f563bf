import { isServing } from '../../model/conditions.ts';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { isEnded } from '../../model/pod-object.ts';
import { at, clone, type JsonMap, mapOf, numberOf, stringOf } from '../api/json.ts';
import { type Controller, type ControllerContext, splitKey } from './controller.ts';
import { createPod, deletePod, ownKeys, podsOf, REVISION_LABEL, templateHash, writeOwnStatus } from './own-pods.ts';

const KIND = KINDS.statefulSet;

/** Revisions of a StatefulSet: the one that is being left, and the one of its template now. */
type Revisions = { readonly current: string; readonly update: string };

/**
 * Keeps the pods of StatefulSets, each by its ordinal: made from the lowest on, updated from the highest on, one at a time,
 * and never beyond one that is not ready (pkg/controller/statefulset/stateful_set_control.go).
 */
export function statefulSetController(context: ControllerContext): Controller {
  /** Templates by revision, which an API server keeps as ControllerRevisions. */
  const templates = new Map<string, JsonMap>();
  return {
    name: 'statefulset-controller',
    keys: ({ object }) => ownKeys(KIND, object),
    reconcile(key) {
      const set = context.store.get({ ...KIND, ...splitKey(key) });
      if (set === undefined) return undefined;
      const update = `${set.metadata.name}-${templateHash(set)}`;
      const keyed = (revision: string) => `${set.metadata.uid} ${revision}`;
      templates.set(keyed(update), clone(mapOf(at(set, 'spec', 'template'))));
      const revisions = { current: stringOf(at(set, 'status', 'currentRevision'), update), update };
      const templateOf = (revision: string) => templates.get(keyed(revision)) ?? mapOf(at(set, 'spec', 'template'));
      if (set.metadata.deletionTimestamp === undefined) step(set, revisions, templateOf, context);
      writeStatus(set, revisions, context);
      return undefined;
    },
  };
}

const replicasOf = (set: KubeObject) => numberOf(at(set, 'spec', 'replicas'), 1);
const startOf = (set: KubeObject) => numberOf(at(set, 'spec', 'ordinals', 'start'));
const isGoing = (pod: KubeObject) => pod.metadata.deletionTimestamp !== undefined;
const revisionOf = (pod: KubeObject) => pod.metadata.labels?.[REVISION_LABEL];

function partitionOf(set: KubeObject): number {
  return numberOf(at(set, 'spec', 'updateStrategy', 'rollingUpdate', 'partition'));
}

function ordinalOf({ metadata: { name = '' } }: KubeObject): number {
  return Number(name.slice(name.lastIndexOf('-') + 1));
}

type Pods = ReadonlyMap<number, KubeObject>;

function step(
  set: KubeObject,
  revisions: Revisions,
  templateOf: (revision: string) => JsonMap,
  context: ControllerContext,
): void {
  const pods = new Map(podsOf(set, context).map((pod) => [ordinalOf(pod), pod]));
  const revisionFor = (ordinal: number) =>
    ordinal < startOf(set) + partitionOf(set) ? revisions.current : revisions.update;
  const make = (ordinal: number) => makePod(set, ordinal, revisionFor(ordinal), templateOf, context);
  if (!fill(set, pods, make, context) || !shrink(set, pods, context)) return;
  if (at(set, 'spec', 'updateStrategy', 'type') !== 'OnDelete') updateNext(set, pods, revisions, context);
}

const isOrdered = (set: KubeObject) => at(set, 'spec', 'podManagementPolicy') !== 'Parallel';

/** Makes what is missing. False: there is a pod to wait for. */
function fill(set: KubeObject, pods: Pods, make: (ordinal: number) => void, context: ControllerContext): boolean {
  const end = startOf(set) + replicasOf(set);
  for (let ordinal = startOf(set); ordinal < end; ordinal++) {
    const pod = pods.get(ordinal);
    if (pod === undefined) make(ordinal);
    else if (isEnded(pod) && !isGoing(pod)) deletePod(set, pod, KIND, context);
    if (isOrdered(set) && (pod === undefined || !isServing(pod))) return false;
  }
  return true;
}

/** Takes away what is too much, from the highest ordinal on. False: there is a pod to wait for. */
function shrink(set: KubeObject, pods: Pods, context: ControllerContext): boolean {
  const [start, end] = [startOf(set), startOf(set) + replicasOf(set)];
  const surplus = [...pods.values()].filter((pod) => ordinalOf(pod) < start || ordinalOf(pod) >= end);
  for (const pod of surplus.sort((a, b) => ordinalOf(b) - ordinalOf(a))) {
    if (!isGoing(pod)) deletePod(set, pod, KIND, context);
    if (isOrdered(set)) return false;
  }
  return true;
}

/** The highest pod of another revision goes, unless one above it is not healthy. */
function updateNext(set: KubeObject, pods: Pods, { update }: Revisions, context: ControllerContext): void {
  const first = startOf(set) + partitionOf(set);
  for (let ordinal = startOf(set) + replicasOf(set) - 1; ordinal >= first; ordinal--) {
    const pod = pods.get(ordinal);
    if (pod === undefined) return;
    const isOld = revisionOf(pod) !== update && !isGoing(pod);
    if (isOld) deletePod(set, pod, KIND, context);
    if (isOld || !isServing(pod)) return;
  }
}

function makePod(
  set: KubeObject,
  ordinal: number,
  revision: string,
  templateOf: (revision: string) => JsonMap,
  context: ControllerContext,
): void {
  const name = `${set.metadata.name}-${ordinal}`;
  const labels = {
    [REVISION_LABEL]: revision,
    'statefulset.kubernetes.io/pod-name': name,
    'apps.kubernetes.io/pod-index': String(ordinal),
  };
  const spec = { hostname: name, subdomain: stringOf(at(set, 'spec', 'serviceName')) };
  createPod(set, { kind: KIND, template: templateOf(revision), name: { name }, labels, spec }, context);
}

function writeStatus(set: KubeObject, { current, update }: Revisions, context: ControllerContext): void {
  const pods = podsOf(set, context).filter((pod) => !isEnded(pod));
  const of = (revision: string) => pods.filter((pod) => !isGoing(pod) && revisionOf(pod) === revision).length;
  const ready = pods.filter(isServing).length;
  const isDone = of(update) === replicasOf(set) && ready === replicasOf(set);
  const left = isDone && at(set, 'spec', 'updateStrategy', 'type') !== 'OnDelete' ? update : current;
  const status = {
    observedGeneration: set.metadata.generation ?? 1,
    replicas: pods.length,
    ...{ readyReplicas: ready, availableReplicas: ready, currentReplicas: of(left), updatedReplicas: of(update) },
    ...{ currentRevision: left, updateRevision: update, collisionCount: 0 },
  };
  writeOwnStatus(set, status, context);
}
