import { type KubeObject, NOT_ACTED_ON } from '../model/kubernetes.ts';
import type { HistoryWriter } from '../model/ports.ts';
import { coreEventOf } from './core-event.ts';

type Told = { readonly ref: string; readonly what: string };

/** What Events of a cluster tell that nothing acts on, in the order of the objects' names. */
function notActedOn(events: readonly KubeObject[]): Told[] {
  return events
    .flatMap((event) => {
      const { reason, message, object } = coreEventOf(event);
      const { kind, namespace, name } = object;
      if (reason !== NOT_ACTED_ON) return [];
      return [{ ref: `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`, what: message }];
    })
    .sort((a, b) => (a.ref < b.ref ? -1 : 1));
}

/** Writes what nothing acts on, whenever that changes. */
export class EffectsLog {
  readonly #cluster: string;
  readonly #history: HistoryWriter;
  #written = '[]';

  constructor(cluster: string, history: HistoryWriter) {
    this.#cluster = cluster;
    this.#history = history;
  }

  look(events: readonly KubeObject[]): void {
    const objects = notActedOn(events);
    const text = JSON.stringify(objects);
    if (text === this.#written) return;
    this.#written = text;
    this.#history.append({ type: 'not-acted-on', cluster: this.#cluster, objects });
  }
}
