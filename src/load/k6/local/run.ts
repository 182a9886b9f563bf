import { FaultlineError } from '../../../model/errors.ts';
import type { LoadOrder, LoadSummary } from '../../../model/ports.ts';
import type { Millis } from '../../../model/units.ts';
import { hrtimeMicros } from '../../clock.ts';
import type { K6Handle, K6View } from '../handle.ts';
import type { Session } from '../records/session.ts';
import { cpuMeter } from './cpu.ts';
import type { K6Exit, K6Process } from './process.ts';

const PULSE_MS: Millis = 100;
const CPU_EVERY_PULSES = 50;
/** Beyond the timeout, for k6 to end and to hand over what waits. */
const CLOSING_MS: Millis = 30_000;
/** The code of a k6 that was stopped over REST, as ours is. */
const STOPPED = 103;

/** What a run needs of the session that makes its records. */
export type RunSession = Pick<Session, 'pulse' | 'busy' | 'paths' | 'degraded' | 'unwritten' | 'summary' | 'close'>;

/** What happens around the process. */
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
export class LocalRun {
  readonly #k6: K6Process;
  readonly #session: RunSession;
  readonly #timeout: Millis;
  readonly #hooks: Hooks;
  readonly #pulse: NodeJS.Timeout;
  #failure: FaultlineError | undefined;
  #stopping: Promise<LoadSummary> | undefined;

  private constructor(k6: K6Process, session: RunSession, timeout: Millis, hooks: Hooks, pulseMs: Millis) {
    this.#k6 = k6;
    this.#session = session;
    this.#timeout = timeout;
    this.#hooks = hooks;
    const meter = cpuMeter(k6.pid ?? 0, hrtimeMicros);
    let pulses = 0;
    this.#pulse = setInterval(() => {
      session.pulse();
      pulses += 1;
      if (pulses % CPU_EVERY_PULSES === 0) void meter().then((share) => session.busy(share ?? 0));
    }, pulseMs);
    this.#pulse.unref();
  }

  /** Waits until k6 is warm, then lets it go. Rejects with FaultlineError LOAD when it does not start. */
  static async begin(
    k6: K6Process,
    session: RunSession,
    { load, signal }: LoadOrder,
    hooks: Hooks,
    pulseMs: Millis = PULSE_MS,
  ): Promise<K6Handle> {
    const running = new LocalRun(k6, session, load.timeoutMs, hooks, pulseMs);
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
    const paths = this.#session.paths();
    const degraded = this.#session.degraded();
    const { unwritten } = this.#session;
    if (this.#failure === undefined) return { paths, degraded, ...(unwritten !== undefined && { unwritten }) };
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
    return { ...this.#session.summary(), ...(await this.#hooks.left()) };
  }

  #endedUnasked(exit: K6Exit): void {
    if (this.#stopping === undefined) this.#failure = this.#k6.failure(exit);
  }

  async #end(): Promise<void> {
    await this.#hooks.drained();
    clearInterval(this.#pulse);
    try {
      await this.#session.close();
    } finally {
      await this.#hooks.cleanup();
    }
  }
}
