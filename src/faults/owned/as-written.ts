import type { KubeObject } from '../../model/kubernetes.ts';
import type { Json } from '../../model/scenario.ts';

/** Whether an object is still what a fault would write: all that this says of it, beside what the API server has set by itself. */
export function isAsWritten(object: KubeObject, written: KubeObject): boolean {
  const { metadata: _metadata, status: _status, ...body } = written;
  return holds({ ...object } as unknown as Json, body as unknown as Json);
}

/** Whether a value has everything that another one has; a list has neither more nor fewer. */
function holds(value: Json | undefined, wanted: Json): boolean {
  if (wanted === null) return value === undefined || value === null;
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(value) && value.length === wanted.length && wanted.every((one, index) => holds(value[index], one))
    );
  }
  if (typeof wanted !== 'object') return value === wanted;
  const isMap = value !== undefined && value !== null && typeof value === 'object' && !Array.isArray(value);
  // An empty map is not stored.
  const fields = isMap ? value : {};
  const isThere = isMap || value === undefined;
  return isThere && Object.entries(wanted).every(([key, one]) => holds(fields[key], one));
}
