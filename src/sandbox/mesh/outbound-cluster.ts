import type { Chooser } from '../../mesh/call.ts';
import { ClientProxy } from '../../mesh/client-proxy.ts';
import { CircuitBreaker } from '../../mesh/connection-pool.ts';
import { DirectProxy } from '../../mesh/direct-proxy.ts';
import type { Host } from '../../mesh/host.ts';
import type { ClusterPush } from '../../mesh/istiod/clusters.ts';
import type { OutlierCounters } from '../../mesh/outlier.ts';
import { TcpChooser } from '../../mesh/tcp-chooser.ts';
import type { Clock, Random } from '../../model/ports.ts';
import type { Millis } from '../../model/units.ts';

/** What opening a connection takes: a handshake each way, TLS included. */
const CONNECT_MS: Millis = 3;

/** One outbound cluster of a proxy, kept from push to push. */
export class OutboundCluster {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #balanced: ClientProxy;
  #direct: DirectProxy | undefined;
  #breaker: CircuitBreaker | undefined;
  #text = '';
  #tcp: TcpChooser | undefined;

  constructor(push: ClusterPush, { clock, random }: { clock: Clock; random: Random }, now: Millis) {
    this.#clock = clock;
    this.#random = random;
    this.#balanced = new ClientProxy({ settings: push.settings, random, now });
    this.#text = JSON.stringify(push.settings);
    this.#configure(push);
    this.accept(push, now);
  }

  /** Takes over a push; changed settings rebuild the cluster. */
  accept(push: ClusterPush, now: Millis): void {
    const text = JSON.stringify(push.settings);
    if (text === this.#text) this.#balanced.setEndpoints(push.assignment, now);
    else {
      this.#balanced.rebuild(push.settings, push.assignment, now);
      this.#text = text;
      this.#configure(push);
    }
    this.#tcp = push.tcp ? (this.#tcp ?? new TcpChooser(this.#balanced)) : undefined;
    if (push.direct === undefined) this.#direct = undefined;
    else {
      this.#direct ??= new DirectProxy(push.settings, this.#random);
      this.#direct.setEndpoints(push.direct);
    }
  }

  get chooser(): Chooser {
    return this.#direct ?? this.#tcp ?? this.#balanced;
  }

  /** Whether it carries bytes instead of requests. */
  get tcp(): boolean {
    return this.#tcp !== undefined;
  }

  get breaker(): CircuitBreaker | undefined {
    return this.#breaker;
  }

  hosts(now: Millis): readonly Host[] {
    return this.#direct === undefined ? this.#balanced.hosts(now) : [];
  }

  counters(now: Millis): OutlierCounters | undefined {
    return this.#balanced.settings.outlier === undefined ? undefined : this.#balanced.counters(now);
  }

  #configure({ settings: { pool } }: ClusterPush): void {
    this.#breaker = pool === undefined ? undefined : new CircuitBreaker(pool, () => this.#clock.sleep(CONNECT_MS));
  }
}
