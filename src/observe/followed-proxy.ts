import { readClusters, type ServiceHosts } from '../mesh/clusters-reader.ts';
import { FaultlineError, messageOf } from '../model/errors.ts';
import type { Clock, Cluster, HistoryWriter, ProxyAdmin } from '../model/ports.ts';
import type { Micros, Millis } from '../model/units.ts';
import type { Caller } from './callers.ts';
import { callsBetween } from './calls-delta.ts';
import type { NamedServices } from './named.ts';

/** What a proxy is read with. */
export type CallsReader = {
  readonly cluster: Cluster;
  readonly history: HistoryWriter;
  readonly clock: Clock;
  readonly named: NamedServices;
};

/** How often a proxy is read, in rounds of so many milliseconds. */
export const ROUND_MS = 1_000;
/** Rounds between two readings of a proxy that has called no named Service yet, when it has been read a few times, */
const SELDOM = 10;
const FEW = 3;
/** after a reading that failed of one that has, */
const AGAIN = 2;
/** and after a refusal, which lasts. */
const REFUSED = 60;
/** Reading may take a tenth of the time at most: where each reading is a process of its own, it is done less often. */
const SHARE = 10;

/** The way to the admin port, for as long as it is kept. */
type Way = { readonly admin: ProxyAdmin; readonly closing: AbortController };

/** One calling proxy that is read again and again, as long as its pod lives. */
export class FollowedProxy {
  /** Round of the next reading. */
  due = 0;
  /** Whether it has sent any request to a named Service. */
  calls = false;
  /** The reading that is going on. */
  reading: Promise<void> | undefined;
  /** When it has answered last, or could not. */
  answer: { readonly at: Micros; readonly problem: string | undefined } | undefined;
  readonly #reader: CallsReader;
  readonly #caller: Caller;
  #way: Way | undefined;
  #readings = 0;
  /** The last reading that was answered, and when it had been asked for. */
  #last: { readonly asked: Micros; readonly services: ReadonlyMap<string, ServiceHosts> } | undefined;

  constructor(reader: CallsReader, caller: Caller) {
    this.#reader = reader;
    this.#caller = caller;
  }

  /** Reads once, and writes what has been counted since the last reading. `stretch` is the pause after it, in rounds. */
  read(round: number, stretch = 1): Promise<void> {
    this.reading ??= this.#read(round, stretch).finally(() => {
      this.reading = undefined;
    });
    return this.reading;
  }

  /** Gives the way back; a reading that is going on writes nothing any more. */
  close(): void {
    this.#way?.closing.abort();
    this.#way = undefined;
  }

  async #read(round: number, stretch: number): Promise<void> {
    const { clock, history } = this.#reader;
    const [began, asked] = [clock.now(), history.now()];
    const isKept = this.#way !== undefined;
    let pause: number;
    try {
      const way = this.#open();
      const text = await way.admin.get(this.#reader.named.page());
      if (way.closing.signal.aborted) return;
      this.#take(text, asked);
      this.#readings += 1;
      // To open the way takes longer, and is done once.
      const tookMs: Millis = isKept ? (clock.now() - began) / 1000 : 0;
      const usual = this.calls || this.#readings < FEW ? stretch : SELDOM;
      pause = Math.max(usual, Math.ceil((SHARE * tookMs) / ROUND_MS));
      this.answer = { at: clock.now(), problem: undefined };
    } catch (error) {
      const refused = error instanceof FaultlineError && error.code === 'PERMISSION_DENIED';
      pause = refused ? REFUSED : this.calls ? AGAIN : SELDOM;
      this.answer = { at: clock.now(), problem: messageOf(error) };
    }
    this.due = round + pause;
    if (pause >= SELDOM) this.close();
  }

  #open(): Way {
    if (this.#way !== undefined) return this.#way;
    const { namespace, pod } = this.#caller;
    const closing = new AbortController();
    this.#way = { closing, admin: this.#reader.cluster.proxyAdmin({ namespace, pod }, closing.signal) };
    return this.#way;
  }

  #take(text: string, asked: Micros): void {
    const { history, named } = this.#reader;
    const read = readClusters(text, (service, namespace) => named.wants(service, namespace));
    const services = new Map(read.map((one) => [keyOf(one), one]));
    const { services: before, asked: from } = this.#last ?? { services: undefined, asked };
    const to = history.now();
    for (const now of read) this.#write(before?.get(keyOf(now)), now, { from, to });
    for (const [key, last] of before ?? []) {
      if (!services.has(key)) this.#write(last, { ...last, hosts: new Map() }, { from, to });
    }
    this.#last = { asked, services };
    this.calls ||= read.some(({ hosts }) => [...hosts.values()].some(({ requests }) => requests > 0));
  }

  #write(before: ServiceHosts | undefined, now: ServiceHosts, time: { from: Micros; to: Micros }): void {
    const hosts = callsBetween(before, now);
    if (hosts.length === 0) return;
    const { cluster, history } = this.#reader;
    const { namespace: podNamespace, pod, zone } = this.#caller;
    const { service, namespace, port } = now;
    const who = { cluster: cluster.name, pod, podNamespace, zone };
    history.append({ type: 'calls', ...who, service, namespace, port, ...time, hosts });
  }
}

const keyOf = ({ namespace, service, port }: ServiceHosts): string => `${namespace} ${service} ${port}`;
