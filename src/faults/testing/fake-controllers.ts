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

type Container = { readonly command?: readonly string[] };
type Spec = {
  readonly replicas?: number;
  readonly template: {
    readonly metadata?: Pick<KubeObject['metadata'], 'annotations'>;
    readonly spec: { readonly containers?: readonly Container[] };
  };
};

const specOf = (workload: KubeObject) => workload.spec as unknown as Spec | undefined;

/** Whether the controllers here roll out objects of this kind. */
export function isWorkload({ kind }: KubeObject): boolean {
  return [KINDS.deployment, KINDS.statefulSet, KINDS.daemonSet, KINDS.rollout].some((one) => one.kind === kind);
}

/**
 * What the controllers of a workload do when its spec was written: new pods for a new template, as many as it wants. A
 * StatefulSet waits for pods that are not ready: it does not replace them (Kubernetes, Forced rollback).
 */
export function rollOut(store: Store, workload: KubeObject, former: KubeObject | undefined): void {
  const template = specOf(workload)?.template;
  if (!isDeepStrictEqual(former === undefined ? undefined : specOf(former)?.template, template)) {
    for (const [key, pod] of podsOf(store, workload)) {
      if (workload.kind === KINDS.statefulSet.kind && !isReady(pod)) continue;
      store.objects.delete(key);
      const { nodeName = '' } = pod.spec as { nodeName?: string };
      addPod(store, workload, nodeName);
    }
  }
  scale(store, workload);
}

/** What a controller does for a pod that is gone, while its workload is there and wants it. */
export function replace(store: Store, pod: KubeObject): void {
  const owner = [...store.objects.values()].find(
    (object) =>
      isWorkload(object) &&
      object.metadata.namespace === pod.metadata.namespace &&
      object.metadata.name === workloadOf(pod),
  );
  if (owner !== undefined) scale(store, owner);
}

/** What Kubernetes does for a workload that is deleted in the foreground. */
export function endWith(store: Store, workload: KubeObject): void {
  const { namespace, name } = workload.metadata;
  for (const [key] of podsOf(store, workload)) store.objects.delete(key);
  store.objects.delete(`${workload.kind} ${namespace}/${name}`);
}

function scale(store: Store, workload: KubeObject): void {
  const wanted = specOf(workload)?.replicas ?? 1;
  const pods = podsOf(store, workload);
  for (const [key] of pods.slice(wanted)) store.objects.delete(key);
  for (let missing = wanted - pods.length; missing > 0; missing--) addPod(store, workload, nodeFor(store, workload));
  const isScaled = pods.length !== wanted;
  if (isScaled || workload.kind !== KINDS.deployment.kind) writeStatus(store, workload, wanted);
}

function writeStatus(store: Store, workload: KubeObject, wanted: number): void {
  const updated = podsOf(store, workload).filter(([, pod]) => revisionOf(pod) === revisionText(workload));
  const ready = podsOf(store, workload).filter(([, pod]) => isReady(pod)).length;
  const counts: Record<string, Json> = hasSets(workload)
    ? { replicas: wanted, updatedReplicas: wanted, availableReplicas: wanted }
    : workload.kind === KINDS.statefulSet.kind
      ? { readyReplicas: ready, updatedReplicas: updated.length, updateRevision: revisionText(workload) }
      : { desiredNumberScheduled: wanted, updatedNumberScheduled: updated.length, numberAvailable: ready };
  workload.status = { ...(workload.status as object), ...counts };
}

/** Whether its pods are made by ReplicaSets of it. */
const hasSets = ({ kind }: KubeObject) => kind === KINDS.deployment.kind || kind === KINDS.rollout.kind;

const REVISION = 'controller-revision-hash';
const revisionOf = (pod: KubeObject) => pod.metadata.labels?.[REVISION];
const revisionText = (workload: KubeObject) => JSON.stringify(specOf(workload)?.template);

function isReady({ status }: KubeObject): boolean {
  const { conditions = [] } = (status ?? {}) as { conditions?: { type: string; status: string }[] };
  return conditions.some((one) => one.type === 'Ready' && one.status === 'True');
}

