import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { apiVersionOf, RESOURCES } from '../api/resources.ts';
import type { ObjectStore } from '../api/store.ts';
import type { Controller, ControllerContext } from './controller.ts';

const SERVICE_ACCOUNT = { apiVersion: 'v1', kind: 'ServiceAccount' } as const;

/** Empties namespaces that are being deleted and then removes them; gives new ones their default service account. */
export function namespaceController({ store }: ControllerContext): Controller {
  return {
    name: 'namespace-controller',
    keys({ type, object }) {
      const { name = '', namespace } = object.metadata;
      if (object.kind === KINDS.namespace.kind) return [name];
      return type === 'DELETED' && namespace !== undefined && isTerminating(store, namespace) ? [namespace] : [];
    },
    reconcile(name) {
      const namespace = store.get({ ...KINDS.namespace, name });
      if (namespace === undefined) return undefined;
      if (namespace.metadata.deletionTimestamp !== undefined) empty(store, name);
      else if (store.get({ ...SERVICE_ACCOUNT, namespace: name, name: 'default' }) === undefined) {
        store.create({ ...SERVICE_ACCOUNT, metadata: { name: 'default', namespace: name } });
      }
      return undefined;
    },
  };
}

function isTerminating(store: ObjectStore, name: string): boolean {
  return store.get({ ...KINDS.namespace, name })?.metadata.deletionTimestamp !== undefined;
}

function empty(store: ObjectStore, name: string): void {
  const content = (): KubeObject[] =>
    RESOURCES.filter((resource) => resource.namespaced).flatMap((resource) =>
      store.list({ apiVersion: apiVersionOf(resource), kind: resource.kind }, name),
    );
  for (const { apiVersion, kind, metadata } of content()) {
    const ref = { apiVersion, kind, namespace: name, name: metadata.name ?? '' };
    if (metadata.deletionTimestamp === undefined && store.get(ref) !== undefined) {
      store.delete(ref, { propagation: 'Background' });
    }
  }
  if (content().length === 0) store.finalizeDelete({ ...KINDS.namespace, name });
}
