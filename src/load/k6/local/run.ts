import { FaultlineError } from '../../../model/errors.ts';
import type { LoadOrder, LoadProgress, LoadSummary } from '../../../model/ports.ts';
import type { Millis } from '../../../model/units.ts';
import { hrtimeMicros } from '../../clock.ts';
import type { K6Handle, K6View } from '../handle.ts';
import { cpuMeter } from './cpu.ts';
import type { K6Exit, K6Process } from './process.ts';

const PULSE_MS: Millis = 100;
const CPU_EVERY_PULSES = 50;
/** Beyond the timeout, for k6 to end and to hand over what waits. */
const CLOSING_MS: Millis = 30_000;
/** The code of a k6 that was stopped over REST, as ours is. */
const STOPPED = 103;

/** What turns the words of a k6 into records. */
export type Telling = {
  pulse(): void;
  /** Share of the machine that k6 uses, 0 to 1. */
  busy(share: number): void;
  paths(): LoadProgress['paths'];
  degraded(): string[];
  summary(): LoadSummary;
  close(): Promise<void>;
};

/** How one way of telling begins and ends around the process. */
export type Hooks = {
  /** k6 has been let go. */
  readonly released: () => void;
  /** Comes before k6 is told to stop. */
  readonly stopping: () => Promise<void>;
  /** k6 is gone: takes what it has still said. */
  readonly drained: () => Promise<void>;
  /** Why what was said cannot be all; undefined when it is. */
  readonly missing: () => string | undefined;
  /** What k6 has left beside the records. */
  readonly left: () => Promise<Pick<LoadSummary, 'dashboard'>>;
  /** Puts away what is not needed any more. */
  readonly cleanup: () => Promise<void>;
};

/** A k6 of this machine that sends, until it is stopped. */
export class Running {
  readonly #k6: K6Process;
  readonly #telling: Telling;
  readonly #timeout: Millis;
  readonly #hooks: Hooks;
  readonly #pulse: NodeJS.Timeout;
  #failure: FaultlineError | undefined;
  #stopping: Promise<LoadSummary> | undefined;

  private constructor(k6: K6Process, telling: Telling, timeout: Millis, hooks: Hooks, pulseMs: Millis) {
    this.#k6 = k6;
    this.#telling = telling;
    this.#timeout = timeout;
    this.#hooks = hooks;
    const meter = cpuMeter(k6.pid ?? 0, hrtimeMicros);
    let pulses = 0;
    this.#pulse = setInterval(() => {
      telling.pulse();
      pulses += 1;
      if (pulses % CPU_EVERY_PULSES === 0) void meter().then((share) => telling.busy(share ?? 0));
    }, pulseMs);
    this.#pulse.unref();
  }

  /** Waits until k6 is warm, then lets it go. Rejects with FaultlineError LOAD when it does not start. */
  static async begin(
    k6: K6Process,
    telling: Telling,
    { load, signal }: LoadOrder,
    hooks: Hooks,
    pulseMs: Millis = PULSE_MS,
  ): Promise<K6Handle> {
    const running = new Running(k6, telling, load.timeoutMs, hooks, pulseMs);
    try {
      await k6.warm(signal);
      await k6.release();
      hooks.released();
    } catch (error) {
      k6.kill();
      await k6.ended;
      await running.#end();
      throw error;
    }
    void k6.ended.then((exit) => running.#endedUnasked(exit));
    return { progress: () => running.#progress(), stop: () => running.#stopOnce(), pid: k6.pid ?? 0 };
  }

  #progress(): K6View {
    const paths = this.#telling.paths();
    const degraded = this.#telling.degraded();
    if (this.#failure === undefined) return { paths, degraded };
    const still = paths.map((path) => ({ ...path, recentGood: 0, recentBad: 0, recentServing: {} }));
    return { paths: still, degraded, failure: this.#failure.message };
  }

  #stopOnce(): Promise<LoadSummary> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<LoadSummary> {
    // One that is gone says nothing more.
    if (this.#failure === undefined) await this.#hooks.stopping();
    const exit = await this.#k6.stop(this.#timeout + CLOSING_MS);
    await this.#end();
    if (this.#failure !== undefined) throw this.#failure;
    if (exit.code !== STOPPED) throw this.#k6.failure(exit);
    const missing = this.#hooks.missing();
    if (missing !== undefined) throw new FaultlineError('LOAD', missing);
    return { ...this.#telling.summary(), ...(await this.#hooks.left()) };
  }

  #endedUnasked(exit: K6Exit): void {
    if (this.#stopping === undefined) this.#failure = this.#k6.failure(exit);
  }

  async #end(): Promise<void> {
    await this.#hooks.drained();
    clearInterval(this.#pulse);
    try {
      await this.#telling.close();
    } finally {
      await this.#hooks.cleanup();
    }
  }
}
