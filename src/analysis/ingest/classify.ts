import { isInTime, isSentLate, isServed, type PathRule } from '../../model/good.ts';
import type { RequestRecord } from '../../model/record.ts';
import type { Micros } from '../../model/units.ts';
import type { Facts } from '../timeline/history.ts';
import type { Paced } from '../timeline/silence.ts';
import type { Span } from '../timeline/windows.ts';
import type { ChainRef, ChainTable } from './chains.ts';

export const GOOD = 0;
export const BAD = 1;
/** Says nothing about the target. */
export const UNKNOWN = 2;
export type Standing = typeof GOOD | typeof BAD | typeof UNKNOWN;

/** Why requests say nothing, for people. */
type Unknowns = {
  /** Due and never sent. */
  dropped: number;
  /** Responses whose chain is not in the file. */
  unresolved: number;
  /** Too late only because the generator sent them late. */
  sentLate: number;
  /** Bad when the generator, after it had stood still, sent many at once. */
  crowded: number;
  /** Ended by an error of the generator's own script. */
  script: number;
  /** Bad while the target's own process stood still. */
  blind: number;
  /** Late, or given up, when the generator stood still while they were under way. */
  unread: number;
};

/** How the requests of one path are sent: when the last one was, and whether it was one of many at once. */
export type Sending = { last: Micros; inCrowd: boolean };

/** What a record's path says of how it is judged. */
type Sent = { readonly sending: Sending; readonly rule: PathRule } & Paced;

/** Sorts records into good, bad and unknown; "good" itself is the model's word. */
export class Classifier {
  readonly unknowns: Unknowns = { dropped: 0, unresolved: 0, sentLate: 0, crowded: 0, script: 0, blind: 0, unread: 0 };
  /** The chain of the record classified last; undefined where it is not known. */
  chain: ChainRef | undefined;
  /** Whether that record was served, however late. */
  served = false;
  readonly #chains: ChainTable;
  readonly #blind: readonly Span[];
  /** In which the generator stood still. */
  readonly #stalls: readonly Span[];
  readonly #timeout: Micros;

  constructor(facts: Facts, chains: ChainTable) {
    this.#chains = chains;
    this.#blind = facts.blind;
    this.#stalls = facts.stalls;
    this.#timeout = facts.header.scenario.load.timeoutMs * 1000;
  }

  /** `path`: that of the record. */
  classify(record: RequestRecord, path: Sent): Standing {
    const { sending, rule } = path;
    const { good } = rule;
    this.#follow(record, path);
    this.served = false;
    this.chain = record.ended === 'response' ? this.#chains.get(record.chain, rule.index) : this.#chains.none;
    if (record.ended === 'dropped') return this.#unknown('dropped');
    if (record.error === 'script') return this.#unknown('script');
    if (this.chain === undefined) return this.#unknown('unresolved');
    this.served = isServed(record, this.chain.kind.complete[rule.index] ?? false, good);
    if (this.served && isInTime(record, good)) return GOOD;
    if (isSentLate(record, this.served, good)) return this.#unknown('sentLate');
    if (sending.inCrowd) return this.#unknown('crowded');
    if (this.#isUnread(record, path)) return this.#unknown('unread');
    return this.#isBlind(record) ? this.#unknown('blind') : BAD;
  }

  /**
   * Whether it was too late, or given up, and the generator stood still for so much of its time that a good answer may
   * have lain there unread. A timeout that fired long after its own time shows by itself that the generator stood still.
   */
  #isUnread({ due, end, error }: RequestRecord, { rule, quiet }: Sent): boolean {
    if (!this.served && error !== 'timeout') return false;
    const still = this.#stalls.reduce(
      (sum, { from, to }) => sum + Math.max(0, Math.min(end, to) - Math.max(due, from)),
      0,
    );
    if (still > 0) return end - due - still <= rule.good.latencyMs * 1000;
    return !this.served && end - due - this.#timeout > quiet;
  }

  /**
   * A crowd begins with a request that was sent so much later than due, and so soon after the one before, that it is one of
   * many at once, and ends where they are apart again.
   */
  #follow({ due, start, ended }: RequestRecord, { sending, rate, quiet }: Sent): void {
    if (ended === 'dropped') return;
    const isClose = start - sending.last < 5e5 / rate;
    sending.inCrowd = isClose && (sending.inCrowd || start - due > quiet);
    sending.last = start;
  }

  #isBlind({ due, end }: RequestRecord): boolean {
    return this.#blind.some(({ from, to }) => due <= to && end >= from);
  }

  #unknown(why: keyof Unknowns): Standing {
    this.unknowns[why]++;
    return UNKNOWN;
  }
}
