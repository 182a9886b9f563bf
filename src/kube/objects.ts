import type { KubeObject } from '../model/kubernetes.ts';

/**
 * An object as an API server has sent it, without its fields that are null: Go writes a list that nobody has made that way
 * (`endpoints: null`), and to Kubernetes such a field is not there. Undefined where it is no object.
 */
export function objectOf(sent: unknown): KubeObject | undefined {
  if (!isFields(sent) || !isFields(sent.metadata)) return undefined;
  dropNulls(sent);
  return sent as KubeObject;
}

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function dropNulls(value: unknown): void {
  if (Array.isArray(value)) value.forEach(dropNulls);
  else if (isFields(value)) {
    for (const [field, inner] of Object.entries(value)) {
      if (inner === null) delete value[field];
      else dropNulls(inner);
    }
  }
}
