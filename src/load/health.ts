import { createHistogram } from 'node:perf_hooks';
import { messageOf } from '../model/errors.ts';
import type { LoadCounts } from '../model/history.ts';
import { LATE } from '../model/record.ts';
import { formatDuration, type Micros, type Millis } from '../model/units.ts';

/** Requests that are sent later than this, at the 99th percentile, measure the generator and not the target. */
export const LATE_P99_LIMIT: Micros = 250_000;
const BUSY_LIMIT = 0.8;

/** What the generator knows about its own fitness: whether its records can be trusted as measurements of the target. */
export class Health {
  readonly #stallLimit: Micros;
  readonly #lateness = createHistogram();
  readonly #late: number[];
  readonly #dropReasons = new Map<string, number>();
  #longestStall: Micros = 0;
  #busiest = 0;

  /** A stall that lasts half of the good latency can make good requests look bad. */
  constructor(paths: number, goodLatencyMs: Millis) {
    this.#stallLimit = goodLatencyMs * 500;
    this.#late = new Array<number>(paths).fill(0);
  }

  /** A request of `path` was sent `lateness` after it was due. */
  sent(path: number, lateness: Micros): void {
    this.#lateness.record(lateness + 1);
    if (lateness > LATE) this.#late[path] = (this.#late[path] ?? 0) + 1;
  }

  /** A request was not sent. `why` completes the sentence "3 requests were dropped: …". */
  dropped(why: string): void {
    this.#dropReasons.set(why, (this.#dropReasons.get(why) ?? 0) + 1);
  }

  /** The thread came back to its work `lag` after something was due; negative when it was early. */
  woke(lag: Micros): void {
    if (lag > this.#longestStall) this.#longestStall = lag;
  }

  /** Share of some seconds in which the thread was busy. */
  busy(share: number): void {
    if (share > this.#busiest) this.#busiest = share;
  }

  late(path: number): LoadCounts['late'] {
    return this.#late[path] ?? 0;
  }

  /** 99th percentile of (start - due) over all sent requests; 0 when none was sent. */
  get lateP99(): Micros {
    return this.#lateness.count === 0 ? 0 : this.#lateness.percentile(99) - 1;
  }

  /** In words, why the records are not to be trusted; empty when they are. */
  degraded(records: { lost: number; failure: unknown }): string[] {
    const reasons: string[] = [];
    for (const [why, count] of this.#dropReasons) reasons.push(`${plural(count, 'request')} dropped: ${why}`);
    if (this.lateP99 > LATE_P99_LIMIT) {
      reasons.push(`requests were sent late: 99th percentile ${millis(this.lateP99)}, limit ${millis(LATE_P99_LIMIT)}`);
    }
    if (this.#longestStall > this.#stallLimit) {
      reasons.push(`the load generator stood still for ${millis(this.#longestStall)}`);
    }
    if (this.#busiest > BUSY_LIMIT) {
      reasons.push(
        `the load generator was saturated: its thread was busy ${Math.round(this.#busiest * 100)} % of the time`,
      );
    }
    if (records.failure !== undefined) reasons.push(`request records cannot be written: ${messageOf(records.failure)}`);
    if (records.lost > 0) reasons.push(`${plural(records.lost, 'request record')} lost`);
    return reasons;
  }
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function millis(micros: Micros): string {
  return formatDuration(Math.round(micros / 1000));
}
