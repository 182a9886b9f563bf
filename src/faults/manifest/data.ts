import { conditionOf } from '../../model/conditions.ts';
import { FaultlineError } from '../../model/errors.ts';
import { KINDS, type KubeObject, type ObjectRef } from '../../model/kubernetes.ts';
import { LOCK_NAMES } from '../../model/lock-names.ts';
import type { Json } from '../../model/scenario.ts';
import { hasFields } from '../has-fields.ts';

/** What the status of an object must say. */
export type Until =
  | { readonly pointer: string; readonly equals: Json }
  | { readonly condition: string; readonly is: string };

/** A manifest's own part of its plan. */
export type ManifestData = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** The rest of the object, as it is applied. */
  readonly metadata: { readonly [field: string]: Json };
  readonly body: { readonly [field: string]: Json };
  readonly hits: Readonly<Record<string, string>>;
  readonly until: Until | null;
  readonly expirySeconds: number;
};

/** Whether the data of a plan is that of a manifest. */
export function isManifestData(data: Json): boolean {
  const { metadata, body, hits, until } = (data ?? {}) as { readonly [field: string]: Json | undefined };
  const ref = { apiVersion: 'string', kind: 'string', namespace: 'string', name: 'string' } as const;
  return (
    hasFields(data, { ...ref, expirySeconds: 'number' }) &&
    [metadata, body, hits].every((one) => hasFields(one, {})) &&
    (until === null || hasFields(until, {}))
  );
}

export function objectRef({ apiVersion, kind, namespace, name }: ManifestData): ObjectRef & { namespace: string } {
  return { apiVersion, kind, namespace, name };
}

/** Longest object, as JSON: it stands in the plan, which stands in annotations and in one ConfigMap. */
const MOST_BYTES = 16 * 1024;

/** What runs and people themselves go by, in whatever namespace that is. */
const LOCK_OBJECTS = [
  { kind: KINDS.lease.kind, name: LOCK_NAMES.lease },
  { kind: KINDS.configMap.kind, name: LOCK_NAMES.plans },
  { kind: KINDS.configMap.kind, name: LOCK_NAMES.freeze },
];

type Written = {
  readonly apiVersion?: unknown;
  readonly kind?: unknown;
  readonly metadata?: { readonly name?: unknown; readonly namespace?: unknown; readonly ownerReferences?: unknown };
};

/** Reads an object as a scenario has it. Throws FIELD_VALUE, with what is wrong with it. */
export function readObject(
  object: Json,
): Pick<ManifestData, 'apiVersion' | 'kind' | 'namespace' | 'name' | 'metadata' | 'body'> {
  const { apiVersion, kind, metadata, ...body } = (object ?? {}) as { [field: string]: Json } & Written;
  const { name, namespace, ...rest } = (metadata ?? {}) as { [field: string]: Json };
  const refuse = (what: string, hint: string): never => {
    throw new FaultlineError('FIELD_VALUE', `the object of a manifest ${what}`, { hint });
  };
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') {
    return refuse('needs an apiVersion and a kind', 'Write it as `kubectl apply` takes it.');
  }
  if (typeof name !== 'string') return refuse('needs a metadata.name', 'A made-up name could not be found again.');
  if (typeof namespace !== 'string') {
    return refuse('needs a metadata.namespace', 'An object of no namespace has no owner there that could end it.');
  }
  if (kind === KINDS.secret.kind) return refuse('must be no Secret', 'It would stand in the journal.');
  if (kind === 'PersistentVolumeClaim') {
    return refuse(
      'must be no PersistentVolumeClaim',
      'The volume that it comes to hold may be deleted with it, for good.',
    );
  }
  if (deletesClaims(body)) {
    const hint =
      'Claims of its name may be there already, and would be deleted with what is in them: Retain, or leave it out.';
    return refuse('must delete no claims (persistentVolumeClaimRetentionPolicy)', hint);
  }
  if (LOCK_OBJECTS.some((one) => one.kind === kind && one.name === name)) {
    return refuse(
      `must not be ${kind} ${name}`,
      'By that a cluster is locked, recovered or frozen. Name it otherwise.',
    );
  }
  if (rest.ownerReferences !== undefined) return refuse('must have no ownerReferences', 'A Job of faultline owns it.');
  if (JSON.stringify(object).length > MOST_BYTES) {
    return refuse(`has more than ${MOST_BYTES} bytes`, 'Every plan of it carries it: leave out what is not needed.');
  }
  return { apiVersion, kind, namespace, name, metadata: rest, body };
}

/** Whether its controller deletes volumes with it, or with its pods (StatefulSet). */
function deletesClaims({ spec }: { readonly [field: string]: Json }): boolean {
  const { persistentVolumeClaimRetentionPolicy: kept } = (spec ?? {}) as { [field: string]: Json };
  return Object.values((kept ?? {}) as object).includes('Delete');
}

/** Whether the status of an object says what is waited for. */
export function isReached(object: KubeObject, until: Until): boolean {
  if ('pointer' in until) {
    return JSON.stringify(valueAt(object as unknown as Json, until.pointer)) === JSON.stringify(until.equals);
  }
  return conditionOf(object, until.condition)?.status === until.is;
}

/** In words: `condition AllInjected is True`. */
export function untilText(until: Until): string {
  if ('pointer' in until) return `${until.pointer} is ${JSON.stringify(until.equals)}`;
  return `condition ${until.condition} is ${until.is}`;
}

/** The value at a JSON pointer (RFC 6901); undefined where nothing is. */
function valueAt(object: Json, pointer: string): Json | undefined {
  const steps = pointer
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  return steps.reduce<Json | undefined>(
    (value, step) => (value !== null && typeof value === 'object' ? (value as Record<string, Json>)[step] : undefined),
    object,
  );
}
