import type { KubeObject, ObjectRef, OwnerReference } from '../../model/kubernetes.ts';
import { asMap, asObject, mapOf } from '../api/json.ts';
import { findResource } from '../api/resources.ts';
import type { ObjectStore } from '../api/store.ts';
import type { Controller, ControllerContext } from './controller.ts';
import { createOwnerIndex, keyOfRef, type OwnerIndex, refOfKey, refOfObject } from './owner-index.ts';

const FOREGROUND = 'foregroundDeletion';
const ORPHAN = 'orphan';

/** Deletes what has lost its last owner, and carries out foreground deletion and orphaning (pkg/controller/garbagecollector). */
export function garbageCollector({ store }: ControllerContext): Controller {
  const index = createOwnerIndex();
  return {
    name: 'garbage-collector',
    keys(event) {
      index.see(event);
      const { object, type } = event;
      const own = keyOfRef(refOfObject(object));
      const waiting = finalizersOf(object).some((name) => name === FOREGROUND || name === ORPHAN);
      const keys = waiting || (object.metadata.ownerReferences?.length ?? 0) > 0 ? [own] : [];
      if (type !== 'DELETED') return keys;
      const owners = (object.metadata.ownerReferences ?? []).map((owner) => keyOfRef(ownerRef(owner, object)));
      return [...index.dependentsOf(object.metadata.uid ?? ''), ...owners];
    },
    reconcile(key) {
      const object = store.get(refOfKey(key));
      if (object === undefined) return undefined;
      const finalizers = object.metadata.deletionTimestamp === undefined ? [] : finalizersOf(object);
      if (finalizers.includes(ORPHAN)) orphanDependents(object, index, store);
      else if (finalizers.includes(FOREGROUND)) deleteDependents(object, index, store);
      else collect(object, index, store);
      return undefined;
    },
  };
}

function finalizersOf(object: KubeObject): readonly string[] {
  return object.metadata.finalizers ?? [];
}

/** Owners live in the namespace of their dependents, or in none. */
function ownerRef(owner: OwnerReference, dependent: KubeObject): ObjectRef {
  const { apiVersion, kind, name } = owner;
  const { namespace } = dependent.metadata;
  const namespaced = findResource({ apiVersion, kind })?.namespaced ?? true;
  return { apiVersion, kind, name, ...(namespaced && namespace !== undefined ? { namespace } : {}) };
}

/** An owner of an unknown kind counts as there: nothing is deleted on a guess. */
function findOwner(
  owner: OwnerReference,
  dependent: KubeObject,
  store: ObjectStore,
): KubeObject | 'unknown' | undefined {
  if (findResource(owner) === undefined) return 'unknown';
  const found = store.get(ownerRef(owner, dependent));
  return found?.metadata.uid === owner.uid ? found : undefined;
}

function isDeletingDependents(owner: KubeObject | 'unknown' | undefined): boolean {
  if (owner === undefined || owner === 'unknown') return false;
  return owner.metadata.deletionTimestamp !== undefined && finalizersOf(owner).includes(FOREGROUND);
}

/** Deletes an object none of whose owners is left; drops the references to missing owners where one is. */
function collect(object: KubeObject, index: OwnerIndex, store: ObjectStore): void {
  const owners = object.metadata.ownerReferences ?? [];
  if (owners.length === 0 || object.metadata.deletionTimestamp !== undefined) return;
  const found = owners.map((owner) => ({ owner, object: findOwner(owner, object, store) }));
  const solid = found.filter((one) => one.object !== undefined && !isDeletingDependents(one.object));
  if (solid.length > 0) {
    if (solid.length < found.length)
      setOwners(
        object,
        solid.map((one) => one.owner),
        store,
      );
    return;
  }
  const waiting = found.some((one) => one.object !== undefined);
  const dependents = index.dependentsOf(object.metadata.uid ?? '');
  store.delete(refOfObject(object), {
    uid: object.metadata.uid ?? '',
    propagation: waiting && dependents.length > 0 ? 'Foreground' : 'Background',
  });
}

function orphanDependents(owner: KubeObject, index: OwnerIndex, store: ObjectStore): void {
  for (const dependent of dependentsOf(owner, index, store)) {
    const kept = (dependent.metadata.ownerReferences ?? []).filter(({ uid }) => uid !== owner.metadata.uid);
    setOwners(dependent, kept, store);
  }
  removeFinalizer(owner, ORPHAN, store);
}

/** Only dependents that block their owner are waited for; the others follow once it is gone. */
function deleteDependents(owner: KubeObject, index: OwnerIndex, store: ObjectStore): void {
  const blocking = dependentsOf(owner, index, store).filter((dependent) =>
    (dependent.metadata.ownerReferences ?? []).some(
      ({ uid, blockOwnerDeletion }) => uid === owner.metadata.uid && blockOwnerDeletion === true,
    ),
  );
  if (blocking.length === 0) removeFinalizer(owner, FOREGROUND, store);
  for (const dependent of blocking) collect(dependent, index, store);
}

function dependentsOf(owner: KubeObject, index: OwnerIndex, store: ObjectStore): KubeObject[] {
  return index
    .dependentsOf(owner.metadata.uid ?? '')
    .map((key) => store.get(refOfKey(key)))
    .filter((object) => object !== undefined);
}

function setOwners(object: KubeObject, ownerReferences: readonly OwnerReference[], store: ObjectStore): void {
  const { ownerReferences: _, ...metadata } = mapOf(asMap(object).metadata);
  const owners = ownerReferences.length === 0 ? {} : { ownerReferences: [...ownerReferences] };
  store.update(asObject({ ...asMap(object), metadata: { ...metadata, ...owners } }));
}

function removeFinalizer(object: KubeObject, finalizer: string, store: ObjectStore): void {
  const finalizers = finalizersOf(object).filter((name) => name !== finalizer);
  store.update({ ...object, metadata: { ...object.metadata, finalizers } });
}
