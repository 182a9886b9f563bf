import { isGood } from '../../model/good.ts';
import type { LoadProgress, LoadSummary } from '../../model/ports.ts';
import type { Chain, RequestRecord } from '../../model/record.ts';
import { emptyRecord } from '../../model/record-codec.ts';
import type { Load } from '../../model/scenario.ts';
import type { Micros } from '../../model/units.ts';
import { Health } from '../health.ts';
import { type RecordFile, RecordWriter } from '../record-writer.ts';
import { RollingView } from '../view.ts';
import { Ledger } from './ledger.ts';
import { readWire, type WireRequest } from './wire.ts';

/**
 * A request gets its number this long after its start: word of a drop before it may take that long, because k6 gathers
 * its samples for 50 ms and the extension its lines for 20.
 */
const SETTLING: Micros = 400_000;

/** What k6 tells, turned into the run's records. */
export class K6Session {
  readonly #load: Load;
  readonly #zero: Micros;
  readonly #now: () => Micros;
  readonly #writer: RecordWriter;
  readonly #view: RollingView;
  readonly #ledgers: readonly Ledger[];
  readonly #chains: Chain[] = [];
  readonly #record = emptyRecord();
  readonly #complaints = new Map<string, number>();
  #waiting: WireRequest[] = [];
  /** From the extension's clock to the run's. */
  #shift: Micros | undefined;
  #lost = 0;
  #whole = false;
  readonly health: Health;

  /** `now` reads the process.hrtime scale, on which `zero` lies. */
  constructor(
    input: { load: Load; ids: readonly string[]; intervalNs: number; zero: Micros; now: () => Micros },
    file: RecordFile,
  ) {
    this.#load = input.load;
    this.#zero = Math.floor(input.zero);
    this.#now = input.now;
    this.#writer = new RecordWriter(file, { engine: 'k6', paths: input.ids });
    this.#view = new RollingView(input.ids, (index) => this.#chains[index]);
    this.#ledgers = input.ids.map(() => new Ledger(input.intervalNs / 1000));
    this.health = new Health(input.ids.length, input.load.good.latencyMs);
  }

  /** The extension has said goodbye: nothing is missing at the end. */
  get whole(): boolean {
    return this.#whole;
  }

  /** One line from the extension. */
  line(text: string): void {
    const message = readWire(text);
    if (message === undefined) this.complain(`a line of the extension cannot be read: ${text.slice(0, 100)}`);
    else if (message.type === 'request') this.#waiting.push(message);
    else if (message.type === 'chain') {
      this.#chains[message.index] = message.chain;
      this.#writer.chain(message.index, message.chain);
    } else if (message.type === 'clock') this.#clock(message);
    else if (message.type === 'plan') this.#ledgers[message.path]?.plan(this.#onAxis(message.at));
    else if (message.type === 'drop') this.#dropped(message.path, this.#onAxis(message.at));
    else if (message.type === 'bye') this.#whole = true;
  }

  /** Something that makes the evidence doubtful, in words; the same words are counted. */
  complain(what: string): void {
    this.#complaints.set(what, (this.#complaints.get(what) ?? 0) + 1);
  }

  /** Writes what has settled; `all` does not wait any longer. */
  pulse(all = false): void {
    const limit = all ? Number.POSITIVE_INFINITY : this.#now() - this.#zero - SETTLING;
    const later: WireRequest[] = [];
    for (const request of this.#waiting) {
      if (this.#onAxis(request.start) <= limit) this.#settle(request);
      else later.push(request);
    }
    this.#waiting = later;
    this.#writer.flush();
  }

  /** Writes a record for every request that was due and never told of, and closes the file. */
  async close(): Promise<void> {
    this.pulse(true);
    this.#ledgers.forEach((ledger, path) => {
      let unexplained = -ledger.drops;
      for (const hole of ledger.holes()) {
        this.#writer.request({ ...emptyRecord(), path, ...hole, start: hole.due, end: hole.due });
        unexplained += 1;
      }
      for (let i = 0; i < unexplained; i += 1) {
        this.#view.due(path);
        this.#view.dropped(path);
        this.health.dropped('no word of them came from k6');
      }
    });
    await this.#writer.close();
  }

  paths(): LoadProgress['paths'] {
    return this.#view.snapshot(this.#now() - this.#zero);
  }

  degraded(): string[] {
    const { lost, failure } = this.#writer;
    const told = this.health.degraded({ lost: lost + this.#lost, failure });
    const said = [...this.#complaints].map(([what, count]) => (count === 1 ? what : `${what} (${count} times)`));
    return [...told, ...said];
  }

  summary(): LoadSummary {
    const counts = this.paths().map(({ path, sent, dropped }, index) => ({
      path,
      due: sent + dropped,
      sent,
      dropped,
      late: this.health.late(index),
    }));
    return { counts, lateP99: this.health.lateP99, degraded: this.degraded() };
  }

  /** Where the clocks differ, the line that was quickest on its way shows their distance best. */
  #clock({ at, exact, lost }: { at: Micros; exact: boolean; lost: number }): void {
    const shift = exact ? -this.#zero : this.#now() - this.#zero - at;
    this.#shift = Math.min(this.#shift ?? shift, shift);
    this.#lost = lost;
  }

  #onAxis(at: Micros): Micros {
    return at + (this.#shift ?? -this.#zero);
  }

  #dropped(path: number, at: Micros): void {
    this.#ledgers[path]?.drop(at);
    this.#view.due(path);
    this.#view.dropped(path);
    this.health.dropped('no virtual user of the path was free');
  }

  #settle(told: WireRequest): void {
    const ledger = this.#ledgers[told.path];
    if (ledger === undefined) return;
    const start = this.#onAxis(told.start);
    const { seq, due } = ledger.place(told.number, start);
    this.#view.due(told.path);
    if (told.shortage !== undefined) {
      this.#writer.request({ ...emptyRecord(), path: told.path, seq, due, start: due, end: due });
      this.#view.dropped(told.path);
      this.health.dropped(`this machine ran short of resources (${told.shortage})`);
      return;
    }
    this.#write(told, seq, due, Math.max(start, due));
  }

  #write(told: WireRequest, seq: number, due: Micros, start: Micros): void {
    const record: RequestRecord = this.#record;
    record.path = told.path;
    record.seq = seq;
    record.due = due;
    record.start = start;
    record.end = Math.max(start, this.#onAxis(told.end));
    record.outcome = told.error === undefined ? 'response' : 'error';
    record.status = told.error === undefined ? told.status : 0;
    record.error = told.error;
    record.chain = told.chain;
    record.fresh = told.fresh;
    this.health.sent(told.path, start - due);
    this.#writer.request(record);
    const good = isGood(record, this.#chains[told.chain], this.#load.good);
    this.#view.settled(told.path, good, told.chain, record.end);
  }
}
