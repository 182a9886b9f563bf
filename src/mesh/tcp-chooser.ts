import type { Millis } from '../model/units.ts';
import type { Chooser } from './call.ts';
import type { Host } from './host.ts';
import type { AttemptOutcome } from './outcome.ts';

/**
 * Chooses for a cluster that speaks bytes: once for a connection, which the caller keeps. That it stood is all that outlier
 * detection hears of it, whatever came of it later (Envoy: tcp_proxy.cc).
 */
export class TcpChooser implements Chooser {
  readonly #cluster: Chooser;
  #kept: Host | undefined;

  constructor(cluster: Chooser) {
    this.#cluster = cluster;
  }

  get settings(): Chooser['settings'] {
    return this.#cluster.settings;
  }

  choose(now: Millis): Host | undefined {
    if (this.#kept !== undefined && !this.#kept.removed) return this.#kept;
    this.#kept = this.#cluster.choose(now);
    return this.#kept;
  }

  report(host: Host, outcome: AttemptOutcome, now: Millis): void {
    const { kind } = outcome;
    if (kind === 'response') return;
    this.#kept = undefined;
    const stood = kind !== 'connect-refused' && kind !== 'connect-timeout' && kind !== 'abandoned';
    this.#cluster.report(host, stood ? { kind: 'response', status: 200 } : outcome, now);
  }
}
