import { applyPatch } from 'rfc6902';
import { FaultlineError } from '../../model/errors.ts';
import type { FaultContext } from '../../model/fault.ts';
import { KINDS, type KubeKind, type KubeObject, type ObjectRef, ZONE_LABEL } from '../../model/kubernetes.ts';
import type { Clock, Cluster, WriteOptions } from '../../model/ports.ts';
import type { Json } from '../../model/scenario.ts';

/** What happens to the n-th write (from 1): it never arrives, or it is done and its answer is lost. */
export type Cut = { readonly at: number; readonly when: 'before' | 'after' };

/** A cluster in memory with just enough controllers for the faults: Deployments replace their pods at once. */
export class FakeCluster implements Cluster {
  readonly name = 'tokyo';
  readonly region = 'ap-northeast-1';
  readonly objects = new Map<string, KubeObject>();
  writes = 0;
  cut: Cut | undefined;
  #uid = 0;
  #version = 0;

  add(object: KubeObject): KubeObject {
    const stored = structuredClone(object);
    stored.metadata.uid ??= `uid-${++this.#uid}`;
    stored.metadata.resourceVersion = String(++this.#version);
    this.objects.set(keyOf(stored, stored.metadata.namespace, stored.metadata.name ?? ''), stored);
    return stored;
  }

  /** The whole state without what any write changes by itself: equal before a fault and after its undo. */
  snapshot(): Json {
    const entries = [...this.objects.values()].filter((object) => object.kind !== 'Pod' || !this.#owned(object));
    return JSON.parse(JSON.stringify(entries.map(stripped).sort((a, b) => (a.key < b.key ? -1 : 1)))) as Json;
  }

  async get(ref: ObjectRef): Promise<KubeObject | undefined> {
    const found = this.objects.get(keyOf(ref, ref.namespace, ref.name));
    return found === undefined ? undefined : structuredClone(found);
  }

  async list(kind: KubeKind, filter: { namespace?: string; labelSelector?: string }): Promise<KubeObject[]> {
    const all = [...this.objects.values()].filter((object) => object.kind === kind.kind);
    const wanted = all.filter(
      (object) => filter.namespace === undefined || object.metadata.namespace === filter.namespace,
    );
    return structuredClone(wanted.filter((object) => matches(object, filter.labelSelector)));
  }

  async create(object: KubeObject, options?: WriteOptions): Promise<KubeObject> {
    return this.#write(options, () => structuredClone(this.add(object)));
  }

  async patch(ref: ObjectRef, ops: Parameters<Cluster['patch']>[1], options?: WriteOptions): Promise<KubeObject> {
    return this.#write(options, () => {
      const object = this.objects.get(keyOf(ref, ref.namespace, ref.name));
      if (object === undefined) throw new FaultlineError('KUBE_API', `${ref.kind} ${ref.name} not found`);
      const next = structuredClone(object);
      const failed = applyPatch(next, structuredClone([...ops])).find((error) => error !== null);
      if (failed !== undefined && failed !== null) throw new FaultlineError('FAULT_CONFLICT', failed.message);
      next.metadata.resourceVersion = String(++this.#version);
      this.objects.set(keyOf(ref, ref.namespace, ref.name), next);
      if (ref.kind === 'Deployment') this.#rollOut(next);
      return structuredClone(next);
    });
  }

  async delete(ref: ObjectRef, options?: WriteOptions & { uid?: string }): Promise<void> {
    this.#write(options, () => {
      const key = keyOf(ref, ref.namespace, ref.name);
      const object = this.objects.get(key);
      if (object === undefined) return;
      if (options?.uid !== undefined && options.uid !== object.metadata.uid)
        throw new FaultlineError('FAULT_CONFLICT', 'uid');
      this.objects.delete(key);
    });
  }

  async observe(): Promise<void> {}

  async can(): Promise<boolean> {
    return true;
  }

  async podProxy(): Promise<string> {
    return '';
  }

  async identity() {
    return { uid: 'uid-of-tokyo', server: 'http://127.0.0.1:1', version: 'v1.36.0' };
  }

  #write<T>(options: WriteOptions | undefined, act: () => T): T {
    if (options?.dryRun === true) throw new Error('no dry run here');
    this.writes++;
    const cut = this.cut?.at === this.writes ? this.cut : undefined;
    if (cut?.when === 'before') throw new FaultlineError('TARGET_UNREACHABLE', `write ${this.writes} was cut off`);
    const result = act();
    if (cut !== undefined)
      throw new FaultlineError('TARGET_UNREACHABLE', `the answer to write ${this.writes} was lost`);
    return result;
  }

  #owned(pod: KubeObject): boolean {
    return pod.metadata.ownerReferences?.some((owner) => owner.kind === 'ReplicaSet') ?? false;
  }

  #rollOut(deployment: KubeObject): void {
    const { spec } = deployment as unknown as { spec: { template: { spec: Json } } };
    for (const [key, pod] of [...this.objects]) {
      if (pod.kind !== 'Pod' || !pod.metadata.name?.startsWith(`${deployment.metadata.name}-`)) continue;
      this.objects.delete(key);
      const nodeName = (pod.spec as { nodeName?: string }).nodeName ?? '';
      this.add(readyPod(deployment.metadata.name ?? '', nodeName, `n${++this.#uid}`, spec.template.spec));
    }
  }
}

