import { parseAllDocuments } from 'yaml';
import { isTransient, KubeApiError } from '../../kube/api-error.ts';
import { messageOf } from '../../model/errors.ts';
import { KINDS, type KubeObject, type ObjectRef } from '../../model/kubernetes.ts';
import type { Cluster } from '../../model/ports.ts';
import { until, type Waiting } from './until.ts';

/** The objects of a manifest of several documents. */
export function objectsOf(text: string): KubeObject[] {
  return parseAllDocuments(text).flatMap((document) => (document.toJS() as KubeObject | null) ?? []);
}

const LIMIT_MS = 60_000;

/** Kinds that others need to exist: they are made first, in this order. */
const EARLY = ['Namespace', 'CustomResourceDefinition', 'ServiceAccount', 'ConfigMap', 'Secret'];

/**
 * Creates objects in a fresh cluster: those that others need first, then all the others at once. What exists already stays
 * as it is, save that namespaces get the labels. Webhooks may not answer in the first moments: it is tried again.
 */
export async function apply(cluster: Cluster, objects: readonly KubeObject[], waiting: Waiting): Promise<void> {
  const early = EARLY.map((kind) => objects.filter((object) => object.kind === kind));
  const late = objects.filter((object) => !EARLY.includes(object.kind));
  for (const stage of [...early, late]) {
    await Promise.all(stage.map((object) => applyOne(cluster, object, waiting)));
  }
}

async function applyOne(cluster: Cluster, object: KubeObject, waiting: Waiting): Promise<void> {
  const { name = '', namespace } = object.metadata;
  const what = `cluster ${cluster.name}: create ${object.kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
  const refusals: unknown[] = [];
  const check = async (): Promise<true | string> => {
    try {
      await createOrLabel(cluster, object);
    } catch (error) {
      if (isTransient(error)) return messageOf(error);
      refusals.push(error);
    }
    return true;
  };
  await until({ what, limitMs: LIMIT_MS, check }, waiting);
  for (const error of refusals) throw error;
}

async function createOrLabel(cluster: Cluster, object: KubeObject): Promise<void> {
  try {
    await cluster.create(object);
  } catch (error) {
    if (!(error instanceof KubeApiError && error.status === 409)) throw error;
    if (object.kind === KINDS.namespace.kind) await label(cluster, object);
  }
}

async function label(cluster: Cluster, { apiVersion, kind, metadata }: KubeObject): Promise<void> {
  const ref: ObjectRef = { apiVersion, kind, name: metadata.name ?? '' };
  const labels = { ...(await cluster.get(ref))?.metadata.labels, ...metadata.labels };
  await cluster.patch(ref, [{ op: 'add', path: '/metadata/labels', value: labels }]);
}
