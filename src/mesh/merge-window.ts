import type { Millis } from '../model/units.ts';

/**
 * When workers hear of health changes of one cluster (Envoy: cluster_manager_impl.cc scheduleUpdate). A change more than
 * one window after the last delivery is delivered at once; one inside the window waits for a timer of one window, and
 * later changes ride along. Changes of the host list are delivered at once and take waiting ones with them.
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
