import { FaultlineError, messageOf } from '../model/errors.ts';
import type { Clock, HistoryWriter } from '../model/ports.ts';
import type { Micros, Millis } from '../model/units.ts';
import type { Caller } from './callers.ts';
import { AdminSource, type CallsSource, MetricsSource, type Reading, type SourceReader } from './calls-source.ts';

/** What a proxy is read with. */
export type CallsReader = SourceReader & { readonly history: HistoryWriter; readonly clock: Clock };

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

/** So many answers in a row that are none, as of a load balancer that passes no upgrade, and the admin port counts as closed. */
const CLOSED_AFTER = 3;

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
  /** Why it is read from its metrics, which tell workloads and no hosts; undefined where its admin port is read. */
  closed: string | undefined;
  readonly #reader: CallsReader;
  readonly #caller: Caller;
  #source: CallsSource;
  #readings = 0;
  #failures = 0;
  /** When the last reading that was answered had been asked for. */
  #asked: Micros | undefined;
  #isOver = false;

  constructor(reader: CallsReader, caller: Caller) {
    this.#reader = reader;
    this.#caller = caller;
    this.#source = new AdminSource(reader, caller);
  }

  /** Reads once, and writes what has been counted since the last reading. */
  read(round: number, pace: Pace): Promise<void> {
    this.reading ??= this.#read(round, pace).finally(() => {
      this.reading = undefined;
    });
    return this.reading;
  }

  /** The end: gives the way back, and a reading that is going on writes nothing any more. */
  close(): void {
    this.#source.close();
    this.#isOver = true;
  }

  async #read(round: number, pace: Pace): Promise<void> {
    const { clock, history } = this.#reader;
    const [began, asked] = [clock.now(), history.now()];
    const { isKept } = this.#source;
    let pause: number;
    try {
      const reading = await this.#source.read();
      if (this.#isOver) return;
      this.#take(reading, asked);
      // To open the way takes longer, and is done once.
      const tookMs: Millis = isKept ? (clock.now() - began) / 1000 : 0;
      pause = Math.max(this.calls ? pace.calling : pace.idle, Math.ceil((SHARE * tookMs) / ROUND_MS));
      this.#failures = 0;
      this.answer = { at: clock.now(), problem: undefined };
    } catch (error) {
      pause = this.#fail(error, pace);
    }
    this.due = round + pause;
    if (pause >= LONG) this.#source.close();
  }

  /** How many rounds to wait after a reading that was not answered. */
  #fail(error: unknown, { calling }: Pace): number {
    const code = error instanceof FaultlineError ? error.code : '';
    const problem = this.closed === undefined ? messageOf(error) : `${this.closed}; and ${messageOf(error)}`;
    this.answer = { at: this.#reader.clock.now(), problem };
    this.#failures += 1;
    const isClosed = code === 'PERMISSION_DENIED' || (code === 'KUBE_API' && this.#failures >= CLOSED_AFTER);
    if (isClosed && this.closed === undefined && this.#asked === undefined) {
      this.closed = problem;
      this.#failures = 0;
      this.#source.close();
      this.#source = new MetricsSource(this.#reader, this.#caller);
      return calling;
    }
    if (code === 'PERMISSION_DENIED') return REFUSED;
    return Math.max(calling, Math.min(2 ** (this.#failures - 1), MOST_AFTER_FAILURE));
  }

  #take({ calls, calling, isAnew }: Reading, asked: Micros): void {
    const { cluster, history } = this.#reader;
    const { namespace: podNamespace, pod, zone } = this.#caller;
    const time = { from: this.#asked ?? asked, to: history.now(), ...(isAnew ? { anew: true as const } : {}) };
    for (const { hosts, ...service } of calls) {
      if (hosts.length === 0 && !isAnew) continue;
      history.append({ type: 'calls', cluster: cluster.name, pod, podNamespace, zone, ...service, ...time, hosts });
    }
    this.#asked = asked;
    this.#readings += 1;
    this.calls = calling || this.#readings < FIRST;
  }
}
