import type { KubeObject } from './kubernetes.ts';

/**
 * Whether an object is deleted and nothing holds it back. While finalizers do, it is there, and its controller goes on acting on it
 * (Kubernetes: finalizers).
 */
export function isLeaving({ metadata: { deletionTimestamp, finalizers = [] } }: KubeObject): boolean {
  return deletionTimestamp !== undefined && finalizers.length === 0;
}
