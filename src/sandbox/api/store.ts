import type { KubeKind, KubeObject, ObjectRef } from '../../model/kubernetes.ts';
import type { Clock, Random } from '../../model/ports.ts';
import { bootstrapObjects, type Installed } from './bootstrap.ts';
import { convert } from './convert.ts';
import { type DeleteOptions, type Deletion, deletionOf } from './deletion.ts';
import { createEmitter } from './emitter.ts';
import { alreadyExists, forbidden, modified, notFound } from './errors.ts';
import { generatedName } from './identity.ts';
import { deepFreeze } from './json.ts';
import { prepareCreate } from './prepare-create.ts';
import { isUnchanged, prepareUpdate, type UpdateOptions } from './prepare-update.ts';
import type { Resource } from './resource.ts';
import { apiVersionOf, findResource, resourceOf, storageKey } from './resources.ts';

export type StoreEvent = { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: KubeObject };

export type StoreWriteOptions = {
  /** Goes through defaulting and validation and stores nothing. */
  readonly dryRun?: boolean;
};

/**
 * All objects of one cluster. Objects handed out are deep-frozen: a caller that wants to change one copies it first.
 * Every refusal is an ApiError.
 */
export type ObjectStore = {
  /** The cluster whose istiod serves the proxies of this one, and reads no mesh configuration here; its own when undefined. */
  readonly configuredBy: string | undefined;
  get(ref: ObjectRef): KubeObject | undefined;
  /** Sorted by namespace and name, as etcd lists. */
  list(kind: KubeKind, namespace?: string): KubeObject[];
  create(object: KubeObject, options?: StoreWriteOptions): KubeObject;
  /** With a resourceVersion in the object, only that version is replaced. Without `subresource`, the status is left alone. */
  update(object: KubeObject, options?: StoreWriteOptions & UpdateOptions): KubeObject;
  /**
   * Objects with finalizers, namespaces and running pods are only marked; the rest is removed at once.
   * Returns the object as it was left or as it was removed. Deleting what does not exist is an ApiError 404.
   */
  delete(ref: ObjectRef, options?: DeleteOptions): KubeObject;
  /** Really removes a pod whose containers have stopped, or a namespace that is empty. No error when it is gone. */
  finalizeDelete(ref: ObjectRef): void;
  /** Synchronous, in order, after the change is stored. Events carry the preferred version of the kind. */
  onChange(listener: (event: StoreEvent) => void): () => void;
  /** The resourceVersion of the last change. */
  revision(): number;
};

type StoreOptions = Installed & {
  readonly clock: Clock;
  readonly random: Random;
  /** @default its own */
  readonly configuredBy?: string | undefined;
  /** As DefaultingContext has it. */
  readonly proxyImage?: string | undefined;
};

type Table = Map<string, KubeObject>;

function rowKey(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}

class MemoryStore implements ObjectStore {
  readonly configuredBy: string | undefined;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #proxyImage: string | undefined;
  readonly #tables = new Map<string, Table>();
  readonly #emitter = createEmitter<StoreEvent>();
  #revision = 0;

  constructor({ clock, random, configuredBy, proxyImage, ...installed }: StoreOptions) {
    this.configuredBy = configuredBy;
    this.#clock = clock;
    this.#random = random;
    this.#proxyImage = proxyImage;
    for (const object of bootstrapObjects(installed)) this.create(object);
  }

  revision(): number {
    return this.#revision;
  }

  onChange(listener: (event: StoreEvent) => void): () => void {
    return this.#emitter.listen(listener);
  }

  get(ref: ObjectRef): KubeObject | undefined {
    const resource = findResource(ref);
    if (resource === undefined) return undefined;
    const found = this.#find(resource, ref);
    return found === undefined ? undefined : convert(found, resource, ref.apiVersion);
  }

