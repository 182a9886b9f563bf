import type { Clock } from '../../model/ports.ts';
import { formatDuration, type Millis } from '../../model/units.ts';

/** Between an evaluation and the head of its answer lies the query itself, which ends within 5 s, and what hands it on. */
const MOST_APART: Millis = 30_000;
/** Where the other side does not say what time it has: the clocks of two machines may be minutes apart, and are seldom more. */
const MOST_SKEW: Millis = 300_000;
/** A cache that kept an answer for less has told nothing that is older than the next question would be. */
const MOST_AGE: Millis = 5_000;
/** An evaluation is as late as its question. `Date` has whole seconds, and servers write the same one for up to a second. */
const STILL = { evaluation: 1_000, date: 2_000 } as const;

/** When an answer was made, in milliseconds since 1970 of the other side's clock, as far as it says. */
export type Made = {
  /** Of its oldest value; undefined where it has none. */
  readonly evaluated: Millis | undefined;
  /** Its head's `Date`. */
  readonly date: string | undefined;
  /** Its head's `Age`, in seconds. */
  readonly age: string | undefined;
};

type Told = { readonly at: Millis; readonly since: Millis };

/** Tells answers that are of now from those that a cache has kept, or a clock that is wrong has dated. */
export class AnswerTimes {
  readonly #clock: Clock;
  readonly #told = new Map<string, Told>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds of this machine, for `requireNew`. */
  now(): Millis {
    return this.#clock.now() / 1000;
  }

  /** Throws an Error where the answer to a question, which was asked at a moment of `now`, is not of now. */
  requireNew(query: string, asked: Millis, { evaluated, date, age }: Made): void {
    const kept = Number(age) * 1000;
    if (kept > MOST_AGE) throw new Error(`a cache has kept the answer for ${spanText(kept)} (its header Age)`);
    const there = dateOf(date);
    if (evaluated !== undefined) requireNear(evaluated, there ?? this.#clock.wall().getTime(), there !== undefined);
    const which = evaluated === undefined ? 'date' : 'evaluation';
    const at = evaluated ?? there;
    if (at !== undefined) this.#requireLater(`${which} ${query}`, asked, at, STILL[which]);
  }

  #requireLater(key: string, asked: Millis, at: Millis, still: Millis): void {
    const before = this.#told.get(key);
    if (before === undefined || at > before.at) this.#told.set(key, { at, since: this.now() });
    else if (asked - before.since >= still)
      throw new Error(`Prometheus answered once more for ${textOf(before.at)}: a cache, or its clock stands still`);
  }
}

function requireNear(evaluated: Millis, now: Millis, isTold: boolean): void {
  if (!isDate(evaluated)) throw new Error('the answer does not say for when its values are');
  const behind = now - evaluated;
  if (Math.abs(behind) <= (isTold ? MOST_APART : MOST_SKEW)) return;
  const much = `${spanText(Math.abs(behind))} ${behind > 0 ? 'ago' : 'ahead'}`;
  const clock = isTold ? 'the Date of its answer' : 'the clock of this machine';
  throw new Error(`Prometheus answered for ${textOf(evaluated)}, ${much} by ${clock}: a cache, or its clock`);
}

function spanText(span: Millis): string {
  const days = Math.floor(span / 86_400_000);
  return days > 1 ? `${days} days` : formatDuration(Math.round(span / 1000) * 1000);
}

function isDate(at: Millis): boolean {
  return !Number.isNaN(new Date(at).getTime());
}

function dateOf(text: string | undefined): Millis | undefined {
  const at = Date.parse(text ?? '');
  return Number.isNaN(at) ? undefined : at;
}

function textOf(at: Millis): string {
  return new Date(at).toISOString().replace('.000Z', 'Z');
}
