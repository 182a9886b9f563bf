import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { fnv32a, safeEncode } from '../api/identity.ts';
import {
  asMap,
  asObject,
  at,
  canonicalJson,
  clone,
  ensureMap,
  type JsonMap,
  mapOf,
  numberOf,
  sameJson,
} from '../api/json.ts';
import type { ControllerContext } from './controller.ts';
import {
  componentOf,
  DESIRED_REPLICAS,
  findNewSet,
  hashLabelOf,
  isRecreate,
  kindOf,
  MAX_REPLICAS,
  REVISION,
  REVISION_HISTORY,
  replicasOf,
  revisionOf,
  rollingLimits,
  sumOf,
} from './deployment-model.ts';
import { controllerReference } from './owners.ts';

const NOT_COPIED = [
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  'deprecated.deployment.rollback.to',
];

type Annotations = Record<string, string>;

/** Annotations of the newest set: the deployment's own, its revision, and the revisions it had before (SetNewReplicaSetAnnotations). */
function newSetAnnotations(deployment: KubeObject, existing: Annotations, revision: number): Annotations {
  const copied = Object.entries(deployment.metadata.annotations ?? {}).filter(([key]) => !NOT_COPIED.includes(key));
  const result: Annotations = { ...existing, ...Object.fromEntries(copied) };
  const before = existing[REVISION];
  if (before === undefined || Number(before) < revision) {
    result[REVISION] = String(revision);
    if (before !== undefined) {
      result[REVISION_HISTORY] = [existing[REVISION_HISTORY], before].filter((one) => one !== undefined).join(',');
    }
  }
  return result;
}

/** How many replicas the newest set may have now (deployment/util NewRSNewReplicas). */
export function newSetReplicas(
  deployment: KubeObject,
  all: readonly KubeObject[],
  newSet: KubeObject | undefined,
): number {
  const wanted = replicasOf(deployment);
  if (isRecreate(deployment)) return wanted;
  const current = newSet === undefined ? 0 : replicasOf(newSet);
  const room = wanted + rollingLimits(deployment).maxSurge - sumOf(all, replicasOf);
  return room <= 0 ? current : current + Math.min(room, wanted - current);
}

/** Annotations by which a later sync notices that the deployment was scaled. */
export function sizeAnnotations(deployment: KubeObject): Annotations {
  const wanted = replicasOf(deployment);
  return {
    [DESIRED_REPLICAS]: String(wanted),
    [MAX_REPLICAS]: String(wanted + rollingLimits(deployment).maxSurge),
  };
}

/** Brings revision annotations of the newest set and the deployment up to date; creates the set where it is missing and wanted. */
export function syncNewSet(
  deployment: KubeObject,
  sets: readonly KubeObject[],
  create: boolean,
  context: ControllerContext,
): KubeObject | undefined {
  const existing = findNewSet(deployment, sets);
  const others = sets.filter((set) => set !== existing);
  const revision = Math.max(0, ...others.map(revisionOf)) + 1;
  if (existing === undefined && !create) return undefined;
  const newSet =
    existing === undefined
      ? createSet(deployment, sets, revision, context)
      : refresh(existing, deployment, revision, context);
  writeRevision(deployment, newSet, context);
  return newSet;
}

function refresh(set: KubeObject, deployment: KubeObject, revision: number, { store }: ControllerContext): KubeObject {
  const annotations = newSetAnnotations(deployment, set.metadata.annotations ?? {}, revision);
  const minReadySeconds = numberOf(at(deployment, 'spec', 'minReadySeconds'));
  if (
    sameJson(annotations, set.metadata.annotations ?? {}) &&
    minReadySeconds === numberOf(at(set, 'spec', 'minReadySeconds'))
  ) {
    return set;
  }
  const spec = { ...mapOf(asMap(set).spec), ...(minReadySeconds === 0 ? {} : { minReadySeconds }) };
  return store.update(asObject({ ...asMap(set), metadata: { ...set.metadata, annotations }, spec }));
}

function writeRevision(deployment: KubeObject, newSet: KubeObject, { store }: ControllerContext): void {
  const revision = newSet.metadata.annotations?.[REVISION];
  const current = store.get({ ...kindOf(deployment), ...nameOf(deployment) });
  if (revision === undefined || current === undefined || current.metadata.annotations?.[REVISION] === revision) return;
  const annotations = { ...current.metadata.annotations, [REVISION]: revision };
  store.update({ ...current, metadata: { ...current.metadata, annotations } });
}

function nameOf({ metadata }: KubeObject): { namespace: string; name: string } {
  return { namespace: metadata.namespace ?? '', name: metadata.name ?? '' };
}

function createSet(
  deployment: KubeObject,
  sets: readonly KubeObject[],
  revision: number,
  { store, events }: ControllerContext,
): KubeObject {
  const { namespace, name } = nameOf(deployment);
  const template = clone(mapOf(at(deployment, 'spec', 'template')));
  const hash = templateHash(template, namespace, name, store);
  ensureMap(ensureMap(template, 'metadata'), 'labels')[hashLabelOf(deployment)] = hash;
  const selector = clone(mapOf(at(deployment, 'spec', 'selector')));
  ensureMap(selector, 'matchLabels')[hashLabelOf(deployment)] = hash;
  const replicas = newSetReplicas(deployment, sets, undefined);
  const minReadySeconds = numberOf(at(deployment, 'spec', 'minReadySeconds'));
  const created = store.create({
    ...KINDS.replicaSet,
    metadata: {
      name: `${name}-${hash}`,
      namespace,
      labels: { ...mapOf(mapOf(template.metadata).labels) } as Record<string, string>,
      annotations: { ...newSetAnnotations(deployment, {}, revision), ...sizeAnnotations(deployment) },
      ownerReferences: [controllerReference(deployment, kindOf(deployment))],
    },
    spec: { replicas, ...(minReadySeconds === 0 ? {} : { minReadySeconds }), selector, template },
  });
  if (replicas > 0) {
    const message = `Scaled up replica set ${created.metadata.name} from 0 to ${replicas}`;
    events.record(deployment, {
      type: 'Normal',
      reason: 'ScalingReplicaSet',
      message,
      component: componentOf(deployment),
    });
  }
  return created;
}

/** A name that is free: a template that hashes to a name in use by another template is hashed again. */
function templateHash(template: JsonMap, namespace: string, name: string, store: ControllerContext['store']): string {
  const text = canonicalJson(template);
  for (let collision = 0; ; collision += 1) {
    const hash = safeEncode(String(fnv32a(collision === 0 ? text : `${text}#${collision}`)));
    if (store.get({ ...KINDS.replicaSet, namespace, name: `${name}-${hash}` }) === undefined) return hash;
  }
}
