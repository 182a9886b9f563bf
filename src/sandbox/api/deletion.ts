import type { KubeObject } from '../../model/kubernetes.ts';
import type { Clock } from '../../model/ports.ts';
import { unmet } from './errors.ts';
import { timestamp } from './identity.ts';
import { at, listOf, numberOf, stringOf } from './json.ts';
import type { Resource } from './resource.ts';

export type Propagation = 'Background' | 'Foreground' | 'Orphan';

export type DeleteOptions = {
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly gracePeriodSeconds?: number;
  readonly propagation?: Propagation;
  readonly dryRun?: boolean;
};

/** `object` is what is stored (mark), what the last event shows (remove), or the unchanged object (none). */
export type Deletion = { readonly action: 'remove' | 'mark' | 'none'; readonly object: KubeObject };

const DEFAULT_GRACE_SECONDS = 30;

/** Decides what a delete does to an object (apiserver registry/rest/delete.go and registry/generic/registry/store.go). */
export function deletionOf(current: KubeObject, resource: Resource, options: DeleteOptions, clock: Clock): Deletion {
  checkPreconditions(current, resource, options);
  const finalizers = finalizersAfter(current, resource, options.propagation);
  const grace = graceSeconds(current, options.gracePeriodSeconds);
  const held = finalizers.length > 0 || (resource.kind === 'Namespace' && holdsContent(current));
  if (grace === 0 && !held) {
    return { action: 'remove', object: { ...current, metadata: { ...current.metadata } } };
  }
  return mark(current, resource, { finalizers, grace, clock });
}

function checkPreconditions(current: KubeObject, resource: Resource, options: DeleteOptions): void {
  const { uid, resourceVersion, name = '' } = current.metadata;
  if (options.uid !== undefined && options.uid !== uid) {
    const why = `the UID in the precondition (${options.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`;
    throw unmet(resource, name, why);
  }
  if (options.resourceVersion !== undefined && options.resourceVersion !== resourceVersion) {
    const why = `the ResourceVersion in the precondition (${options.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`;
    throw unmet(resource, name, why);
  }
}

/** Jobs orphan their dependents when nothing is said: batch/v1 keeps that for compatibility (registry/batch/job/strategy.go). */
function finalizersAfter(current: KubeObject, resource: Resource, asked: Propagation | undefined): readonly string[] {
  const existing = current.metadata.finalizers ?? [];
  const others = existing.filter((name) => name !== 'orphan' && name !== 'foregroundDeletion');
  const propagation = asked ?? (resource.kind === 'Job' && others.length === existing.length ? 'Orphan' : undefined);
  if (propagation === undefined) return existing;
  if (propagation === 'Background') return others;
  return [...others, propagation === 'Orphan' ? 'orphan' : 'foregroundDeletion'];
}

/** Only pods stop gracefully, and only those that a kubelet has (registry/core/pod/strategy.go CheckGracefulDelete). */
function graceSeconds(current: KubeObject, asked: number | undefined): number {
  if (current.kind !== 'Pod') return 0;
  const phase = at(current, 'status', 'phase');
  if (stringOf(at(current, 'spec', 'nodeName')) === '' || phase === 'Succeeded' || phase === 'Failed') return 0;
  if (asked !== undefined) return Math.max(0, asked);
  return numberOf(at(current, 'spec', 'terminationGracePeriodSeconds'), DEFAULT_GRACE_SECONDS);
}

function holdsContent(namespace: KubeObject): boolean {
  return listOf(at(namespace, 'spec', 'finalizers')).length > 0;
}

type Marking = { readonly finalizers: readonly string[]; readonly grace: number; readonly clock: Clock };

/** Sets the deletion time once; a later delete may only shorten the grace period. */
function mark(current: KubeObject, resource: Resource, { finalizers, grace, clock }: Marking): Deletion {
  const { metadata } = current;
  const first = metadata.deletionTimestamp === undefined;
  const shorter = !first && grace < (metadata.deletionGracePeriodSeconds ?? 0);
  const sameFinalizers = finalizers.join() === (metadata.finalizers ?? []).join();
  if (!first && !shorter && sameFinalizers) return { action: 'none', object: current };
  const object: KubeObject = { ...current, metadata: { ...metadata } };
  if (finalizers.length > 0) object.metadata.finalizers = [...finalizers];
  else delete object.metadata.finalizers;
  if (first || shorter) {
    object.metadata.deletionTimestamp = timestamp(clock, grace);
    object.metadata.deletionGracePeriodSeconds = grace;
  }
  if (first && metadata.generation !== undefined) object.metadata.generation = metadata.generation + 1;
  if (resource.kind === 'Namespace') object.status = { ...(current.status as object), phase: 'Terminating' };
  return { action: 'mark', object };
}
