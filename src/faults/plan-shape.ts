import type { FaultPlan, MarkedPlan } from '../model/fault.ts';
import type { Json } from '../model/scenario.ts';
import { hasFields } from './has-fields.ts';

/**
 * Whether a value that anybody may have written is what an object tells of a plan, so that all but its data can be used as
 * it is; whether that is whole is for its kind to say.
 */
export function isMarkedPlan(value: unknown): value is MarkedPlan {
  return (
    hasFields(value as Json, { kind: 'string', fault: 'string', runId: 'string', objects: 'list' }) &&
    (value as { readonly objects: readonly Json[] }).objects.every((object) =>
      hasFields(object, { kind: 'string', namespace: 'string', name: 'string' }),
    )
  );
}

/** As isMarkedPlan, of a whole plan: with all that an undo and the search for what is left go by. */
export function isPlan(value: unknown): value is FaultPlan {
  if (!isMarkedPlan(value)) return false;
  if (!hasFields(value as unknown as Json, { cluster: 'string', namespaces: 'list', permissions: 'list' }))
    return false;
  const { namespaces, permissions } = value as unknown as Record<'namespaces' | 'permissions', readonly Json[]>;
  return (
    namespaces.every((namespace) => typeof namespace === 'string') &&
    permissions.every((one) =>
      hasFields(one, { apiVersion: 'string', kind: 'string', verb: 'string', namespace: 'string' }),
    )
  );
}

/** The UIDs that the data of a plan names, wherever they stand there. */
export function uidsIn(data: Json): string[] {
  if (data === null || typeof data !== 'object') return [];
  return Object.entries(data).flatMap(([key, value]) =>
    key === 'uid' && typeof value === 'string' ? [value] : uidsIn(value as Json),
  );
}
