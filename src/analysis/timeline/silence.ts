import type { Micros } from '../../model/units.ts';
import type { Facts } from './history.ts';
import type { Window } from './windows.ts';

/** A quiet shorter than this is what a busy machine does, and hides too little to matter. */
const LEAST_QUIET: Micros = 250_000;
/** Less than this share of the asked rate is a load that was not delivered. */
const DELIVERED = 0.9;

/**
 * The longest time between two requests of a path that its rate explains: a quarter of a second, or three requests. A
 * script that sends on several paths in turn waits for one before the next, so there a timeout comes on top.
 */
export function longestQuiet({ header }: Facts, rate: number): Micros {
  const { timeoutMs, script } = header.scenario.load;
  return Math.max(LEAST_QUIET, 3e6 / rate) + (script === undefined ? 0 : timeoutMs * 1000);
}

/** How often requests of a path are due. */
export type Paced = {
  /** Per second. */
  readonly rate: number;
  /** The longest time without one that this explains (`longestQuiet`). */
  readonly quiet: Micros;
};

/** What a quiet of this length hides: nothing where the rate explains it. */
export function hiddenBy(path: Paced, quiet: Micros): Micros {
  return quiet > path.quiet ? quiet : 0;
}

/** Requests that the rate wanted in a stretch in which none was due. */
export function unscheduled({ rate, quiet }: Paced, gap: Micros): number {
  if (gap <= quiet) return 0;
  return Math.max(1, Math.round((gap / 1e6) * rate) - 1);
}

/** Until when load is wanted: until the recovery was watched, or nothing was injected after all; its stop takes longer. */
export function loadWantedUntil({ phases, firstInject, end }: Facts): Micros {
  const last =
    phases.find(({ phase }) => phase === 'recover') ?? (firstInject === undefined ? phases.at(-1) : undefined);
  return last?.end ?? end;
}

/**
 * How many requests a window lacks because a path's records end (at `lastDue`) before it does; the last requests before
 * the end of the load may be missing for a second, or three requests, without anything being lost.
 */
export function unseenRequests(
  facts: Facts,
  { rate, lastDue }: { readonly rate: number; readonly lastDue: Micros },
  window: Window,
): number {
  const end = Math.min(window.end, loadWantedUntil(facts));
  const slack = Math.max(1e6, 3e6 / rate);
  const from = Math.max(lastDue, window.start);
  return end - from > slack ? Math.max(1, Math.floor(((end - from) / 1e6) * rate)) : 0;
}

/** A stretch in which a path's rate asked for more requests than were due. */
type Lack = { readonly from: Micros; readonly to: Micros; readonly asked: number; readonly due: number };

/**
 * Follows how much of the asked rate is delivered on a path, over every stretch of the run at once: what lacks of nine
 * tenths of the rate adds up, and what is more than that takes it away again. So the whole run cannot make up for a time
 * under the fault in which too little was asked. Lacking as much as one quiet that the rate explains is no lack.
 */
export class Delivery {
  readonly #rate: number;
  readonly #least: number;
  #lacking = 0;
  #most = 0;
  #from: Micros = 0;
  #due = 0;
  #worst: Lack | undefined;

  constructor({ rate, quiet }: Paced) {
    this.#rate = rate / 1e6;
    this.#least = this.#rate * quiet;
  }

  /** From one due time to the next, `n` requests were due. */
  see(from: Micros, to: Micros, n: number): void {
    if (this.#lacking === 0) {
      this.#from = from;
      this.#due = 0;
    }
    this.#due += n;
    this.#lacking = Math.max(0, this.#lacking + DELIVERED * this.#rate * Math.max(0, to - from) - n);
    if (this.#lacking <= Math.max(this.#most, this.#least)) return;
    this.#most = this.#lacking;
    this.#worst = { from: this.#from, to, asked: Math.floor((to - this.#from) * this.#rate), due: this.#due };
  }

  /** Where most was lacking; undefined for a load that was delivered. */
  get worst(): Lack | undefined {
    return this.#worst;
  }
}
