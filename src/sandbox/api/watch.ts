import type { KubeObject } from '../../model/kubernetes.ts';
import type { ServerContext } from './context.ts';
import { convert } from './convert.ts';
import { ApiError, expired } from './errors.ts';
import type { Change } from './history.ts';
import { asMap, type JsonMap } from './json.ts';
import { wholeNumber } from './read.ts';
import { kindOf, type ResourceRequest } from './request.ts';
import { storageKey } from './resources.ts';
import { selectionOf } from './selection.ts';

const BOOKMARK_MS = 60_000;
const DEFAULT_TIMEOUT_SECONDS = 1800;

export type WatchEvent = {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: JsonMap;
};

/** Where the events of one watch go. */
type WatchSink = {
  send(event: WatchEvent): void;
  /** Ends the answer in good order. */
  end(): void;
};

/** A running watch. */
export type Watch = { stop(): void };

/**
 * Serves one watch: the initial state where it is asked for, missed changes, then live ones (apiserver storage/cacher). A
 * version that is forgotten gives an ERROR event with 410, as the watch cache does.
 */
export function startWatch(target: ResourceRequest, context: ServerContext, sink: WatchSink): Watch {
  return new RunningWatch(target, context, sink);
}

class RunningWatch implements Watch {
  readonly #target: ResourceRequest;
  readonly #context: ServerContext;
  readonly #sink: WatchSink;
  readonly #selects: (object: KubeObject) => boolean;
  readonly #ended = new AbortController();
  #unlisten: () => void = () => undefined;

  constructor(target: ResourceRequest, context: ServerContext, sink: WatchSink) {
    this.#target = target;
    this.#context = context;
    this.#sink = sink;
    this.#selects = selectionOf(target);
    const start = readStart(target.query);
    const key = storageKey(target.resource);
    if (start.initial) this.#sendState();
    if (start.initialEnd) this.#bookmark({ 'k8s.io/initial-events-end': 'true' });
    const missed = start.initial || start.now ? [] : context.history.since(key, start.revision);
    if (missed === undefined) {
      this.#expire(start.revision);
      return;
    }
    for (const change of missed) this.#deliver(change);
    if (this.#ended.signal.aborted) return;
    this.#unlisten = context.history.listen(key, (change) => {
      if (change.revision > start.revision) this.#deliver(change);
    });
    void this.#endAfter(start.timeoutSeconds);
    if (start.bookmarks) void this.#sendBookmarks();
  }

  stop(): void {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort();
    this.#unlisten();
  }

  #sendState(): void {
    const { namespace } = this.#target;
    const objects = this.#context.store.list(kindOf(this.#target), namespace).filter(this.#selects);
    for (const object of objects) this.#send({ type: 'ADDED', object: asMap(object) });
  }

  /** Objects that enter the selection are ADDED, those that leave it DELETED in the state they had in it. */
  #deliver(change: Change): void {
    const { type, object, previous } = change;
    const was = previous !== undefined && this.#selects(previous);
    const is = type !== 'DELETED' && this.#selects(object);
    if (!was && !is) return;
    if (is) this.#sendObject(was ? 'MODIFIED' : 'ADDED', object);
    else this.#sendObject('DELETED', type === 'DELETED' || previous === undefined ? object : leaving(previous, change));
  }

  #sendObject(type: WatchEvent['type'], object: KubeObject): void {
    const { apiVersion } = kindOf(this.#target);
    this.#send({ type, object: asMap(convert(object, this.#target.resource, apiVersion)) });
  }

  #send(event: WatchEvent): void {
    if (!this.#ended.signal.aborted) this.#sink.send(event);
  }

  #bookmark(annotations?: JsonMap): void {
    const resourceVersion = String(this.#context.store.revision());
    const metadata = {
      resourceVersion,
      creationTimestamp: null,
      ...(annotations === undefined ? {} : { annotations }),
    };
    this.#send({ type: 'BOOKMARK', object: { ...kindOf(this.#target), metadata } });
  }

  #expire(revision: number): void {
    const { status } = expired(`too old resource version: ${revision} (${this.#context.store.revision()})`);
    this.#send({ type: 'ERROR', object: status as unknown as JsonMap });
    this.#end();
  }

  #end(): void {
    if (this.#ended.signal.aborted) return;
    this.stop();
    this.#sink.end();
  }

  async #endAfter(seconds: number): Promise<void> {
    await this.#context.clock.sleep(seconds * 1000, this.#ended.signal);
    this.#end();
  }

  async #sendBookmarks(): Promise<void> {
    for (;;) {
      await this.#context.clock.sleep(BOOKMARK_MS, this.#ended.signal);
      if (this.#ended.signal.aborted) return;
      this.#bookmark();
    }
  }
}

/** The state an object had in a selection, under the version of the change that took it out. */
function leaving(previous: KubeObject, change: Change): KubeObject {
  return { ...previous, metadata: { ...previous.metadata, resourceVersion: String(change.revision) } };
}

type Start = {
  readonly revision: number;
  readonly initial: boolean;
  readonly initialEnd: boolean;
  readonly now: boolean;
  readonly bookmarks: boolean;
  readonly timeoutSeconds: number;
};

/** Where a watch begins (kubernetes.io/docs/reference/using-api/api-concepts, semantics for watch). */
function readStart(query: URLSearchParams): Start {
  const revision = wholeNumber(query, 'resourceVersion');
  const streaming = query.get('sendInitialEvents');
  const bookmarks = ['true', '1'].includes(query.get('allowWatchBookmarks') ?? '');
  if (streaming !== null && query.get('resourceVersionMatch') !== 'NotOlderThan') {
    const message =
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan';
    throw new ApiError(422, 'Invalid', message, { kind: 'ListOptions', group: 'meta.k8s.io' });
  }
  const initial = streaming === 'true' || (streaming === null && revision === 0);
  return {
    revision: initial ? 0 : revision,
    initial,
    initialEnd: streaming === 'true' && bookmarks,
    now: streaming === 'false' && revision === 0,
    bookmarks,
    timeoutSeconds: wholeNumber(query, 'timeoutSeconds') || DEFAULT_TIMEOUT_SECONDS,
  };
}
