import { type JsonPatchOp, KINDS, type KubeObject, type ObjectRef } from '../model/kubernetes.ts';
import type { Json } from '../model/scenario.ts';

/** The list of them in a pod. */
export const EPHEMERAL_PATH = '/spec/ephemeralContainers';

/** Where ephemeral containers are put into a pod. */
export function ephemeralOf(namespace: string, name: string): ObjectRef & { readonly subresource: string } {
  return { ...KINDS.pod, subresource: 'ephemeralcontainers', namespace, name };
}

/** Puts one more into a pod as it was read. */
export function addEphemeral({ spec }: KubeObject, container: Json): JsonPatchOp[] {
  const { ephemeralContainers } = (spec ?? {}) as { readonly ephemeralContainers?: Json };
  const list: JsonPatchOp[] = ephemeralContainers === undefined ? [{ op: 'add', path: EPHEMERAL_PATH, value: [] }] : [];
  return [...list, { op: 'add', path: `${EPHEMERAL_PATH}/-`, value: container }];
}
