import type { Millis } from '../model/units.ts';

/**
 * When workers hear of health changes in one priority of a cluster (Envoy: cluster_manager_impl.cc scheduleUpdate). A change
 * more than one window after the last update of the priority is delivered at once; one inside the window starts a timer of a
 * whole window, and later changes ride along. What is delivered at once, because hosts came or went, takes waiting changes
 * with it and ends the timer.
 */
export class MergeWindow {
  readonly #windowMs: Millis;
  #lastDelivery = Number.NEGATIVE_INFINITY;
  #dueAt: Millis | undefined;

  /** Envoy's default is 1000 ms; 0 turns merging off. */
  constructor(windowMs: Millis) {
    this.#windowMs = windowMs;
  }

  /** When the waiting changes are due; undefined when none wait. */
  get dueAt(): Millis | undefined {
    return this.#dueAt;
  }

  /** Returns true when the change is delivered now; otherwise it is delivered at `dueAt`. */
  healthChanged(now: Millis): boolean {
    if (this.#windowMs === 0 || now - this.#lastDelivery > this.#windowMs) {
      this.delivered(now);
      return true;
    }
    this.#dueAt ??= now + this.#windowMs;
    return false;
  }

  /** Everything up to now has been delivered: the timer fired, or hosts came or went. */
  delivered(now: Millis): void {
    this.#lastDelivery = now;
    this.#dueAt = undefined;
  }
}
