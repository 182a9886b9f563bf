import type { RequestRecord } from '../../model/record.ts';
import { TRANSPORT_ERRORS } from '../../model/record.ts';
import { emptyRecord } from '../../model/record-codec.ts';
import type { Micros } from '../../model/units.ts';

const FIRST_SIZE = 256;
/** A record further ahead than this means that others were lost: they are not waited for. */
const MAX_HELD = 1 << 17;
/** No file has this many chains or texts; the number fits the ring. */
const MAX_CHAIN = 0x7fff_ffff;
const ERROR_INDEX: ReadonlyMap<string, number> = new Map(TRANSPORT_ERRORS.map((error, index) => [error, index]));
const OUTCOMES = ['dropped', 'response', 'error'] as const;
/** Numbers in the ring for each record, besides its times. */
const FACTS = 4;

function packed({ ended, error, fresh }: RequestRecord): number {
  const code = ended === 'response' ? 1 : ended === 'error' ? 2 : 0;
  const words = error === undefined ? 0 : (ERROR_INDEX.get(error) ?? -1) + 1;
  return code | (fresh ? 4 : 0) | (words << 3);
}

/**
 * Brings the records of one path from completion order back to due order. `seq` counts the due requests without a
 * hole, so a record is passed on at once when its predecessor has been; otherwise it waits in a ring until the hole
 * is filled, or until `bound` has passed and the hole is counted as missing.
 */
export class Reorder {
  /** Due requests that have no record. */
  missing = 0;
  /** Records that came twice, or after they had been given up. */
  strays = 0;
  readonly #emit: (record: RequestRecord, missingBefore: number) => void;
  readonly #bound: Micros;
  readonly #out = emptyRecord();
  #next = 0;
  /** When the record passed on last was due. */
  #passedDue: Micros = -1;
  #held = 0;
  /** The smallest sequence number held; meaningless when nothing is. */
  #first = 0;
  /** Missing records not yet reported to `emit`. */
  #owed = 0;
  #mask = FIRST_SIZE - 1;
  #used = new Uint8Array(FIRST_SIZE);
  #times = new Float64Array(FIRST_SIZE * 3);
  /** Outcome, error and freshness in one number; status; chain; words, which a response has as well as an error. */
  #facts = new Int32Array(FIRST_SIZE * FACTS);

  /** `emit` gets records in due order, with the number of records missing right before each. */
  constructor(bound: Micros, emit: (record: RequestRecord, missingBefore: number) => void) {
    this.#bound = bound;
    this.#emit = emit;
  }

  /** `latest` is the latest end of any record seen so far. */
  push(record: RequestRecord, latest: Micros): void {
    if (record.seq === this.#next) {
      this.#next++;
      this.#pass(record);
      if (this.#held === 0) return;
    } else if (record.seq < this.#next || this.#isHeld(record.seq)) {
      this.strays++;
      return;
    } else {
      if (record.seq - this.#next >= MAX_HELD) this.#skipTo(record.seq);
      this.#hold(record);
    }
    this.#drain();
    while (this.#held > 0 && latest - (this.#times[(this.#first & this.#mask) * 3] as number) > this.#bound) {
      this.#giveUp();
    }
  }

  /**
   * Passes on what still waits; the file has ended. Holes behind a record that was due at `underWayFrom` or later are not
   * missing: where the run goes on, those requests may not have ended yet.
   */
  finish(underWayFrom: Micros = Number.POSITIVE_INFINITY): void {
    while (this.#held > 0) {
      if (this.#passedDue >= underWayFrom) this.#next = this.#first;
      else this.#lose(this.#first);
      this.#drain();
    }
  }

  #isHeld(seq: number): boolean {
    return this.#held > 0 && seq - this.#next <= this.#mask && this.#used[seq & this.#mask] === 1;
  }

  #hold(record: RequestRecord): void {
    while (record.seq - this.#next > this.#mask) this.#grow();
    const slot = record.seq & this.#mask;
    this.#used[slot] = 1;
    const times = this.#times;
    times[slot * 3] = record.due;
    times[slot * 3 + 1] = record.start;
    times[slot * 3 + 2] = record.end;
    const facts = this.#facts;
    facts[slot * FACTS] = packed(record);
    facts[slot * FACTS + 1] = record.status;
    facts[slot * FACTS + 2] = Math.min(record.chain, MAX_CHAIN);
    facts[slot * FACTS + 3] = Math.min(record.text, MAX_CHAIN);
    if (this.#held === 0 || record.seq < this.#first) this.#first = record.seq;
    this.#held++;
  }

  #drain(): void {
    if (this.#first !== this.#next) return;
    while (this.#held > 0 && this.#used[this.#next & this.#mask] === 1) this.#release();
    if (this.#held === 0) return;
    this.#first = this.#next;
    while (this.#used[this.#first & this.#mask] === 0) this.#first++;
  }

  #pass(record: RequestRecord): void {
    const owed = this.#owed;
    this.#owed = 0;
    this.#passedDue = record.due;
    this.#emit(record, owed);
  }

  #release(): void {
    const slot = this.#next & this.#mask;
    const out = this.#out;
    out.seq = this.#next;
    out.due = this.#times[slot * 3] as number;
    out.start = this.#times[slot * 3 + 1] as number;
    out.end = this.#times[slot * 3 + 2] as number;
    const code = this.#facts[slot * FACTS] as number;
    out.ended = OUTCOMES[code & 3] as (typeof OUTCOMES)[number];
    out.status = this.#facts[slot * FACTS + 1] as number;
    // An index of -1 is no error, but a slow one.
    out.error = code >> 3 === 0 ? undefined : TRANSPORT_ERRORS[(code >> 3) - 1];
    out.chain = this.#facts[slot * FACTS + 2] as number;
    out.text = this.#facts[slot * FACTS + 3] as number;
    out.fresh = (code & 4) !== 0;
    this.#used[slot] = 0;
    this.#held--;
    this.#next++;
    this.#pass(out);
  }

  #lose(upTo: number): void {
    this.missing += upTo - this.#next;
    this.#owed += upTo - this.#next;
    this.#next = upTo;
  }

  #giveUp(): void {
    this.#lose(this.#first);
    this.#drain();
  }

  #skipTo(seq: number): void {
    this.finish();
    if (seq > this.#next) this.#lose(seq);
  }

  #grow(): void {
    const size = (this.#mask + 1) * 2;
    const used = new Uint8Array(size);
    const times = new Float64Array(size * 3);
    const facts = new Int32Array(size * FACTS);
    for (let seq = this.#next; seq <= this.#next + this.#mask; seq++) {
      const from = seq & this.#mask;
      const to = seq & (size - 1);
      used[to] = this.#used[from] as number;
      times.set(this.#times.subarray(from * 3, from * 3 + 3), to * 3);
      facts.set(this.#facts.subarray(from * FACTS, (from + 1) * FACTS), to * FACTS);
    }
    this.#mask = size - 1;
    this.#used = used;
    this.#times = times;
    this.#facts = facts;
  }
}
