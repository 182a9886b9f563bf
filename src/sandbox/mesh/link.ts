import { type Dispatcher, Pool } from 'undici';
import type { Sent } from '../../mesh/call.ts';
import { carriedAtLast, synPauses } from '../../mesh/retransmission.ts';
import type { Clock, Random } from '../../model/ports.ts';
import type { Millis } from '../../model/units.ts';
import type { RegionLink } from '../../topologies/index.ts';
import type { AddressPlan } from '../nodes/addresses.ts';
import type { Network } from '../nodes/network.ts';
import { type Fate, SPARED } from '../nodes/packet-filter.ts';
import { type HttpAnswer, type HttpRequest, PEER_HEADER, TEXT } from '../programs/http.ts';

/** One stretch of a connection: who sends packets to whom. */
export type Leg = { readonly fromIp: string; readonly toIp: string; readonly port: number };

type LinkOptions = {
  /** From the caller to the address; several where somebody between them passes the bytes on. */
  readonly legs: readonly [...Leg[], Leg];
  /** The way to another region, where it goes there. */
  readonly far?: RegionLink | undefined;
  /** @default any number */
  readonly mostConnections?: number;
  readonly connectTimeoutMs: Millis;
  readonly addresses: AddressPlan;
  readonly network: Network;
  readonly clock: Clock;
  readonly random: Random;
};

type Result = Sent<HttpAnswer>;
type Opening = 'open' | 'timeout' | 'refused';

/**
 * The connections of one calling pod to one address: an Envoy connection pool over real sockets. While the network drops
 * packets, a request on a kept connection hangs, for there is neither reset nor timeout, and so does an answer that is on
 * its way; both get through when the kernel sends them again after the network is back, if anybody still waits. What is lost
 * by chance is sent again in the same way, and what is refused breaks the connection or keeps one from coming up. A request
 * that needs a new connection waits for the connect timeout, which then fails all that wait (Envoy: conn_pool_base.cc
 * purgePendingStreams), whoever began the attempt and even if that caller has gone.
 */
