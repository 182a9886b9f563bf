import type { KubeObject } from '../model/kubernetes.ts';

type Container = { readonly name?: string; readonly image?: string };
type PodSpec = { nodeName?: string; containers?: Container[]; initContainers?: Container[] };

/** All containers; a native sidecar is an init container that goes on running. */
export function containersOf(pod: KubeObject): readonly Container[] {
  const { containers = [], initContainers = [] } = (pod.spec ?? {}) as unknown as PodSpec;
  return [...containers, ...initContainers];
}

/** Name of the node a pod runs on; empty before it is bound. */
export function nodeOf(pod: KubeObject): string {
  return ((pod.spec ?? {}) as unknown as PodSpec).nodeName ?? '';
}