  list(kind: KubeKind, namespace?: string): KubeObject[] {
    const resource = findResource(kind);
    if (resource === undefined) return [];
    const prefix = namespace === undefined ? '' : `${namespace}/`;
    return [...this.#table(resource)]
      .filter(([key]) => key.startsWith(prefix))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, object]) => convert(object, resource, kind.apiVersion));
  }

  create(input: KubeObject, options: StoreWriteOptions = {}): KubeObject {
    const resource = resourceOf(input);
    const object = prepareCreate(convert(input, resource, storedVersion(resource)), resource, {
      clock: this.#clock,
      random: this.#random,
      proxyImage: this.#proxyImage,
      name: input.metadata.name ?? this.#freeName(resource, input),
      services: () => this.list({ apiVersion: 'v1', kind: 'Service' }),
    });
    const { namespace, name = '' } = object.metadata;
    if (this.#table(resource).has(rowKey(namespace, name))) throw alreadyExists(resource, name);
    this.#requireNamespace(resource, object);
    const stored = options.dryRun === true ? deepFreeze(object) : this.#write(resource, 'ADDED', object);
    return convert(stored, resource, input.apiVersion);
  }

  update(input: KubeObject, options: StoreWriteOptions & UpdateOptions = {}): KubeObject {
    const resource = resourceOf(input);
    const current = this.#find(resource, {
      ...input,
      name: input.metadata.name ?? '',
      ...(input.metadata.namespace === undefined ? {} : { namespace: input.metadata.namespace }),
    });
    if (current === undefined) throw notFound(resource, input.metadata.name ?? '');
    const wanted = input.metadata.resourceVersion;
    if (wanted !== undefined && wanted !== '' && wanted !== current.metadata.resourceVersion) {
      throw modified(resource, current.metadata.name ?? '');
    }
    const next = prepareUpdate(current, convert(input, resource, storedVersion(resource)), resource, options);
    if (isUnchanged(current, next)) return convert(current, resource, input.apiVersion);
    if (options.dryRun === true) return convert(deepFreeze(next), resource, input.apiVersion);
    const removed = next.metadata.deletionTimestamp !== undefined && isFinalized(next);
    return convert(this.#write(resource, removed ? 'DELETED' : 'MODIFIED', next), resource, input.apiVersion);
  }

  delete(ref: ObjectRef, options: DeleteOptions = {}): KubeObject {
    const resource = resourceOf(ref);
    const current = this.#find(resource, ref);
    if (current === undefined) throw notFound(resource, ref.name);
    const deletion: Deletion = deletionOf(current, resource, options, this.#clock);
    if (options.dryRun === true || deletion.action === 'none')
      return convert(deletion.object, resource, ref.apiVersion);
    const type = deletion.action === 'remove' ? 'DELETED' : 'MODIFIED';
    return convert(this.#write(resource, type, deletion.object), resource, ref.apiVersion);
  }

  finalizeDelete(ref: ObjectRef): void {
    const resource = resourceOf(ref);
    const current = this.#find(resource, ref);
    if (current === undefined) return;
    if ((current.metadata.finalizers ?? []).length === 0) {
      this.#write(resource, 'DELETED', { ...current, metadata: { ...current.metadata } });
    } else if (current.metadata.deletionGracePeriodSeconds !== 0) {
      this.#write(resource, 'MODIFIED', {
        ...current,
        metadata: { ...current.metadata, deletionGracePeriodSeconds: 0 },
      });
    }
  }

  #table(resource: Resource): Table {
    const key = storageKey(resource);
    let table = this.#tables.get(key);
    if (table === undefined) {
      table = new Map();
      this.#tables.set(key, table);
    }
    return table;
  }

  #find(resource: Resource, ref: ObjectRef): KubeObject | undefined {
    return this.#table(resource).get(rowKey(resource.namespaced ? ref.namespace : undefined, ref.name));
  }

  #freeName(resource: Resource, input: KubeObject): string {
    const base = input.metadata.generateName ?? '';
    if (base === '') return '';
    const { namespace } = input.metadata;
    for (;;) {
      const name = generatedName(base, this.#random);
      if (!this.#table(resource).has(rowKey(namespace, name))) return name;
    }
  }

  #requireNamespace(resource: Resource, object: KubeObject): void {
    if (!resource.namespaced) return;
    const name = object.metadata.namespace ?? '';
    const namespace = this.get({ apiVersion: 'v1', kind: 'Namespace', name });
    if (namespace === undefined) throw notFound(resourceOf({ apiVersion: 'v1', kind: 'Namespace' }), name);
    if (namespace.metadata.deletionTimestamp !== undefined) {
      const why = `unable to create new content in namespace ${name} because it is being terminated`;
      throw forbidden(resource, object.metadata.name ?? '', why);
    }
  }

  /** The one place that changes anything: numbers the change, stores it, tells the listeners. */
  #write(resource: Resource, type: StoreEvent['type'], object: KubeObject): KubeObject {
    this.#revision += 1;
    object.metadata.resourceVersion = String(this.#revision);
    const stored = deepFreeze(object);
    const key = rowKey(stored.metadata.namespace, stored.metadata.name ?? '');
    if (type === 'DELETED') this.#table(resource).delete(key);
    else this.#table(resource).set(key, stored);
    this.#emitter.emit({ type, object: stored });
    return stored;
  }
}

function storedVersion(resource: Resource): string {
  return resource.kind === 'Event' ? 'v1' : apiVersionOf(resource);
}

/** Marked for deletion and nothing holds it any more: a pod still waits for its grace period to be over. */
function isFinalized(object: KubeObject): boolean {
  const { finalizers = [], deletionGracePeriodSeconds = 0 } = object.metadata;
  return finalizers.length === 0 && deletionGracePeriodSeconds === 0 && object.kind !== 'Namespace';
}

/** An empty cluster with what every API server brings itself: system namespaces and CustomResourceDefinitions. */
export function createStore(options: StoreOptions): ObjectStore {
  return new MemoryStore(options);
}
