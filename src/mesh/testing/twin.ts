import type { Random } from '../../model/ports.ts';
import type { Millis } from '../../model/units.ts';
import { type AttemptLimits, type CallResult, call, type Sent } from '../call.ts';
import { ClientProxy } from '../client-proxy.ts';
import { assignPriorities, type MeshClient, type MeshEndpoint } from '../locality.ts';
import type { OutlierCounters } from '../outlier.ts';
import { defaultRetryPolicy, type RouteSettings } from '../retry.ts';
import type { ClusterSettings } from '../settings.ts';

/** What Istio sets where nothing is configured. */
const DEFAULT_ROUTE: RouteSettings = { retry: defaultRetryPolicy('>=1.24') };

/**
 * What a host does to a request that reaches it: `ok`, an HTTP status of its own sidecar, `refused` (no sidecar),
 * `dropped` (packets vanish), `reset`, or an answer after a while.
 */
type HostBehaviour = 'ok' | 'refused' | 'dropped' | 'reset' | { status: number } | { slowMs: Millis };

/** One simulated call: what the application got, from whom, and how long it took. */
export type TwinCall = { readonly result: CallResult<string>; readonly startedAt: Millis; readonly tookMs: Millis };

/**
 * The mesh as one caller sees it, under a virtual clock (docs/mesh-model.md): predicts what a real Envoy does with a sequence of
 * calls and faults. `result.response` is the address that answered.
 */
export class MeshTwin {
  readonly proxy: ClientProxy;
  readonly #client: MeshClient;
  readonly #random: Random;
  readonly #route: RouteSettings;
  readonly #behaviour = new Map<string, HostBehaviour>();
  #endpoints: readonly MeshEndpoint[];
  #now = 0;

  constructor(options: {
    client: MeshClient;
    endpoints: readonly MeshEndpoint[];
    settings: ClusterSettings;
    random: Random;
    route?: RouteSettings;
  }) {
    this.#client = options.client;
    this.#random = options.random;
    this.#route = options.route ?? DEFAULT_ROUTE;
    this.#endpoints = options.endpoints;
    this.proxy = new ClientProxy({ settings: options.settings, random: options.random, now: 0 });
    this.setEndpoints(options.endpoints);
  }

  /** Mesh time in milliseconds since the cluster was created. */
  get now(): Millis {
    return this.#now;
  }

  get counters(): OutlierCounters {
    return this.proxy.counters(this.#now);
  }

  advance(ms: Millis): void {
    this.#now += ms;
  }

  /** The host behaves so from now on. */
  behave(address: string, behaviour: HostBehaviour): void {
    this.#behaviour.set(address, behaviour);
  }

  /** An EDS update, as istiod computes it for this caller. */
  setEndpoints(endpoints: readonly MeshEndpoint[]): void {
    this.#endpoints = endpoints;
    this.proxy.setEndpoints(this.#assignment(this.proxy.settings), this.#now);
  }

  /** A change of the DestinationRule. */
  setSettings(settings: ClusterSettings): void {
    this.proxy.rebuild(settings, this.#assignment(settings), this.#now);
  }

  async call(): Promise<TwinCall> {
    const startedAt = this.#now;
    const result = await call<string>({
      proxy: this.proxy,
      route: this.#route,
      random: this.#random,
      now: () => this.#now,
      sleep: async (ms) => this.advance(ms),
      send: async (host, limits) => this.#send(host.endpoint.address, limits),
    });
    return { result, startedAt, tookMs: this.#now - startedAt };
  }

  #assignment(settings: ClusterSettings) {
    return assignPriorities({
      client: this.#client,
      endpoints: this.#endpoints,
      setting: settings.localityLb,
      outlierDetection: settings.outlier !== undefined,
    });
  }

  #send(address: string, limits: AttemptLimits): Sent<string> {
    const behaviour = this.#behaviour.get(address) ?? 'ok';
    const { connectTimeoutMs, perTryTimeoutMs = Number.POSITIVE_INFINITY } = limits;
    const { timeoutMs = Number.POSITIVE_INFINITY } = limits;
    const answer = (status: number): Sent<string> => ({ outcome: { kind: 'response', status }, response: address });
    if (behaviour === 'ok') return answer(200);
    if (behaviour === 'refused') return { outcome: { kind: 'connect-refused' } };
    if (behaviour === 'reset') return { outcome: { kind: 'reset' } };
    if (behaviour === 'dropped') {
      this.advance(Math.min(connectTimeoutMs, timeoutMs));
      if (connectTimeoutMs <= timeoutMs) return { outcome: { kind: 'connect-timeout' } };
      return { outcome: { kind: 'timeout' }, hostless: true };
    }
    if ('status' in behaviour) return answer(behaviour.status);
    const limitMs = Math.min(perTryTimeoutMs, timeoutMs);
    this.advance(Math.min(behaviour.slowMs, limitMs));
    return behaviour.slowMs < limitMs ? answer(200) : { outcome: { kind: 'timeout' } };
  }
}
