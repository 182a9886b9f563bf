import type { KubeObject } from './kubernetes.ts';

/**
 * Whether an object is deleted and nothing holds it back. While finalizers do, it is there, and its controller goes on acting on it
 * (Kubernetes: finalizers).
 */
export function isLeaving({ metadata: { deletionTimestamp, finalizers = [] } }: KubeObject): boolean {
  return deletionTimestamp !== undefined && finalizers.length === 0;
}

/** What holds an object that is deleted already, each finalizer with whose it likely is; undefined where nothing does. */
export function heldText({ metadata }: KubeObject): string | undefined {
  const { deletionTimestamp, finalizers = [] } = metadata;
  if (deletionTimestamp === undefined || finalizers.length === 0) return undefined;
  const each = finalizers.map((one) => `${one} (${writerOf(one, metadata) ?? holderOf(one)})`);
  return `is deleted and held by its finalizers: ${each.join(', ')}`;
}

type FieldsOf = {
  readonly managedFields?: readonly {
    readonly manager?: string;
    readonly fieldsV1?: { readonly 'f:metadata'?: { readonly 'f:finalizers'?: object } };
  }[];
};

/** Who says that it has put a finalizer there (metadata.managedFields: an element of a set is `v:` and its JSON). */
function writerOf(finalizer: string, metadata: KubeObject['metadata']): string | undefined {
  const { managedFields = [] } = metadata as FieldsOf;
  const element = `v:${JSON.stringify(finalizer)}`;
  const own = managedFields.find(({ fieldsV1 }) => element in (fieldsV1?.['f:metadata']?.['f:finalizers'] ?? {}));
  return own?.manager === undefined ? undefined : `put there by ${own.manager}`;
}

/** Whose a finalizer is by its name, which begins with a domain of its controller. */
function holderOf(finalizer: string): string {
  const [domain = '', name] = finalizer.split('/');
  if (GARBAGE.has(finalizer)) return "Kubernetes' garbage collector";
  return name === undefined ? 'whose controller it names' : `a controller of ${domain}`;
}

const GARBAGE: ReadonlySet<string> = new Set(['foregroundDeletion', 'orphan']);

/**
 * The command that takes an object away by hand and does not wait for finalizers; of one that is deleted already the one that shows what holds
 * it, since to delete it again does nothing. `kubectl` begins it, `at` is the object as kubectl names it.
 */
export function removalCommand(kubectl: string, at: string, object: KubeObject): string {
  return object.metadata.deletionTimestamp === undefined
    ? `${kubectl} delete ${at} --wait=false`
    : `${kubectl} get ${at} -o yaml`;
}
