import { parseAllDocuments } from 'yaml';
import type { KubeObject } from '../../model/kubernetes.ts';
import { asMap, asObject, clone, mapOf } from '../api/json.ts';
import { findResource } from '../api/resources.ts';
import { isEstablished } from '../api/served.ts';
import type { ObjectStore } from '../api/store.ts';

/** Applies every document of a manifest through the admission of the store: creates what is absent, replaces the rest. */
export function applyManifest(store: ObjectStore, text: string): void {
  for (const document of parseAllDocuments(text)) {
    const object = document.toJS() as KubeObject | null;
    if (object !== null) applyObject(store, object);
  }
}

function applyObject(store: ObjectStore, object: KubeObject): void {
  const { apiVersion, kind, metadata } = object;
  const { name = '', namespace } = metadata;
  const resource = findResource({ apiVersion, kind });
  if (resource === undefined || !isEstablished(store, resource)) {
    throw new Error(`no matches for kind "${kind}" in version "${apiVersion}": ensure CRDs are installed first`);
  }
  const found = store.get({ apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) });
  if (found === undefined) {
    store.create(object);
    return;
  }
  const next = { ...clone(asMap(found)), ...clone(asMap(object)) };
  next.metadata = { ...clone(mapOf(asMap(found).metadata)), ...clone(mapOf(asMap(object).metadata)) };
  store.update(asObject(next));
}