function podsOf({ objects }: Store, { metadata: { namespace, name } }: KubeObject): [string, KubeObject][] {
  return [...objects].filter(
    ([, object]) =>
      object.kind === KINDS.pod.kind && object.metadata.namespace === namespace && workloadOf(object) === name,
  );
}

/** The node of the zone in the workload's name, so that pods that were away come back to where they were. */
function nodeFor({ objects }: Store, { metadata: { name = '' } }: KubeObject): string {
  const node = [...objects.values()].find(
    ({ kind, metadata }) => kind === KINDS.node.kind && name.endsWith(metadata.labels?.[ZONE_LABEL] ?? '?'),
  );
  return node?.metadata.name ?? '';
}

function addPod(store: Store, workload: KubeObject, nodeName: string): void {
  const { name = '', namespace = '' } = workload.metadata;
  const podSpec = specOf(workload)?.template.spec ?? {};
  const pod = hasSets(workload)
    ? readyPod(name, nodeName, store.tail(), podSpec as Json, namespace)
    : ownPod(workload, nodeName);
  const { annotations } = specOf(workload)?.template.metadata ?? {};
  const isOfRollout = workload.kind === KINDS.rollout.kind;
  store.add({
    ...pod,
    metadata: {
      ...pod.metadata,
      ...(isOfRollout ? { labels: { app: name, 'rollouts-pod-template-hash': 'abc' } } : {}),
      ...(annotations === undefined ? {} : { annotations }),
    },
  });
}

/** The pod of a workload that makes its pods itself. In a StatefulSet one with a command of its own is never ready. */
function ownPod(workload: KubeObject, nodeName: string): KubeObject {
  const { name = '', namespace = '' } = workload.metadata;
  const podSpec = specOf(workload)?.template.spec ?? {};
  const isStuck = workload.kind === KINDS.statefulSet.kind && podSpec.containers?.some(({ command }) => command);
  return {
    ...KINDS.pod,
    metadata: {
      name: `${name}-0`,
      namespace,
      labels: { app: name, [REVISION]: revisionText(workload) },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: workload.kind, name, uid: 'own', controller: true }],
    },
    spec: { ...podSpec, nodeName },
    status: {
      phase: 'Running',
      podIP: '127.30.1.1',
      conditions: [{ type: 'Ready', status: isStuck ? 'False' : 'True' }],
    },
  } as unknown as KubeObject;
}

/** A StatefulSet, a DaemonSet and an Argo Rollout of one pod each, with their pods, in a zone. */
export function addOwnWorkloads(store: Store, zone: string): void {
  for (const [kind, app] of [
    [KINDS.statefulSet, 'db'],
    [KINDS.daemonSet, 'agent'],
    [KINDS.rollout, 'web'],
  ] as const) {
    const name = `${app}-${zone}`;
    const template = { spec: { containers: [{ name: 'default', image: 'asm-mock:v0.1' }] } };
    const workload = store.add({
      ...kind,
      metadata: { name, namespace: 'default', labels: { app: name }, generation: 1 },
      spec: {
        ...(kind === KINDS.daemonSet ? {} : { replicas: 1 }),
        selector: { matchLabels: { app: name } },
        template,
      },
      // A Rollout writes its own as text.
      status: { observedGeneration: kind === KINDS.rollout ? '1' : 1 },
    });
    addPod(store, workload, `node-${zone}`);
    writeStatus(store, workload, 1);
  }
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
      labels: {
        app: deployment.startsWith('mocka') ? 'mocka' : 'mockb',
        version: deployment.slice(deployment.indexOf('-') + 1),
        'pod-template-hash': 'abc',
      },
      annotations: { 'sidecar.istio.io/status': '{"containers":["istio-proxy"]}' },
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${deployment}-abc`, uid: 'rs', controller: true },
      ],
    },
    spec: { ...(podSpec as object), nodeName },
    status: {
      phase: 'Running',
      podIP: `127.30.0.${tail.length}`,
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: [{ name: 'default', restartCount: 0, containerID: 'containerd://0', state: { running: {} } }],
    },
  } as KubeObject;
}
