import { messageOf } from '../../../model/errors.ts';
import { requestOf, rulesOf, shortestGood } from '../../../model/good.ts';
import type { LoadProgress, LoadSummary, SentLoad } from '../../../model/ports.ts';
import type { Chain, TransportError } from '../../../model/record.ts';
import { emptyRecord } from '../../../model/record-codec.ts';
import type { GoodRequest } from '../../../model/scenario.ts';
import type { Micros } from '../../../model/units.ts';
import type { Wrong } from '../../content.ts';
import { Health } from '../../health.ts';
import { type RecordFile, RecordWriter } from '../../record-writer.ts';
import { standingOf } from '../../standing.ts';
import { TextTable } from '../../text-table.ts';
import { RollingView } from '../../view.ts';
import type { Words } from '../../words.ts';

/** A request that k6 has sent, in its place of the open model. Times are run time. */
type Settled = {
  readonly path: number;
  readonly seq: number;
  readonly due: Micros;
  readonly start: Micros;
  readonly end: Micros;
  readonly status: number;
  readonly error: TransportError | undefined;
  /** What the error says of itself, where k6 has told it. */
  readonly words: Words | undefined;
  /** What the answer should not have said. */
  readonly wrong?: Wrong | undefined;
  readonly chain: number;
  readonly fresh: boolean;
};

/** The run's records, live counts and doubts, whichever way k6 tells of its requests. */
export class Recorder {
  /** What is good on each path. */
  readonly #goods: readonly GoodRequest[];
  readonly #writer: RecordWriter;
  readonly #view: RollingView;
  readonly #chains: Chain[] = [];
  readonly #texts = new TextTable((index, text) => this.#writer.text(index, text));
  readonly #record = emptyRecord();
  readonly #complaints = new Map<string, number>();
  readonly health: Health;
  /** Request lines that were lost before they got here. */
  lost = 0;

  constructor(load: SentLoad, ids: readonly string[], file: RecordFile) {
    const rules = rulesOf(load);
    this.#goods = ids.map((id) => rules.of(requestOf(id)).good);
    this.#writer = new RecordWriter(file, { engine: 'k6', paths: ids, hidden: load.hidden });
    this.#view = new RollingView(ids, (index) => this.#chains[index]);
    this.health = new Health(ids.length, shortestGood(load));
  }

  /** A chain, before the first request that names its index. */
  chain(index: number, chain: Chain): void {
    this.#chains[index] = chain;
    this.#writer.chain(index, chain);
  }

  /** Writes a request that was sent. */
  sent({ words, wrong, ...told }: Settled): void {
    const record = Object.assign(this.#record, told);
    record.text = wrong === undefined ? this.#texts.index(words) : this.#texts.told(wrong);
    record.due = Math.trunc(told.due);
    record.start = Math.max(Math.trunc(told.start), record.due);
    record.end = Math.max(record.start, Math.trunc(told.end));
    record.ended = told.error === undefined ? 'response' : 'error';
    this.#view.due(told.path);
    this.health.sent(told.path, record.start - record.due);
    this.#writer.request(record);
    const standing = standingOf(record, this.#chains[told.chain], this.#goods[told.path] as GoodRequest);
    this.#view.settled(told.path, standing, told.chain, record.end);
  }

  /** Writes a request that was due and not sent. */
  hole(path: number, seq: number, due: Micros): void {
    this.#writer.request({ ...emptyRecord(), path, seq, due, start: due, end: due });
  }

  /** Counts a request that was due and not sent. `why` completes the sentence "3 requests dropped: …". */
  dropped(path: number, why: string): void {
    this.#view.due(path);
    this.#view.dropped(path);
    this.health.dropped(why);
  }

  /** What no line may hold from now on. */
  hide(texts: readonly string[]): void {
    this.#writer.hide(texts);
  }

  /** Something that makes the evidence doubtful, in words; the same words are counted. */
  complain(what: string): void {
    this.#complaints.set(what, (this.#complaints.get(what) ?? 0) + 1);
  }

  /** Hands what waits to the disk. */
  flush(): void {
    this.#writer.flush();
  }

  /** Rejects with FaultlineError LOAD when records could not be written. */
  close(): Promise<void> {
    return this.#writer.close();
  }

  paths(now: Micros): LoadProgress['paths'] {
    return this.#view.snapshot(now);
  }

  /** Why requests are not recorded any more. */
  get unwritten(): string | undefined {
    const { failure } = this.#writer;
    return failure === undefined ? undefined : messageOf(failure);
  }

  degraded(): string[] {
    const { lost, failure } = this.#writer;
    const told = this.health.degraded({ lost: lost + this.lost, failure });
    const said = [...this.#complaints].map(([what, count]) => (count === 1 ? what : `${what} (${count} times)`));
    return [...told, ...said];
  }

  summary(now: Micros): LoadSummary {
    const counts = this.paths(now).map(({ path, sent, dropped }, index) => ({
      path,
      due: sent + dropped,
      sent,
      dropped,
      late: this.health.late(index),
    }));
    return { counts, lateP99: this.health.lateP99, degraded: this.degraded() };
  }
}
