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

/** Time is counted in rounds of so many milliseconds. */
export const ROUND_MS = 1_000;
/** Rounds from one reading to the next of a proxy that has called a named Service, and of one that has not. */
export type Pace = { readonly calling: number; readonly idle: number };
/** So many readings tell whether it does. */
const FIRST = 10;
/** Most rounds after readings that fail: one after the first, then twice as many each time. */
const MOST_AFTER_FAILURE = 16;
/** Rounds after a refusal, which lasts. */
const REFUSED = 60;
/** From so many rounds on the way is given back in between. */
const LONG = 10;
/** Reading may take a quarter of the time at most: where each reading is a process of its own, it is done less often. */
const SHARE = 4;

/** The way to the admin port, for as long as it is kept. */
type Way = { readonly admin: ProxyAdmin; readonly closing: AbortController };

/** One calling proxy that is read again and again, as long as its pod lives. */
export class FollowedProxy {
  /** Round of the next reading. */
  due = 0;
  /** Whether it has sent any request to a named Service, or was not read often enough to say. */
  calls = true;
  /** The reading that is going on. */
  reading: Promise<void> | undefined;
  /** When it has answered last, or could not. */
  answer: { readonly at: Micros; readonly problem: string | undefined } | undefined;
  readonly #reader: CallsReader;
  readonly #caller: Caller;
  #readings = 0;
  #failures = 0;
  #way: Way | undefined;
  /** The last reading that was answered, and when it had been asked for. */
  #last: { readonly asked: Micros; readonly services: ReadonlyMap<string, ServiceHosts> } | undefined;

  constructor(reader: CallsReader, caller: Caller) {
    this.#reader = reader;
    this.#caller = caller;
  }

  /** Reads once, and writes what has been counted since the last reading. */
  read(round: number, pace: Pace): Promise<void> {
    this.reading ??= this.#read(round, pace).finally(() => {
      this.reading = undefined;
    });
    return this.reading;
  }

  /** Gives the way back; a reading that is going on writes nothing any more. */
  close(): void {
    this.#way?.closing.abort();
    this.#way = undefined;
  }

  async #read(round: number, pace: Pace): Promise<void> {
    const { clock, history } = this.#reader;
    const [began, asked] = [clock.now(), history.now()];
    const isKept = this.#way !== undefined;
    let pause: number;
    try {
      const way = this.#open();
      const text = await way.admin.get(this.#reader.named.page());
      if (way.closing.signal.aborted) return;
      this.#take(text, asked);
      // To open the way takes longer, and is done once.
      const tookMs: Millis = isKept ? (clock.now() - began) / 1000 : 0;
      pause = Math.max(this.calls ? pace.calling : pace.idle, Math.ceil((SHARE * tookMs) / ROUND_MS));
      this.#failures = 0;
      this.answer = { at: clock.now(), problem: undefined };
    } catch (error) {
      const refused = error instanceof FaultlineError && error.code === 'PERMISSION_DENIED';
      pause = refused ? REFUSED : Math.max(pace.calling, Math.min(2 ** this.#failures, MOST_AFTER_FAILURE));
      this.#failures += 1;
      this.answer = { at: clock.now(), problem: messageOf(error) };
    }
    this.due = round + pause;
    if (pause >= LONG) this.close();
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
    this.#readings += 1;
    const counted = read.some(({ hosts }) => [...hosts.values()].some(({ requests }) => requests > 0));
    this.calls = counted || this.#readings < FIRST;
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
