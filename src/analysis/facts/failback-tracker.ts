import type { RequestRecord } from '../../model/record.ts';
import type { Micros } from '../../model/units.ts';
import { type Count, chanceExplains } from '../../stats/index.ts';
import { type Example, exampleOf, replaceExample } from './example.ts';
import { STRAY_SHARE } from './home-share.ts';

/** Home again: this many calls in a row, or every call of a second (at least a handful). */
const RUN = 20;
const LASTING: Micros = 1_000_000;
const LEAST_HOME_CALLS = 5;
/** Where callers strayed before, strays that chance explains at this level are as usual; it is asked at each of them. */
const USUAL_RISK = 0.001;

/** Home again in (sent away for the last time, first call of the run at home ended]; `hi: null` when not seen. */
export type Homecoming = { readonly lo: Micros; readonly hi: Micros | null };

/** Follows where one path's calls of one service from one zone are served, from the first undo request on. */
export class FailbackTracker {
  calls = 0;
  /** It has been home, whatever came after. */
  cameHome = false;
  lastDue: Micros = -1;
  /** The last call away that was no usual stray; the same object for each. */
  lastAway: ReturnType<typeof replaceExample> | undefined;
  firstHome: Example | undefined;
  readonly #path: number;
  #runDue: Micros = 0;
  #runEnd: Micros = 0;
  #run = 0;
  #home: Homecoming | undefined;
  #strays = 0;
  #sinceHome = 0;
  readonly #before: Count & { bad: number; all: number } = { bad: 0, all: 0 };

  /** `path` is the path's index in the record file. */
  constructor(path: number) {
    this.#path = path;
  }

  /** Calls before the first fault: what went elsewhere then may do so again. */
  addBefore(atHome: boolean, n: number): void {
    this.#before.all += n;
    if (!atHome) this.#before.bad += n;
  }

  add(record: RequestRecord, atHome: boolean): void {
    this.calls++;
    this.#sinceHome++;
    this.lastDue = record.due;
    if (!atHome) {
      this.#away(record);
      return;
    }
    if (this.#run++ === 0) {
      this.#runDue = record.due;
      this.#runEnd = record.end;
      this.firstHome = exampleOf(this.#path, record, undefined);
    }
    if (this.#home !== undefined) return;
    const held = this.#run >= LEAST_HOME_CALLS && record.due - this.#runDue >= LASTING;
    if (this.#run >= RUN || held) {
      this.#home = { lo: this.lastAway?.start ?? 0, hi: this.#runEnd };
      this.cameHome = true;
      this.#sinceHome = this.#run;
    }
  }

  /** It is home, so that further calls at home only count. */
  get isHome(): boolean {
    return this.#home !== undefined && this.#run > 0;
  }

  /** So many calls at home while it is home; the last one was due then. */
  addHome(n: number, lastDue: Micros): void {
    this.calls += n;
    this.#sinceHome += n;
    this.#run += n;
    this.lastDue = lastDue;
  }

  /** Undefined when the path made no such calls after the undo request. */
  result(): Homecoming | undefined {
    if (this.calls === 0) return undefined;
    return this.#home ?? { lo: this.lastAway?.start ?? 0, hi: null };
  }

  #away(record: RequestRecord): void {
    if (this.#home !== undefined || this.#run > 0) {
      this.#run++;
      this.#strays++;
      if (this.#isStray()) return;
    }
    this.#home = undefined;
    this.#run = 0;
    this.#strays = 0;
    this.lastAway = replaceExample(this.lastAway, this.#path, record);
  }

  /** Whether the calls away since the run at home began are strays: few where it has held, or no more than before the fault. */
  #isStray(): boolean {
    const isHome = this.#home !== undefined;
    if (isHome && (this.#strays <= 1 || this.#strays <= STRAY_SHARE * this.#sinceHome)) return true;
    if (this.#before.bad === 0) return false;
    const all = isHome ? this.#sinceHome : this.#run;
    return chanceExplains(this.#before, { bad: this.#strays, all }, USUAL_RISK);
  }
}
