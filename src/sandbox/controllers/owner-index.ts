import type { KubeObject, ObjectRef } from '../../model/kubernetes.ts';
import type { StoreEvent } from '../api/store.ts';

/** Who names whom as its owner, by the owner's uid. */
export type OwnerIndex = {
  see(event: StoreEvent): void;
  /** Keys of the objects that name this uid as an owner. */
  dependentsOf(uid: string): string[];
};

/** Key of an object of any kind; no part of a reference contains the separator. */
export function keyOfRef({ apiVersion, kind, namespace = '', name }: ObjectRef): string {
  return [apiVersion, kind, namespace, name].join('|');
}

export function refOfKey(key: string): ObjectRef {
  const [apiVersion = '', kind = '', namespace = '', name = ''] = key.split('|');
  return { apiVersion, kind, name, ...(namespace === '' ? {} : { namespace }) };
}

export function refOfObject({ apiVersion, kind, metadata }: KubeObject): ObjectRef {
  const { namespace, name = '' } = metadata;
  return { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) };
}

export function createOwnerIndex(): OwnerIndex {
  const dependents = new Map<string, Set<string>>();
  const ownersOf = new Map<string, readonly string[]>();

  const forget = (key: string): void => {
    for (const uid of ownersOf.get(key) ?? []) {
      const keys = dependents.get(uid);
      keys?.delete(key);
      if (keys?.size === 0) dependents.delete(uid);
    }
    ownersOf.delete(key);
  };

  return {
    see({ type, object }) {
      const key = keyOfRef(refOfObject(object));
      forget(key);
      const owners = (object.metadata.ownerReferences ?? []).map((owner) => owner.uid);
      if (type === 'DELETED' || owners.length === 0) return;
      ownersOf.set(key, owners);
      for (const uid of owners) {
        const keys = dependents.get(uid) ?? new Set();
        keys.add(key);
        dependents.set(uid, keys);
      }
    },
    dependentsOf: (uid) => [...(dependents.get(uid) ?? [])],
  };
}
