import type { Clock } from '../model/ports.ts';
import type { Micros, Millis } from '../model/units.ts';

type Timer = { readonly due: Millis; readonly wake: () => void };

/** Time that passes as fast as the events in it can be worked through. */
export class VirtualTime implements Clock {
  #ms: Millis;
  /** The next one last. */
  readonly #timers: Timer[] = [];

  constructor(start: Millis) {
    this.#ms = start;
  }

  get ms(): Millis {
    return this.#ms;
  }

  /** When the next event is due. */
  get next(): Millis {
    return this.#timers.at(-1)?.due ?? Number.POSITIVE_INFINITY;
  }

  now(): Micros {
    return this.#ms * 1000;
  }

  wall(): Date {
    return new Date(this.#ms);
  }

  sleep(ms: Millis, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = { due: this.#ms + Math.max(0, ms), wake: resolve };
      this.#insert(timer);
      signal?.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  /** Works through everything that is due up to a moment. */
  async runUntil(ms: Millis): Promise<void> {
    await settled();
    for (let next = this.next; next <= ms; next = this.next) {
      this.#ms = Math.max(this.#ms, next);
      this.#timers.pop()?.wake();
      await settled();
    }
    this.#ms = Math.max(this.#ms, ms);
  }

  #insert(timer: Timer): void {
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#timers[middle]?.due ?? 0) > timer.due) low = middle + 1;
      else high = middle;
    }
    this.#timers.splice(low, 0, timer);
  }
}

/** All promises that can go on have gone on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
