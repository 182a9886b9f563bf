import type { Clock } from '../model/ports.ts';
import type { Millis } from '../model/units.ts';

/**
 * Runs `act` once things have been quiet for `quietMs`, at the latest `longestMs` after the first call
 * (Istio: discovery.go debounce, PILOT_DEBOUNCE_AFTER and PILOT_DEBOUNCE_MAX).
 */
export class Debounce {
  readonly #clock: Clock;
  readonly #quietMs: Millis;
  readonly #longestMs: Millis;
  readonly #act: () => void;
  readonly #closed = new AbortController();
  #firstAt: number | undefined;
  #lastAt = 0;

  constructor(options: { clock: Clock; quietMs: Millis; longestMs: Millis; act: () => void }) {
    this.#clock = options.clock;
    this.#quietMs = options.quietMs;
    this.#longestMs = options.longestMs;
    this.#act = options.act;
  }

  touch(): void {
    this.#lastAt = this.#now();
    if (this.#firstAt !== undefined) return;
    this.#firstAt = this.#lastAt;
    void this.#settle(this.#firstAt);
  }

  close(): void {
    this.#closed.abort();
  }

  async #settle(firstAt: number): Promise<void> {
    const { signal } = this.#closed;
    for (;;) {
      const due = Math.min(this.#lastAt + this.#quietMs, firstAt + this.#longestMs);
      const wait = due - this.#now();
      if (wait <= 0) break;
      await this.#clock.sleep(wait, signal);
      if (signal.aborted) return;
    }
    this.#firstAt = undefined;
    this.#act();
  }

  #now(): Millis {
    return this.#clock.now() / 1000;
  }
}
