import type { Micros, Millis } from '../../model/units.ts';
import { type Beat, type Gap, TICK_MS } from './pulse.ts';

/**
 * A time in which a process stood still so much that a good request could have become a bad one. What has waited is worked
 * off afterwards, at half load in the time that was lost; that belongs to it.
 */
export type Stretch = {
  readonly from: Micros;
  readonly to: Micros;
  /** For how long of it the event loop did not come round. */
  readonly lost: Micros;
  /** Processor time that the process has used while it did not. */
  readonly cpu: Micros;
};

const TICK: Micros = TICK_MS * 1000;
/** A stall of a quarter of the time that an answer may take, within these limits, can make it late. */
const STALL_SHARE = 1 / 4;
const STALL = { least: 50_000, most: 250_000 };
/**
 * So can many short ones. A call through gateway and three services takes seven rounds of the event loop (measured; ten
 * with a retry), so that a time with fewer rounds than twice that leaves no room for an answer.
 */
const ROUNDS = 20;
/** The time in which rounds are counted is that in which an answer must come, within these limits. */
const WINDOW = { least: 400_000, most: 1_000_000 };
/** Stretches that are closer than this are one. */
const APART: Micros = 1_000_000;
/** After so many stretches, what is ten times as far apart is still one: the number grows with the logarithm of the time. */
const STEP = 100;

type Seen = Gap & { counted: boolean };

/**
 * Finds, in what the pulse of a process tells, the stretches in which good requests could have become bad. `tell` gets
 * each of them once it is over, in order and without overlap.
 */
export class BlindMeter {
  readonly #stall: Micros;
  readonly #window: Micros;
  readonly #tell: (stretch: Stretch) => void;
  /** The gaps that reach into the window. */
  #seen: Seen[] = [];
  #open: Stretch | undefined;
  #told = 0;
  #now: Micros = 0;
  #toldTo = Number.NEGATIVE_INFINITY;

  /** `answerWithinMs` is the time in which a good request is answered. */
  constructor(answerWithinMs: Millis, tell: (stretch: Stretch) => void) {
    this.#stall = within(STALL, answerWithinMs * 1000 * STALL_SHARE);
    this.#window = within(WINDOW, answerWithinMs * 1000);
    this.#tell = tell;
  }

  hear({ at, gaps }: Beat): void {
    this.#now = Math.max(this.#now, at);
    for (const gap of gaps) this.#add(gap);
    this.#closeBefore(at);
  }

  /** Tells of a stretch that goes on, as far as it is known; what comes after it is another. */
  flush(): void {
    this.#closeBefore(Number.POSITIVE_INFINITY);
  }

  #add(gap: Gap): void {
    if (gap.to <= this.#toldTo) return;
    this.#closeBefore(gap.from);
    const since = gap.to - this.#window;
    this.#seen = this.#seen.filter((seen) => seen.to > since);
    this.#seen.push({ ...gap, counted: false });
    const lost = this.#seen.reduce((sum, seen) => sum + Math.min(lostIn(seen), seen.to - since), 0);
    if (this.#window - lost < ROUNDS * TICK) this.#extend(this.#seen);
    else if (lostIn(gap) >= this.#stall) this.#extend(this.#seen.slice(-1));
  }

  /** The gaps belong to a stretch, the last of them is its end. */
  #extend(gaps: readonly Seen[]): void {
    const fresh = gaps.filter((gap) => !gap.counted);
    let { from, to, lost, cpu } = this.#open ?? { from: Number.POSITIVE_INFINITY, to: 0, lost: 0, cpu: 0 };
    for (const gap of fresh) {
      gap.counted = true;
      from = Math.min(from, Math.max(gap.from, this.#toldTo));
      to = gap.to;
      lost += lostIn(gap);
      cpu += gap.cpu;
    }
    this.#open = { from, to, lost, cpu };
  }

  #closeBefore(at: Micros): void {
    const open = this.#open;
    if (open === undefined) return;
    const lost = Math.min(open.lost, open.to - open.from);
    const tail = this.#workingOff(open, lost);
    if (at - open.to <= Math.max(tail, APART * 10 ** Math.floor(this.#told / STEP))) return;
    const to = Math.min(this.#now, open.to + tail);
    this.#open = undefined;
    this.#told++;
    this.#toldTo = to;
    this.#tell({ ...open, to, lost });
  }

  /** How long what has waited needs: some of it was worked off in between; the least is the time in which an answer must come. */
  #workingOff({ from, to }: Stretch, lost: Micros): Micros {
    const ran = to - from - lost;
    return Math.max(lost - ran, Math.min(lost, this.#window));
  }
}

function within({ least, most }: { least: Micros; most: Micros }, value: Micros): Micros {
  return Math.min(most, Math.max(least, value));
}

/** Being one tick late is what the tick itself takes. */
function lostIn(gap: Gap): Micros {
  return gap.to - gap.from - TICK;
}
