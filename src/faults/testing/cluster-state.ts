import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import type { Json } from '../../model/scenario.ts';
import { workloadOf } from '../../workload/pods.ts';
import { runningContainers } from './fake-kubelet.ts';

/**
 * Objects as they are compared: without UIDs, versions and who owns their fields, a map without entries like one that is not there, and a pod
 * that a controller owns under the workload's name, because another one takes its place. An ephemeral container that has
 * ended is none: nobody can take it out of its pod. Nor is the lock: a Lease that was given back stays.
 */
export function stateOf(objects: readonly KubeObject[]): Json {
  const entries = objects
    .filter(({ kind }) => kind !== KINDS.lease.kind)
    .map((object): [string, Json] => {
      const text = JSON.stringify(isOwned(object) ? podState(object) : objectState(object));
      return [`${object.kind} ${text}`, JSON.parse(text) as Json];
    });
  return entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, state]) => state);
}

function isOwned(object: KubeObject): boolean {
  const owners = object.metadata.ownerReferences ?? [];
  return object.kind === KINDS.pod.kind && owners.some(({ controller }) => controller === true);
}

function podState(pod: KubeObject) {
  const { labels, annotations } = pod.metadata;
  const ephemeralContainers = runningContainers(pod);
  const { ephemeralContainers: _all, ...rest } = (pod.spec ?? {}) as { ephemeralContainers?: unknown };
  const spec = { ...rest, ...(ephemeralContainers.length === 0 ? {} : { ephemeralContainers }) };
  return { kind: pod.kind, workload: workloadOf(pod), spec: sorted(spec), ...filled({ labels, annotations }) };
}

function objectState(object: KubeObject) {
  const { uid: _uid, resourceVersion: _version, labels, annotations, ...others } = object.metadata;
  const { managedFields: _owners, ...metadata } = others as { managedFields?: unknown };
  return { ...object, metadata: { ...metadata, ...filled({ labels, annotations }) } };
}

function filled(maps: Record<string, Record<string, string> | undefined>): Record<string, unknown> {
  const entries = Object.entries(maps).filter(([, map]) => Object.keys(map ?? {}).length > 0);
  return Object.fromEntries(entries.map(([name, map]) => [name, sorted(map)]));
}

function sorted(map: unknown): unknown {
  return Object.fromEntries(Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)));
}
