import type { KubeObject } from './kubernetes.ts';

/** One of the conditions that controllers write into `status` of an object. */
export type Condition = {
  readonly type: string;
  readonly status: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
};

/** A condition of an object; undefined while nobody has written it. */
export function conditionOf({ status }: KubeObject, type: string): Condition | undefined {
  const { conditions } = (status ?? {}) as { readonly conditions?: unknown };
  return Array.isArray(conditions) ? (conditions as Condition[]).find((one) => one.type === type) : undefined;
}

/** Whether a condition of an object holds; one that is `Unknown`, or that nobody has written, does not. */
export function isTrue(object: KubeObject, type: string): boolean {
  return conditionOf(object, type)?.status === 'True';
}

/** Whether a pod is Ready and not on its way out. */
export function isServing(pod: KubeObject): boolean {
  return isTrue(pod, 'Ready') && pod.metadata.deletionTimestamp === undefined;
}
