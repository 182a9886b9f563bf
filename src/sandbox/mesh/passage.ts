import type { Chooser } from '../../mesh/call.ts';
import type { Host } from '../../mesh/host.ts';
import type { AttemptOutcome } from '../../mesh/outcome.ts';
import type { Millis } from '../../model/units.ts';
import type { Signal } from '../api/signal.ts';

/**
 * A connection that an east-west gateway passes on to one host of its own. It sees bytes: whether the connection came about is
 * all that its outlier detection hears (Envoy: tcp_proxy.cc), and a 503 of the far application is nothing to it.
 */
export class Passage {
  readonly host: Host;
  readonly #report: (outcome: AttemptOutcome) => void;
  #state: 'opening' | 'open' | 'over' = 'opening';

  private constructor(host: Host, report: (outcome: AttemptOutcome) => void) {
    this.host = host;
    this.#report = report;
  }

  /** Undefined where the gateway knows no healthy host. */
  static choose(chooser: Chooser, now: () => Millis): Passage | undefined {
    const host = chooser.choose(now());
    return host && new Passage(host, (outcome) => chooser.report(host, outcome, now()));
  }

  opened(): void {
    if (this.#state !== 'opening') return;
    this.#state = 'open';
    this.#report({ kind: 'response', status: 200 });
    // It counts among its host's connections for as long as it stands.
    this.host.active += 1;
  }

  /** The connection has ended, or never came about. */
  ended(outcome: AttemptOutcome): void {
    if (this.#state === 'opening') this.#report(outcome);
    else if (this.#state === 'open') this.host.active = Math.max(0, this.host.active - 1);
    this.#state = 'over';
  }
}

/** A pod of an east-west gateway, at the port that takes connections from other networks. */
export type PassingPod = {
  readonly ip: string;
  readonly port: number;
  /** Fires when its containers stop. */
  readonly closed: Signal;
  /** Passes a connection on to what it asks for (SNI); undefined where nothing takes it. */
  pass(sni: string): Passage | undefined;
};
