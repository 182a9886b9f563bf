import type { RequestRecord } from '../model/record.ts';
import type { Micros } from '../model/units.ts';
import type { ChainKind } from './chains.ts';
import { type Example, exampleOf } from './example.ts';
import type { Hold, Stage } from './stages.ts';

/** An outage that recovered this long before the cluster saw the fault take effect was not that fault's doing. */
const SETTLE: Micros = 5_000_000;

/** From the first bad request of a group of outages to the recovery that held. */
export type Outage = {
  /** Due time of its first bad request. */
  readonly from: Micros;
  /** When the last bad request was sent. */
  readonly lo: Micros;
  /** When the first good request of the run that held had ended; null while it goes on. */
  readonly hi: Micros | null;
};

/** Follows one path through one stage, request by request in due order. */
export class OutageTracker {
  total = 0;
  bad = 0;
  flaps = 0;
  badTime: Micros = 0;
  firstBad: Example | undefined;
  lastBad: Example | undefined;
  /** First good request after the last bad one. */
  firstGood: Example | undefined;
  /** The longest outage that was over before the fault took effect. */
  early: Outage | undefined;
  /** The first recovery of the outage the fault is charged with; a later one means that it came back. */
  firstRecovery: Outage | undefined;
  readonly #effective: Micros;
  readonly #hold: Hold;
  readonly #path: number;
  #state: 'healthy' | 'failing' | 'proving' = 'healthy';
  #run = 0;
  #groupStart: Micros = 0;
  #outageStart: Micros = 0;
  #recovered: Outage | undefined;

  constructor(path: number, stage: Stage, hold: Hold) {
    this.#path = path;
    this.#effective = stage.effective ?? Number.POSITIVE_INFINITY;
    this.#hold = hold;
  }

  addBad(record: RequestRecord, kind: ChainKind): void {
    this.total++;
    this.bad++;
    const example = exampleOf(this.#path, record, kind.chain);
    if (this.#state === 'healthy') this.#begin(example);
    this.lastBad = example;
    this.firstGood = undefined;
    this.#state = 'failing';
    this.#run = 0;
  }

  addGood(record: RequestRecord, kind: ChainKind): void {
    this.total++;
    if (this.#state === 'healthy') return;
    if (this.firstGood === undefined) this.firstGood = exampleOf(this.#path, record, kind.chain);
    this.#state = 'proving';
    this.#run++;
    if (this.#run >= this.#hold.consecutive && record.due - this.firstGood.due >= this.#hold.lasting) this.#recover();
  }

  /** The outage that the fault is charged with; undefined when the path never failed, or only before the effect. */
  outage(): Outage | undefined {
    if (this.lastBad === undefined || this.#isEarly(Number.POSITIVE_INFINITY)) return undefined;
    return this.#state === 'healthy' ? this.#recovered : { from: this.#groupStart, lo: this.lastBad.start, hi: null };
  }

  /** Closes the books at the end of the stage. */
  finish(end: Micros): void {
    if (this.#state !== 'healthy') this.badTime += Math.max(0, end - this.#outageStart);
    if (this.#isEarly(Number.POSITIVE_INFINITY)) this.#keepEarly();
  }

  #begin(example: Example): void {
    if (this.firstBad === undefined) {
      this.firstBad = example;
      this.#groupStart = example.due;
    } else {
      this.flaps++;
      if (this.#isEarly(example.due)) {
        this.#keepEarly();
        this.#groupStart = example.due;
        this.firstRecovery = undefined;
      }
    }
    this.#outageStart = example.due;
  }

  #recover(): void {
    if (this.lastBad === undefined || this.firstGood === undefined) return;
    this.#state = 'healthy';
    this.badTime += this.firstGood.end - this.#outageStart;
    this.#recovered = { from: this.#groupStart, lo: this.lastBad.start, hi: this.firstGood.end };
    this.firstRecovery ??= this.#recovered;
  }

  /** Whether the latest recovery came well before both the effect and `next`, the next bad request. */
  #isEarly(next: Micros): boolean {
    if (this.#state !== 'healthy' || this.#recovered?.hi == null || this.#effective === Number.POSITIVE_INFINITY) {
      return false;
    }
    return this.#recovered.hi + SETTLE <= Math.min(next, this.#effective);
  }

  #keepEarly(): void {
    const outage = this.#recovered;
    if (outage?.hi == null) return;
    const longest = this.early?.hi == null ? -1 : this.early.hi - this.early.from;
    if (outage.hi - outage.from > longest) this.early = outage;
  }
}
