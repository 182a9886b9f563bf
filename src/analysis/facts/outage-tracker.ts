import type { RequestRecord } from '../../model/record.ts';
import type { RecoveryRule } from '../../model/recovery-rule.ts';
import type { Micros } from '../../model/units.ts';
import type { Window } from '../timeline/windows.ts';
import type { BlamedProxy } from './callers.ts';
import { type Example, exampleOf } from './example.ts';

/**
 * Who is charged with a bad request. `isCrowded`: it was late and sent together with the one before it. `isGuess`: it had
 * no answer, which tells only whose path it was.
 */
type Charge = { readonly caller: BlamedProxy; readonly isCrowded: boolean; readonly isGuess: boolean };

/** Bad requests of one calling proxy, and of those the crowded and the guessed ones. */
type Charges = { readonly caller: BlamedProxy; bad: number; crowded: number; guessed: number };

/** From the first bad request of a group to the recovery that held. */
export type Outage = {
  /** Due time of its first bad request, and when that was sent. */
  readonly from: Micros;
  readonly sent: Micros;
  /** When the last good request before it was sent: it began later than that. */
  readonly after: Micros;
  /** When the last bad request was sent. */
  lo: Micros;
  /** When the first good request of the run that held had ended; null while it goes on. */
  hi: Micros | null;
  bad: number;
  /** Requests from its first to its last bad one. */
  span: number;
  /** Its errors that came close together, in order; the rest of it may be noise that keeps a recovery from holding. */
  readonly bursts: { bad: number; readonly from: Micros; to: Micros }[];
  /** Its bad requests that count for the error budget, by calling proxy. */
  readonly callers: Map<string, Charges>;
  readonly firstBad: Example;
  lastBad: Example;
  /** First good request after the last bad one. */
  firstGood: Example | undefined;
};

/** Errors that came close together, however long their outage: how many, and their bursts' sizes. */
export type Bursts = { readonly bad: number; readonly squares: number; readonly largest: number };

const NO_BURSTS: Bursts = { bad: 0, squares: 0, largest: 0 };

const withBurst = ({ bad, squares, largest }: Bursts, n: number): Bursts => ({
  bad: bad + n,
  squares: squares + n * n,
  largest: Math.max(largest, n),
});

/** Errors of one burst have at most this distance, in requests. */
export const CLOSE = 3;
/** A burst of so many errors over so long a time is an outage. */
const LEAST_OUTAGE = 5;
const LASTING: Micros = 500_000;

/** Bursts of one outage that are told apart. */
const MAX_BURSTS = 64;

/** Groups kept apart; what comes after them is taken for one long outage, which is never shorter than the truth. */
const MAX_OUTAGES = 256;

/** Follows one path through one part of a run, request by request in due order. */
export class OutageTracker {
  total = 0;
  bad = 0;
  badTime: Micros = 0;
  /** Bad requests in a row up to the latest one. */
  streak = 0;
  /** Longest time between two requests that were sent, the edges of the part included. */
  quiet: Micros = 0;
  readonly outages: Outage[] = [];
  readonly #path: number;
  readonly #rule: RecoveryRule;
  readonly #window: Window;
  #lastSent: Micros = 0;
  #state: 'healthy' | 'failing' | 'proving' = 'healthy';
  #run = 0;
  #seen = 0;
  #firstBadAt = 0;
  #lastBadAt = Number.NEGATIVE_INFINITY;
  #burst = { bad: 0, from: 0, to: 0 };
  #noise = NO_BURSTS;
  #all = NO_BURSTS;

  /** `path` is the path's index in the record file. */
  constructor(path: number, window: Window, rule: RecoveryRule) {
    this.#path = path;
    this.#rule = rule;
    this.#window = window;
    this.#lastSent = window.start;
  }

