import { Pool } from 'undici';
import type { Clock } from '../../../model/ports.ts';
import type { Millis } from '../../../model/units.ts';

/** One call of a gateway and what came of it. Times count from the start of the outage. */
export type Called = {
  readonly at: Millis;
  readonly tookMs: Millis;
  /** Zone and address of the pod that answered; undefined for an error. */
  readonly zone?: string;
  readonly ip?: string;
  /** What the error says. */
  readonly error?: string;
};

const ANSWER = /^-> mock\(version: ([^,]+), ip: ([^)]+)\)$/;
const PATIENCE_MS = 15_000;

/** Calls a gateway at an even rate, whatever the answers are, until it is stopped. */
export class Caller {
  readonly calls: Called[] = [];
  readonly #pool: Pool;
  readonly #host: string;
  readonly #clock: Clock;
  readonly #over = new AbortController();
  readonly #open = new Set<Promise<void>>();

  constructor(options: { gateway: string; host: string; clock: Clock }) {
    this.#pool = new Pool(`http://${options.gateway}`, { connections: 64, pipelining: 1 });
    this.#host = options.host;
    this.#clock = options.clock;
  }

  /** One call now, which is not written down. */
  async probe(): Promise<Called> {
    return this.#call(0);
  }

  /** Calls until `stop`; `since` is the start of the outage on the clock. */
  async run(rate: number, since: number): Promise<void> {
    const { signal } = this.#over;
    const first = this.#clock.now();
    for (let count = 0; !signal.aborted; count += 1) {
      const due = first + (count * 1_000_000) / rate;
      const wait = (due - this.#clock.now()) / 1000;
      if (wait > 0) await this.#clock.sleep(wait, signal);
      if (signal.aborted) break;
      const made = this.#call(since).then((called) => {
        this.calls.push(called);
        this.#open.delete(made);
      });
      this.#open.add(made);
    }
  }

  async stop(): Promise<void> {
    this.#over.abort();
    await Promise.all(this.#open);
    await this.#pool.destroy();
    this.calls.sort((a, b) => a.at - b.at);
  }

  async #call(since: number): Promise<Called> {
    const startedAt = this.#clock.now();
    const told = await this.#ask().catch((error: Error) => ({ error: error.message }));
    return { at: (startedAt - since) / 1000, tookMs: (this.#clock.now() - startedAt) / 1000, ...told };
  }

  async #ask(): Promise<{ zone: string; ip: string } | { error: string }> {
    const headers = { host: this.#host };
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const { statusCode, body } = await this.#pool.request({ method: 'GET', path: '/', headers, signal });
    const text = await body.text();
    const [, zone, ip] = ANSWER.exec(text) ?? [];
    if (statusCode === 200 && zone !== undefined && ip !== undefined) return { zone, ip };
    return { error: `${statusCode} ${text.replace(/\(.*\)/, '()')}` };
  }
}
