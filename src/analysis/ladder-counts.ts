import type { FailoverOrder } from '../model/scenario.ts';
import type { Micros } from '../model/units.ts';
import type { Example } from './example.ts';
import type { Window } from './segments.ts';
import type { Stage } from './stages.ts';

const BINS = 2048;
const LEAST_BIN: Micros = 10_000;

/** Hops of one service that callers of one zone were served from one zone, in fine bins over a stage. */
export class ZoneCounts {
  readonly bins = new Uint32Array(BINS);
  /** First hop at or after the acknowledgement. */
  first: Example | undefined;
}

/** Everything one declared order needs to know about one stage. */
export class LadderCounts {
  readonly order: FailoverOrder;
  readonly stage: Stage;
  readonly zones = new Map<string, ZoneCounts>();
  /** Calls from the zone that ended without an answer of the service. */
  readonly failed = new ZoneCounts();
  readonly #width: Micros;

  constructor(order: FailoverOrder, stage: Stage) {
    this.order = order;
    this.stage = stage;
    this.#width = Math.max(LEAST_BIN, (stage.end - stage.start) / BINS);
  }

  zone(name: string): ZoneCounts {
    let counts = this.zones.get(name);
    if (counts === undefined) {
      counts = new ZoneCounts();
      this.zones.set(name, counts);
    }
    return counts;
  }

  /** Counts one hop due at `due`; true when it is the first since the acknowledgement and its example is wanted. */
  add(counts: ZoneCounts, due: Micros): boolean {
    const bin = Math.min(BINS - 1, Math.floor((due - this.stage.start) / this.#width));
    counts.bins[bin] = (counts.bins[bin] as number) + 1;
    return counts.first === undefined || due < counts.first.due ? due >= this.stage.acknowledged : false;
  }

  /** Hops in the bins that lie wholly inside a window. */
  sum(counts: ZoneCounts, window: Window): number {
    const from = Math.max(0, Math.ceil((window.start - this.stage.start) / this.#width));
    const end = window.end >= this.stage.end ? BINS : Math.floor((window.end - this.stage.start) / this.#width);
    let sum = 0;
    for (let bin = from; bin < Math.min(BINS, end); bin++) sum += counts.bins[bin] as number;
    return sum;
  }
}