/** A ready pod of a Deployment. */
export function readyPod(deployment: string, nodeName: string, tail: string, podSpec: Json): KubeObject {
  return {
    ...KINDS.pod,
    metadata: {
      name: `${deployment}-abc-${tail}`,
      namespace: 'default',
      labels: { app: 'mockb', 'pod-template-hash': 'abc' },
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${deployment}-abc`, uid: 'rs', controller: true },
      ],
    },
    spec: { ...(podSpec as object), nodeName },
    status: { phase: 'Running', podIP: `127.30.0.${tail.length}`, conditions: [{ type: 'Ready', status: 'True' }] },
  } as KubeObject;
}

/** Two zones, one mockb Deployment with one pod in each. */
export function fakeSystem(): FakeCluster {
  const cluster = new FakeCluster();
  for (const zone of ['ap-northeast-1a', 'ap-northeast-1b']) {
    const name = `mockb-${zone}`;
    const podSpec = { containers: [{ name: 'default', image: 'asm-mock:v0.1' }] };
    cluster.add({ ...KINDS.node, metadata: { name: `node-${zone}`, labels: { [ZONE_LABEL]: zone } } });
    cluster.add({
      ...KINDS.deployment,
      metadata: { name, namespace: 'default', labels: { app: 'mockb' }, generation: 1 },
      spec: { replicas: 1, selector: { matchLabels: { app: 'mockb' } }, template: { spec: podSpec } },
      status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1 },
    });
    cluster.add(readyPod(name, `node-${zone}`, 'x'.repeat(zone.length), podSpec));
  }
  return cluster;
}

/** A clock that only moves when somebody sleeps. */
export function steppedClock(): Clock {
  let now = 0;
  return {
    now: () => now,
    wall: () => new Date(now / 1000),
    sleep: async (ms) => {
      now += ms * 1000;
    },
  };
}

/** A context for one fault on a cluster. */
export function fakeContext(cluster: Cluster, signal: AbortSignal = new AbortController().signal): FaultContext {
  const clock = steppedClock();
  return { runId: '20261122t090000z-test', cluster, clock, now: () => clock.now(), signal, onAffected: () => {} };
}

function keyOf(kind: KubeKind, namespace: string | undefined, name: string): string {
  return `${kind.kind} ${namespace ?? ''}/${name}`;
}

function matches(object: KubeObject, selector: string | undefined): boolean {
  if (selector === undefined) return true;
  return selector.split(',').every((part) => {
    const [key = '', value] = part.split('=');
    const label = object.metadata.labels?.[key];
    return value === undefined ? label !== undefined : label === value;
  });
}

function stripped(object: KubeObject): { key: string; object: KubeObject } {
  const { uid: _uid, resourceVersion: _version, ...metadata } = object.metadata;
  const labels = Object.keys(metadata.labels ?? {}).length === 0 ? {} : { labels: metadata.labels ?? {} };
  const notes = Object.keys(metadata.annotations ?? {}).length === 0 ? {} : { annotations: metadata.annotations ?? {} };
  const { labels: _labels, annotations: _annotations, ...rest } = metadata;
  const key = `${object.kind} ${metadata.namespace ?? ''}/${metadata.name ?? ''}`;
  return { key, object: { ...object, metadata: { ...rest, ...labels, ...notes } } };
}
