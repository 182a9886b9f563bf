import type { LoadProgress, LoadSummary, SentLoad } from '../../model/ports.ts';
import type { Micros } from '../../model/units.ts';
import type { RecordFile } from '../record-writer.ts';
import { Ledger } from './ledger.ts';
import { readWire, type WireRequest } from './records/extension-wire.ts';
import { Recorder } from './records/recorder.ts';

/**
 * A request gets its number this long after its start: word of a drop before it may take that long, because k6 gathers
 * its samples for 50 ms and the extension its lines for 20.
 */
const SETTLING: Micros = 400_000;

/** What the extension tells, turned into the run's records. */
export class K6Session {
  readonly #zero: Micros;
  readonly #now: () => Micros;
  readonly #ledgers: readonly Ledger[];
  readonly #recorder: Recorder;
  #waiting: WireRequest[] = [];
  /** From the extension's clock to the run's. */
  #shift: Micros | undefined;
  #whole = false;

  /** `now` reads the process.hrtime scale, on which `zero` lies. */
  constructor(
    input: { load: SentLoad; ids: readonly string[]; intervalNs: number; zero: Micros; now: () => Micros },
    file: RecordFile,
  ) {
    this.#zero = Math.floor(input.zero);
    this.#now = input.now;
    this.#ledgers = input.ids.map(() => new Ledger(input.intervalNs / 1000));
    this.#recorder = new Recorder(input.load, input.ids, file);
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
    else if (message.type === 'chain') this.#recorder.chain(message.index, message.chain);
    else if (message.type === 'clock') this.#clock(message);
    else if (message.type === 'plan') this.#ledgers[message.path]?.plan(this.#onAxis(message.at));
    else if (message.type === 'drop') this.#dropped(message.path, this.#onAxis(message.at));
    else if (message.type === 'bye') this.#whole = true;
  }

  /** Something that makes the evidence doubtful, in words; the same words are counted. */
  complain(what: string): void {
    this.#recorder.complain(what);
  }

  /** Share of the machine that k6 uses, 0 to 1. */
  busy(share: number): void {
    this.#recorder.health.busy(share);
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
    this.#recorder.flush();
  }

  /** Writes a record for every request that was due and never told of, and closes the file. */
  async close(): Promise<void> {
    this.pulse(true);
    this.#ledgers.forEach((ledger, path) => {
      let unexplained = -ledger.drops;
      for (const { seq, due } of ledger.holes()) {
        this.#recorder.hole(path, seq, due);
        unexplained += 1;
      }
      for (let i = 0; i < unexplained; i += 1) this.#recorder.dropped(path, 'no word of them came from k6');
    });
    await this.#recorder.close();
  }

  paths(): LoadProgress['paths'] {
    return this.#recorder.paths(this.#now() - this.#zero);
  }

  degraded(): string[] {
    return this.#recorder.degraded();
  }

  summary(): LoadSummary {
    return this.#recorder.summary(this.#now() - this.#zero);
  }

  /** Where the clocks differ, the line that was quickest on its way shows their distance best. */
  #clock({ at, exact, lost }: { at: Micros; exact: boolean; lost: number }): void {
    const shift = exact ? -this.#zero : this.#now() - this.#zero - at;
    this.#shift = Math.min(this.#shift ?? shift, shift);
    this.#recorder.lost = lost;
  }

  #onAxis(at: Micros): Micros {
    return at + (this.#shift ?? -this.#zero);
  }

  #dropped(path: number, at: Micros): void {
    const ledger = this.#ledgers[path];
    if (ledger === undefined) return;
    ledger.drop(at);
    this.#recorder.dropped(path, 'no virtual user of the path was free');
  }

  #settle(told: WireRequest): void {
    const ledger = this.#ledgers[told.path];
    if (ledger === undefined) return;
    const start = this.#onAxis(told.start);
    const { seq, due } = ledger.place(told.number, start);
    if (told.shortage !== undefined) {
      this.#recorder.hole(told.path, seq, due);
      this.#recorder.dropped(told.path, `this machine ran short of resources (${told.shortage})`);
      return;
    }
    const { path, status, error, words, chain, fresh } = told;
    this.#recorder.sent({ path, seq, due, start, end: this.#onAxis(told.end), status, error, words, chain, fresh });
  }
}
