import { isDeepStrictEqual } from 'node:util';
import { KINDS, type KubeObject, ZONE_LABEL } from '../../model/kubernetes.ts';
import type { Json } from '../../model/scenario.ts';
import { workloadOf } from '../../workload/pods.ts';

/** Where controllers find objects and put new ones. */
type Store = {
  readonly objects: Map<string, KubeObject>;
  /** Puts an object there; one of its kind, namespace and name is replaced. */
  add(object: KubeObject): KubeObject;
  /** A name ending that no other pod has. */
  tail(): string;
};

type Spec = { readonly replicas?: number; readonly template: { readonly spec: Json } };

const specOf = (deployment: KubeObject) => deployment.spec as unknown as Spec | undefined;

/** What a Deployment's controllers do when its spec was written: new pods for a new template, as many as it wants. */
export function rollOut(store: Store, deployment: KubeObject, former: KubeObject | undefined): void {
  const template = specOf(deployment)?.template;
  if (!isDeepStrictEqual(former === undefined ? undefined : specOf(former)?.template, template)) {
    for (const [key, pod] of podsOf(store, deployment)) {
      store.objects.delete(key);
      const { nodeName = '' } = pod.spec as { nodeName?: string };
      addPod(store, deployment, nodeName);
    }
  }
  scale(store, deployment);
}

/** What a ReplicaSet does for a pod that is gone, while its Deployment is there and wants it. */
export function replace(store: Store, pod: KubeObject): void {
  const owner = [...store.objects.values()].find(
    ({ kind, metadata }) =>
      kind === KINDS.deployment.kind &&
      metadata.namespace === pod.metadata.namespace &&
      metadata.name === workloadOf(pod),
  );
  if (owner !== undefined) scale(store, owner);
}

function scale(store: Store, deployment: KubeObject): void {
  const wanted = specOf(deployment)?.replicas ?? 1;
  const pods = podsOf(store, deployment);
  if (pods.length === wanted) return;
  for (const [key] of pods.slice(wanted)) store.objects.delete(key);
  for (let missing = wanted - pods.length; missing > 0; missing--)
    addPod(store, deployment, nodeFor(store, deployment));
  const counts = { replicas: wanted, updatedReplicas: wanted, availableReplicas: wanted };
  deployment.status = { ...(deployment.status as object), ...counts };
}

function podsOf({ objects }: Store, { metadata: { namespace, name } }: KubeObject): [string, KubeObject][] {
  return [...objects].filter(
    ([, object]) =>
      object.kind === KINDS.pod.kind && object.metadata.namespace === namespace && workloadOf(object) === name,
  );
}

/** The node of the zone in the Deployment's name, so that pods that were away come back to where they were. */
function nodeFor({ objects }: Store, { metadata: { name = '' } }: KubeObject): string {
  const node = [...objects.values()].find(
    ({ kind, metadata }) => kind === KINDS.node.kind && name.endsWith(metadata.labels?.[ZONE_LABEL] ?? '?'),
  );
  return node?.metadata.name ?? '';
}

function addPod(store: Store, deployment: KubeObject, nodeName: string): void {
  const { name = '', namespace = '' } = deployment.metadata;
  store.add(readyPod(name, nodeName, store.tail(), specOf(deployment)?.template.spec ?? {}, namespace));
}

/** A ready pod of a Deployment. */
export function readyPod(
  deployment: string,
  nodeName: string,
  tail: string,
  podSpec: Json,
  namespace = 'default',
): KubeObject {
  return {
    ...KINDS.pod,
    metadata: {
      name: `${deployment}-abc-${tail}`,
      namespace,
      labels: { app: deployment.startsWith('mocka') ? 'mocka' : 'mockb', 'pod-template-hash': 'abc' },
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${deployment}-abc`, uid: 'rs', controller: true },
      ],
    },
    spec: { ...(podSpec as object), nodeName },
    status: { phase: 'Running', podIP: `127.30.0.${tail.length}`, conditions: [{ type: 'Ready', status: 'True' }] },
  } as KubeObject;
}
