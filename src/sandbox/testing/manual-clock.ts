import type { Clock } from '../../model/ports.ts';
import type { Millis } from '../../model/units.ts';

type Sleeper = { readonly due: number; readonly wake: () => void };

/** A clock that stands still until it is told to move on; sleepers wake in order. */
export class ManualClock implements Clock {
  #now = 0;
  readonly #sleepers = new Set<Sleeper>();

  now(): number {
    return this.#now * 1000;
  }

  wall(): Date {
    return new Date(Date.UTC(2026, 0, 1) + this.#now);
  }

  sleep(ms: Millis, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#sleepers.delete(sleeper);
        resolve();
      };
      const sleeper: Sleeper = { due: this.#now + Math.max(0, ms), wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }

  /** Moves on in steps from sleeper to sleeper and lets what they wake run to its next wait. */
  async advance(ms: Millis): Promise<void> {
    const until = this.#now + ms;
    for (;;) {
      await settle();
      const next = [...this.#sleepers].filter((sleeper) => sleeper.due <= until).sort((a, b) => a.due - b.due)[0];
      if (next === undefined) break;
      this.#now = Math.max(this.#now, next.due);
      next.wake();
    }
    this.#now = until;
    await settle();
  }
}

/** Lets promises and pending socket events run. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