export class Link {
  readonly #options: LinkOptions;
  #pool: Pool | undefined;
  /** Kept connections that hang in a blackhole and are lost to new requests. */
  #hanging = 0;
  readonly #waiting = new Set<(result: Opening) => void>();
  readonly #stopListening: () => void;
  /** Aborted when the calling pod is gone: nobody waits for its packets. */
  readonly #gone = new AbortController();

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#stopListening = options.network.changed.listen(() => this.#recheck());
  }

  /**
   * One attempt. Ends as `abandoned` when the signal fires; never rejects. Says when the request has a connection, be it
   * one that leads nowhere any more.
   */
  async send(request: HttpRequest, signal: AbortSignal, onConnected: () => void = () => {}): Promise<Result> {
    if (signal.aborted) return { outcome: { kind: 'abandoned' } };
    const kept = (this.#pool?.stats.free ?? 0) > this.#hanging;
    const fate = this.#fate();
    if (fate === 'refused') return this.#refused(kept);
    if (fate === 'carried')
      return kept ? this.#travel(request, signal, onConnected) : this.#open(request, signal, onConnected);
    return kept ? this.#hang(request, signal, onConnected) : this.#connect(request, signal, onConnected);
  }

  /**
   * A request that needs a new connection, and a round trip for it, for which the connect timeout is the limit. Only then has
   * it a connection (Envoy: cluster.proto connect_timeout, upstream_request.cc onPoolReady).
   */
  async #open(request: HttpRequest, signal: AbortSignal, onConnected: () => void): Promise<Result> {
    const { connectTimeoutMs } = this.#options;
    const tripMs = this.#tripMs();
    if (!(await this.#wait(Math.min(tripMs, connectTimeoutMs), signal))) return { outcome: { kind: 'abandoned' } };
    return tripMs > connectTimeoutMs
      ? { outcome: { kind: 'connect-timeout' } }
      : this.#travel(request, signal, onConnected);
  }

  /** A request that has a connection, and the time of its round trip. */
  async #travel(request: HttpRequest, signal: AbortSignal, onConnected: () => void): Promise<Result> {
    onConnected();
    const isThere = await this.#wait(this.#tripMs(), signal);
    return isThere ? this.#exchange(request, signal) : { outcome: { kind: 'abandoned' } };
  }

  /** A request on a kept connection, which the network has dropped. */
  async #hang(request: HttpRequest, signal: AbortSignal, onConnected: () => void): Promise<Result> {
    this.#hanging += 1;
    onConnected();
    const carried = await this.#carried(signal);
    if (this.#isOpen()) this.#hanging = Math.max(0, this.#hanging - 1);
    if (!carried) return { outcome: { kind: 'abandoned' } };
    if (this.#isRefusing()) return this.#refused(true);
    return this.#travel(request, signal, () => {});
  }

  /** A request that needs a new connection, for which the network has dropped the first packet. */
  async #connect(request: HttpRequest, signal: AbortSignal, onConnected: () => void): Promise<Result> {
    const { promise, resolve } = Promise.withResolvers<Opening>();
    this.#waiting.add(resolve);
    void this.#attempt();
    const ended = await promise.finally(() => this.#waiting.delete(resolve));
    if (ended === 'timeout') return { outcome: { kind: 'connect-timeout' } };
    if (ended === 'refused') return this.#refused(false);
    return this.#open(request, signal, onConnected);
  }

  /** Lets requests on their way finish, as Envoy does with the connections of a host that EDS has removed. */
  drain(): void {
    this.#stopListening();
    this.#pool?.close().catch(() => undefined);
  }

  /** Breaks all connections. */
  destroy(): void {
    this.#stopListening();
    this.#gone.abort();
    this.#pool?.destroy().catch(() => undefined);
  }

  #isRefusing(): boolean {
    return this.#fate(SPARED) === 'refused';
  }

  #isOpen(): boolean {
    return this.#fate(SPARED) === 'carried';
  }

  /** What becomes of what is sent now: the first leg that does not carry it decides. */
  #fate(luck = this.#options.random): Fate {
    const { network, legs, far } = this.#options;
    for (const { fromIp, toIp, port } of legs) {
      const fate = network.fate(fromIp, toIp, port, luck);
      if (fate !== 'carried') return fate;
    }
    const { loss = 0 } = far ?? {};
    const isLost = loss > 0 && (luck() < loss || luck() < loss);
    return isLost ? 'dropped' : 'carried';
  }

  get #last(): Leg {
    const { legs } = this.#options;
    return legs[legs.length - 1] as Leg;
  }

  /** A reset breaks the connection that it is of. */
  #refused(kept: boolean): Result {
    if (!kept) return { outcome: { kind: 'connect-refused' } };
    this.#pool?.destroy().catch(() => undefined);
    this.#pool = undefined;
    this.#hanging = 0;
    return { outcome: { kind: 'reset' } };
  }

  /** The time of a round trip, in queues and to another region. */
  #tripMs(): Millis {
    const { network, legs, far, random } = this.#options;
    const away = far?.roundTripMs ?? 0;
    return legs.reduce((sum, leg) => sum + network.waitMs(leg.fromIp, leg.toIp, leg.port, random), away);
  }

  /** False when the caller, or its pod, has gone before it is over. */
  async #wait(ms: Millis, signal: AbortSignal): Promise<boolean> {
    if (ms > 0) await this.#options.clock.sleep(ms, this.#either(signal));
    return !signal.aborted && !this.#gone.signal.aborted;
  }

  #carried(signal: AbortSignal): Promise<boolean> {
    const { clock, far } = this.#options;
    return carriedAtLast(() => this.#fate() !== 'dropped', clock, this.#either(signal), far?.roundTripMs);
  }

  /** Fires when the one who asked has gone, or the pod. */
  #either(signal: AbortSignal): AbortSignal {
    return AbortSignal.any([signal, this.#gone.signal]);
  }

  async #attempt(): Promise<void> {
    const { clock, connectTimeoutMs } = this.#options;
    let left = connectTimeoutMs;
    let fate: Fate = 'dropped';
    for (const pause of synPauses()) {
      await clock.sleep(Math.min(pause, left), this.#gone.signal);
      fate = this.#fate();
      if (pause >= left || fate !== 'dropped' || this.#gone.signal.aborted) break;
      left -= pause;
    }
    const result = fate === 'carried' ? 'open' : fate === 'refused' ? 'refused' : 'timeout';
    for (const end of [...this.#waiting]) end(result);
  }

  /** Connections that hung are no longer lost to new requests, once one gets through. */
  #recheck(): void {
    if (this.#hanging > 0 && this.#isOpen()) this.#hanging = 0;
  }

  async #exchange(request: HttpRequest, signal: AbortSignal): Promise<Result> {
    const pool = this.#connections();
    if (pool === undefined) return { outcome: { kind: 'connect-refused' } };
    const { promise, resolve } = Promise.withResolvers<Result>();
    const exchange = new Exchange((result) => resolve(result), signal);
    const { method, path, host } = request;
    const headers = { ...request.headers, host, [PEER_HEADER]: this.#last.fromIp };
    pool.dispatch({ method: method as Dispatcher.HttpMethod, path, headers }, exchange);
    const result = await promise;
    if (this.#isOpen() || this.#isRefusing() || (await this.#carried(signal))) return result;
    return { outcome: { kind: 'abandoned' } };
  }

  #connections(): Pool | undefined {
    const { addresses, connectTimeoutMs, mostConnections } = this.#options;
    const { toIp, port } = this.#last;
    const place = addresses.locate(toIp, port);
    if (place === undefined) return undefined;
    this.#pool ??= new Pool(`http://${place.host}:${place.port}`, {
      pipelining: 1,
      ...(mostConnections !== undefined && { connections: mostConnections }),
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: 3_600_000,
      connect: { timeout: connectTimeoutMs },
    });
    return this.#pool;
  }
}

/** What every hop writes anew (RFC 9110, 7.6.1, and Envoy's own). */
const HOPS_OWN = new Set([
  ...['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'date'],
  ...['server', 'x-envoy-upstream-service-time'],
]);

/** Collects one response; small and allocation-poor, because every hop of every request comes by here. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #done: (result: Result) => void;
  readonly #signal: AbortSignal;
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #contentType = TEXT;
  #headers: Record<string, string> | undefined;
  readonly #chunks: Buffer[] = [];

  constructor(done: (result: Result) => void, signal: AbortSignal) {
    this.#done = done;
    this.#signal = signal;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#signal.aborted) this.#abandon();
    else this.#signal.addEventListener('abort', this.#abandon, { once: true });
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Record<string, unknown>): void {
    this.#status = status;
    for (const name in headers) {
      const value = headers[name];
      if (typeof value !== 'string' || HOPS_OWN.has(name)) continue;
      if (name === 'content-type') this.#contentType = value;
      else {
        this.#headers ??= {};
        this.#headers[name] = value;
      }
    }
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const body = Buffer.concat(this.#chunks).toString();
    const status = this.#status;
    const headers = this.#headers === undefined ? {} : { headers: this.#headers };
    this.#finish({
      outcome: { kind: 'response', status },
      response: { status, body, contentType: this.#contentType, ...headers },
    });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error & { code?: string }): void {
    const kind = error.code === 'ECONNREFUSED' ? 'connect-refused' : 'reset';
    this.#finish({ outcome: { kind: error.code === 'UND_ERR_CONNECT_TIMEOUT' ? 'connect-timeout' : kind } });
  }

  readonly #abandon = (): void => {
    this.#finish({ outcome: { kind: 'abandoned' } });
    this.#controller?.abort(new Error('the caller went away'));
  };

  #finish(result: Result): void {
    this.#signal.removeEventListener('abort', this.#abandon);
    this.#done(result);
  }
}
