import type { Millis } from '../model/units.ts';
import { duration, type JsonObject, number, object } from './config-read.ts';

/** DestinationRule `connectionPool`, as far as it refuses or delays a call. Infinite where nothing is said. */
export type PoolLimits = {
  readonly maxConnections: number;
  /** Calls that wait for a connection, those that one is being opened for included. */
  readonly maxPending: number;
  /** Calls on their way (Istio: http2MaxRequests, which Envoy counts for HTTP/1.1 as well). */
  readonly maxRequests: number;
  readonly requestsPerConnection: number;
};

/** Undefined without any limit. A limit of 0 is Istio's way to say none. */
export function readPoolLimits(pool: JsonObject): PoolLimits | undefined {
  const { http1MaxPendingRequests, http2MaxRequests, maxRequestsPerConnection } = object(pool.http);
  const limits = {
    maxConnections: limit(object(pool.tcp).maxConnections),
    maxPending: limit(http1MaxPendingRequests),
    maxRequests: limit(http2MaxRequests),
    requestsPerConnection: limit(maxRequestsPerConnection),
  };
  return Object.values(limits).some(Number.isFinite) ? limits : undefined;
}

function limit(value: unknown): number {
  const found = number(value) ?? 0;
  return found > 0 ? found : Number.POSITIVE_INFINITY;
}

/** DestinationRule `connectionPool.tcp.connectTimeout`. */
export function readConnectTimeout(pool: JsonObject): Millis | undefined {
  return duration(object(pool.tcp).connectTimeout);
}

/** A connection that a call has; the call gives it back when it is over. */
export type Lease = { release(): void };

/** Connections of a proxy to one host. */
type Pool = { open: number; readonly idle: Connection[]; readonly waiting: ((connection: Connection) => void)[] };
type Connection = { served: number };

/**
 * The circuit breakers of one cluster (Envoy: conn_pool_base.cc newStreamImpl). A call without an idle connection is pending
 * until it has one, also while one is opened for it; where no more may be pending it is refused. A host always may have one
 * connection.
 */
export class CircuitBreaker {
  readonly #limits: PoolLimits;
  readonly #connect: () => Promise<void>;
  readonly #pools = new Map<string, Pool>();
  #open = 0;
  #pending = 0;
  #requests = 0;

  /** `connect` takes as long as opening a connection does. */
  constructor(limits: PoolLimits, connect: () => Promise<void>) {
    this.#limits = limits;
    this.#connect = connect;
  }

  /** A connection to the host as soon as there is one; undefined is an overflow. */
  async enter(address: string): Promise<Lease | undefined> {
    if (this.#requests >= this.#limits.maxRequests) return undefined;
    const pool = this.#poolOf(address);
    const idle = pool.idle.pop();
    if (idle !== undefined) return this.#lease(pool, idle);
    if (this.#pending >= this.#limits.maxPending) return undefined;
    this.#pending += 1;
    const { promise, resolve } = Promise.withResolvers<Connection>();
    pool.waiting.push(resolve);
    this.#openFor(pool);
    const connection = await promise;
    this.#pending -= 1;
    return this.#lease(pool, connection);
  }

  #poolOf(address: string): Pool {
    const known = this.#pools.get(address);
    if (known !== undefined) return known;
    const pool: Pool = { open: 0, idle: [], waiting: [] };
    this.#pools.set(address, pool);
    return pool;
  }

  #openFor(pool: Pool): void {
    if (this.#open >= this.#limits.maxConnections && pool.open > 0) return;
    this.#open += 1;
    pool.open += 1;
    void this.#connect().then(() => this.#ready(pool, { served: 0 }));
  }

  #ready(pool: Pool, connection: Connection): void {
    const next = pool.waiting.shift();
    if (next === undefined) pool.idle.push(connection);
    else next(connection);
  }

  #lease(pool: Pool, connection: Connection): Lease {
    this.#requests += 1;
    connection.served += 1;
    return { release: () => this.#release(pool, connection) };
  }

  #release(pool: Pool, connection: Connection): void {
    this.#requests -= 1;
    if (connection.served < this.#limits.requestsPerConnection) {
      this.#ready(pool, connection);
      return;
    }
    this.#open -= 1;
    pool.open -= 1;
    if (pool.waiting.length > 0) this.#openFor(pool);
  }
}
