import type { Clock, Cluster } from '../model/ports.ts';
import type { Millis } from '../model/units.ts';
import { requestTrace } from './request-trace.ts';

/** How often people hear what a recovery waits for. */
const TELL_MS: Millis = 15_000;

type Ports = { readonly clock: Clock; readonly say: (text: string) => void };

/** Tells people who wait what the recovery of one cluster does, as long as it takes long. */
export class RecoverProgress {
  readonly #trace = requestTrace();
  readonly #done = new AbortController();
  #step = 'looking for what is left';

  constructor(cluster: string, ports: Ports) {
    void this.#telling(cluster, ports);
  }

  /** The same cluster, whose requests are told of. */
  follow(cluster: Cluster): Cluster {
    return this.#trace.follow(cluster);
  }

  /** What is done from now on. */
  at(step: string): void {
    this.#step = step;
  }

  /** Ends the telling. */
  end(): void {
    this.#done.abort();
  }

  async #telling(cluster: string, { clock, say }: Ports): Promise<void> {
    const { signal } = this.#done;
    const began = clock.now();
    for (;;) {
      await clock.sleep(TELL_MS, signal);
      if (signal.aborted) return;
      const seconds = Math.round((clock.now() - began) / 1e6);
      const error = this.#trace.lastError();
      const trouble = error === undefined ? '' : `; last error: ${error}`;
      say(`cluster ${cluster}: ${this.#step}, ${seconds} s after the beginning: ${this.#trace.soFar()}${trouble}`);
    }
  }
}
