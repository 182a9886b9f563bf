import type { Clock, HistoryWriter, ObserveTrouble } from '../model/ports.ts';

export type Trouble = ObserveTrouble & { readonly kind: string; readonly what: string };

/** One role usually lacks several verbs at once: refusals that come together are told in one notice. */
const TOGETHER_MS = 3_000;

const WITHOUT: Readonly<Record<string, string>> = {
  EndpointSlice: 'no endpoints of this cluster are in the record, and nothing that rests on them can be judged',
  Pod: 'not every calling proxy is known, and no endpoints are recorded for those namespaces',
  Event: 'they are not in the record, and whether the cluster acts on its whole configuration is not known',
  Node: 'the zone of a proxy without an endpoint is not known',
};

/** What cannot be observed in one cluster, gathered into one notice that says what it means. */
export class Troubles {
  readonly #cluster: string;
  readonly #history: HistoryWriter;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #waiting: Trouble[] = [];
  #telling: Promise<void> = Promise.resolve();

  constructor(cluster: string, ports: { history: HistoryWriter; clock: Clock }, signal: AbortSignal) {
    this.#cluster = cluster;
    this.#history = ports.history;
    this.#clock = ports.clock;
    this.#signal = signal;
  }

  add(trouble: Trouble): void {
    this.#waiting.push(trouble);
    if (this.#waiting.length === 1) this.#telling = this.#tell();
  }

  /** Resolves when everything is written; at the signal that is at once. */
  ended(): Promise<void> {
    return this.#telling;
  }

  async #tell(): Promise<void> {
    await this.#clock.sleep(TOGETHER_MS, this.#signal);
    const troubles = this.#waiting;
    this.#waiting = [];
    const text = `cluster ${this.#cluster}: ${sentences(troubles).join('; ')}`;
    this.#history.append({ type: 'notice', level: 'warning', text });
  }
}

function sentences(troubles: readonly Trouble[]): string[] {
  const unlisted = troubles.filter(({ cannot }) => cannot === 'list');
  const unwatched = troubles.filter(({ cannot }) => cannot === 'watch');
  const unread = troubles.filter(({ cannot }) => cannot === 'read');
  const kinds = [...new Set(unlisted.map(({ kind }) => kind))];
  return [
    ...kinds.map((kind) => {
      const own = unlisted.filter((trouble) => trouble.kind === kind);
      return `${names(own)} cannot be listed: ${WITHOUT[kind] ?? 'they are not known'} (${own[0]?.reason})`;
    }),
    ...(unwatched.length === 0
      ? []
      : [
          `${names(unwatched)} cannot be watched (${unwatched[0]?.reason}): they are listed again every few seconds ` +
            'instead, so what changes is recorded up to 15 s late',
        ]),
    ...(unread.length === 0
      ? []
      : [`what ${names(unread)} say is not understood, and not all of it is in the record (${unread[0]?.reason})`]),
  ];
}

function names(troubles: readonly Trouble[]): string {
  return [...new Set(troubles.map(({ what }) => what))].join(', ');
}
