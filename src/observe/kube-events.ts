import { cutTo } from '../model/cut.ts';
import { type KubeObject, NOT_ACTED_ON } from '../model/kubernetes.ts';
import type { HistoryWriter } from '../model/ports.ts';
import { coreEventOf } from './core-event.ts';

/** Events of one namespace, as they are kept up to date; undefined until they could be listed. */
type EventList = {
  readonly filter: { readonly namespace?: string };
  readonly current: readonly KubeObject[] | undefined;
};

/** So many are recorded of a cluster: a namespace in trouble tells the same of every pod, all the time. */
const MOST_EVENTS = 1000;
const MOST_TEXT = 300;

/**
 * Writes the Events that a cluster tells while it is observed: each once, and again when it is counted up. What had been
 * told before is no part of the run. Their own times have whole seconds and another clock, so they have that of the watch.
 */
export class KubeEventsLog {
  readonly #cluster: string;
  readonly #history: HistoryWriter;
  readonly #lists: readonly EventList[];
  /** The last seen state of each list. */
  readonly #seen = new Map<EventList, readonly KubeObject[]>();
  /** How often each Event was told. */
  readonly #counts = new Map<string, number>();
  #written = 0;
  #isCovered = false;

  constructor(cluster: string, history: HistoryWriter, lists: readonly EventList[]) {
    this.#cluster = cluster;
    this.#history = history;
    this.#lists = lists;
  }

  /** Called whenever something has changed. */
  look(): void {
    for (const list of this.#lists) {
      const before = this.#seen.get(list);
      if (list.current === undefined || list.current === before) continue;
      this.#seen.set(list, list.current);
      for (const event of list.current) this.#take(event, before !== undefined);
    }
    if (this.#seen.size === this.#lists.length) this.#cover();
  }

  /** The end: what could never be listed is said. */
  close(): void {
    this.#cover();
  }

  #take(event: KubeObject, isNew: boolean): void {
    const { metadata } = event;
    const key = metadata.uid ?? `${metadata.namespace}/${metadata.name}`;
    const { warning, reason, message, count, object } = coreEventOf(event);
    const known = this.#counts.get(key);
    if (known !== undefined && known >= count) return;
    this.#counts.set(key, count);
    if (!isNew || reason === NOT_ACTED_ON || this.#written >= MOST_EVENTS) return;
    this.#written += 1;
    const { kind, name, namespace = metadata.namespace } = object;
    this.#history.append({
      type: 'kube-event',
      cluster: this.#cluster,
      object: { kind, name, ...(namespace !== undefined && { namespace }) },
      warning,
      reason: cutTo(reason, MOST_TEXT),
      message: cutTo(message, MOST_TEXT),
      count,
    });
    if (this.#written < MOST_EVENTS) return;
    const text = `cluster ${this.#cluster}: more than ${MOST_EVENTS} Events were told, and no more of them are in the record`;
    this.#history.append({ type: 'notice', level: 'warning', text });
  }

  #cover(): void {
    if (this.#isCovered) return;
    this.#isCovered = true;
    const names = (isRead: boolean): string[] =>
      this.#lists.filter((list) => this.#seen.has(list) === isRead).map(({ filter }) => filter.namespace ?? 'all');
    this.#history.append({ type: 'kube-events', cluster: this.#cluster, read: names(true), unread: names(false) });
  }
}
