import type { KubeObject } from '../../model/kubernetes.ts';
import { createEmitter, type Emitter } from './emitter.ts';
import { apiVersionOf, RESOURCES, resourceOf, storageKey } from './resources.ts';
import type { ObjectStore, StoreEvent } from './store.ts';

/** A change with the state before it, so that a watch can tell who entered or left its selection. */
export type Change = StoreEvent & { readonly revision: number; readonly previous: KubeObject | undefined };

/** The recent changes of every kind, from which watches are served. */
export type History = {
  /** Changes of one kind after a revision; undefined when some of them are forgotten already. */
  since(key: string, revision: number): readonly Change[] | undefined;
  listen(key: string, listener: (change: Change) => void): () => void;
  close(): void;
};

/** How many changes of one kind a watch may be behind. */
const REMEMBERED = 1000;

type Track = {
  readonly changes: Change[];
  readonly latest: Map<string, KubeObject>;
  readonly emitter: Emitter<Change>;
  /** The last revision whose successors are all still here. */
  floor: number;
};

/** Follows a store from now on. */
export function createHistory(store: ObjectStore): History {
  const tracks = new Map<string, Track>();
  const start = store.revision();

  const trackOf = (key: string): Track => {
    let track = tracks.get(key);
    if (track === undefined) {
      track = { changes: [], latest: new Map(), emitter: createEmitter(), floor: start };
      tracks.set(key, track);
    }
    return track;
  };

  for (const resource of RESOURCES) {
    const { latest } = trackOf(storageKey(resource));
    for (const object of store.list({ apiVersion: apiVersionOf(resource), kind: resource.kind })) {
      latest.set(rowKey(object), object);
    }
  }

  const close = store.onChange((event) => {
    const resource = resourceOf(event.object);
    const track = trackOf(storageKey(resource));
    const change = record(track, event);
    track.emitter.emit(change);
  });

  return {
    since(key, revision) {
      const { changes, floor } = trackOf(key);
      return revision < floor ? undefined : changes.filter((change) => change.revision > revision);
    },
    listen: (key, listener) => trackOf(key).emitter.listen(listener),
    close,
  };
}

function rowKey({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

function record(track: Track, event: StoreEvent): Change {
  const key = rowKey(event.object);
  const revision = Number(event.object.metadata.resourceVersion);
  const change: Change = { ...event, revision, previous: track.latest.get(key) };
  if (event.type === 'DELETED') track.latest.delete(key);
  else track.latest.set(key, event.object);
  track.changes.push(change);
  if (track.changes.length > REMEMBERED) track.floor = track.changes.shift()?.revision ?? track.floor;
  return change;
}