  /** A request that was sent here and belongs to the next part: no silence. */
  noteSent({ start }: RequestRecord): void {
    if (start <= this.#lastSent) return;
    if (start - this.#lastSent > this.quiet) this.quiet = Math.min(start, this.#window.end) - this.#lastSent;
    this.#lastSent = start;
  }

  addGood(record: RequestRecord, chain: Example['chain']): void {
    this.#add(record);
    this.streak = 0;
    if (this.#state === 'healthy') return;
    const outage = this.outages.at(-1) as Outage;
    outage.firstGood ??= exampleOf(this.#path, record, chain);
    this.#state = 'proving';
    this.#prove(record, outage, outage.firstGood);
  }

  /** Good requests change nothing but counts. */
  get isCalm(): boolean {
    return this.#state === 'healthy';
  }

  /** A recovery has begun and is not proven yet. */
  get isProving(): boolean {
    return this.#state === 'proving';
  }

  /** So many good requests while calm, besides `noteSent` of each. */
  addCalm(n: number): void {
    this.total += n;
    this.#seen += n;
  }

  /** A good request of the next stage: a recovery that has begun here goes on to be proven there. */
  proveOn(record: RequestRecord): void {
    const outage = this.outages.at(-1);
    if (this.#state === 'proving' && outage?.firstGood !== undefined) this.#prove(record, outage, outage.firstGood);
  }

  /** A bad request of the next stage: what was not proven until then never is. */
  endProof(): void {
    if (this.#state === 'proving') this.#state = 'failing';
  }

  #prove(record: RequestRecord, outage: Outage, firstGood: Example): void {
    this.#run++;
    if (this.#run < this.#rule.consecutive || record.due - firstGood.due < this.#rule.lastingMs * 1_000) return;
    this.#state = 'healthy';
    outage.hi = firstGood.end;
    this.badTime += outage.hi - outage.from;
  }

  /** `after`: when the path's last good request was sent. `charge`: who saw it, where it counts for the budget. */
  addBad(record: RequestRecord, chain: Example['chain'], after: Micros, charge: Charge | undefined): void {
    this.#add(record);
    this.bad++;
    this.streak++;
    const example = exampleOf(this.#path, record, chain);
    const isNew = this.#state === 'healthy' && this.outages.length < MAX_OUTAGES;
    if (isNew) this.#begin(example, after);
    const outage = this.outages.at(-1) as Outage;
    outage.bad++;
    outage.span = this.#seen - this.#firstBadAt + 1;
    outage.lo = Math.max(outage.lo, record.start);
    outage.hi = null;
    outage.lastBad = example;
    outage.firstGood = undefined;
    if (charge !== undefined) addCharge(outage, charge);
    this.#addToBurst(record, outage);
    this.#state = 'failing';
    this.#run = 0;
  }

  /** Closes the books at the end of the part. */
  finish(end: Micros): void {
    this.quiet = Math.max(this.quiet, end - this.#lastSent);
    const last = this.outages.at(-1);
    if (last !== undefined && this.#state !== 'healthy') this.badTime += Math.max(0, end - last.from);
  }

  /**
   * The bursts that are over, and of those the ones that are noise: one that lasts is an outage of its own. How large the
   * last one grows is open.
   */
  bursts(): { readonly noise: Bursts; readonly all: Bursts } {
    const { bad, from, to } = this.#burst;
    if (bad === 0 || this.#seen - this.#lastBadAt < CLOSE) return { noise: this.#noise, all: this.#all };
    const lasts = bad >= LEAST_OUTAGE && to - from >= LASTING;
    return { noise: lasts ? this.#noise : withBurst(this.#noise, bad), all: withBurst(this.#all, bad) };
  }

  #addToBurst({ start }: RequestRecord, outage: Outage): void {
    const goesOn = this.#seen - this.#lastBadAt <= CLOSE;
    if (goesOn) {
      this.#burst.bad++;
      this.#burst.to = start;
    } else {
      const { noise, all } = this.bursts();
      this.#noise = noise;
      this.#all = all;
      this.#burst = { bad: 1, from: start, to: start };
    }
    this.#lastBadAt = this.#seen;
    const last = outage.bursts.at(-1);
    if (last !== undefined && (goesOn || outage.bursts.length >= MAX_BURSTS)) {
      last.bad++;
      last.to = Math.max(last.to, start);
    } else outage.bursts.push({ bad: 1, from: start, to: start });
  }

  #add(record: RequestRecord): void {
    this.total++;
    this.#seen++;
    this.noteSent(record);
  }

  #begin(example: Example, after: Micros): void {
    this.#firstBadAt = this.#seen;
    this.outages.push({
      from: example.due,
      sent: example.start,
      after: Math.min(after, example.start),
      lo: example.start,
      hi: null,
      bad: 0,
      span: 0,
      bursts: [],
      callers: new Map(),
      firstBad: example,
      lastBad: example,
      firstGood: undefined,
    });
  }
}

function addCharge({ callers }: Outage, { caller, isCrowded, isGuess }: Charge): void {
  const row = callers.get(caller.id) ?? { caller, bad: 0, crowded: 0, guessed: 0 };
  callers.set(caller.id, row);
  row.bad++;
  if (isCrowded) row.crowded++;
  if (isGuess) row.guessed++;
}
