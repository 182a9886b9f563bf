import { KINDS, type KubeKind, type KubeObject } from '../../model/kubernetes.ts';
import { fnv32a, safeEncode } from '../api/identity.ts';
import { asMap, asObject, at, canonicalJson, clone, type JsonMap, mapOf } from '../api/json.ts';
import { type ControllerContext, keyOf } from './controller.ts';
import { controllerOf, controllerReference, isControlledBy } from './owners.ts';

/* What StatefulSets and DaemonSets share: they make their pods themselves, and tell revisions by a label. */

/** Label of a pod with the revision that it was made from. */
export const REVISION_LABEL = 'controller-revision-hash';

/** Hash of the template of a workload; the same template has the same one. */
export function templateHash(workload: KubeObject): string {
  return safeEncode(String(fnv32a(canonicalJson(at(workload, 'spec', 'template')))));
}

export function podsOf(workload: KubeObject, { store }: ControllerContext): KubeObject[] {
  return store.list(KINDS.pod, workload.metadata.namespace).filter((pod) => isControlledBy(pod, workload));
}

/** Keys of the workloads of a kind that an object of theirs makes stale. */
export function ownKeys(kind: KubeKind, object: KubeObject): string[] {
  const { namespace, name } = object.metadata;
  if (object.kind === kind.kind) return [keyOf(namespace, name)];
  const owner = object.kind === KINDS.pod.kind ? controllerOf(object) : undefined;
  return owner?.kind === kind.kind ? [keyOf(namespace, owner.name)] : [];
}

type PodParts = {
  readonly kind: KubeKind;
  readonly template: JsonMap;
  readonly name: JsonMap;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: JsonMap;
};

/** Makes a pod of a workload from a template. */
export function createPod(workload: KubeObject, parts: PodParts, { store, events }: ControllerContext): void {
  const { kind, template, name, labels, spec } = parts;
  const own = mapOf(clone(template.metadata));
  const metadata = {
    ...own,
    ...name,
    namespace: workload.metadata.namespace ?? '',
    labels: { ...mapOf(own.labels), ...labels },
    ownerReferences: [controllerReference(workload, kind)],
  };
  const pod = store.create(asObject({ ...KINDS.pod, metadata, spec: { ...clone(mapOf(template.spec)), ...spec } }));
  const message = `create Pod ${pod.metadata.name} in ${kind.kind} ${workload.metadata.name} successful`;
  events.record(workload, { type: 'Normal', reason: 'SuccessfulCreate', message, component: componentOf(kind) });
}

/** Deletes this very pod. */
export function deletePod(workload: KubeObject, pod: KubeObject, kind: KubeKind, context: ControllerContext): void {
  const { name = '', namespace = '', uid = '' } = pod.metadata;
  context.store.delete({ ...KINDS.pod, namespace, name }, { uid });
  const message = `delete Pod ${name} in ${kind.kind} ${workload.metadata.name} successful`;
  const event = { type: 'Normal', reason: 'SuccessfulDelete', message, component: componentOf(kind) } as const;
  context.events.record(workload, event);
}

function componentOf({ kind }: KubeKind): string {
  return `${kind.toLowerCase()}-controller`;
}

/** Writes the status, whatever the version that the workload was read at. */
export function writeOwnStatus(workload: KubeObject, status: JsonMap, { store }: ControllerContext): void {
  const { resourceVersion: _, ...metadata } = asMap(workload).metadata as JsonMap;
  store.update(asObject({ ...asMap(workload), metadata, status }), { subresource: 'status' });
}
