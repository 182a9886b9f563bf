import type { Random } from '../model/ports.ts';
import type { Millis } from '../model/units.ts';
import { type Host, newHost } from './host.ts';
import type { MeshEndpoint } from './locality.ts';
import type { AttemptOutcome } from './outcome.ts';

/**
 * Calls that no mesh balances: somebody else chooses an endpoint for each connection, the DNS answer for a headless
 * Service (Envoy: ORIGINAL_DST), kube-proxy for a Service that the proxy does not know. The caller keeps its connection,
 * so one endpoint serves it until the connection breaks or the endpoint is gone.
 */
export class DirectProxy {
  readonly settings: { readonly connectTimeoutMs: Millis };
  readonly #random: Random;
  #hosts = new Map<string, Host>();
  #kept: Host | undefined;

  constructor(settings: { readonly connectTimeoutMs: Millis }, random: Random) {
    this.settings = settings;
    this.#random = random;
  }

  setEndpoints(endpoints: readonly MeshEndpoint[]): void {
    const known = this.#hosts;
    this.#hosts = new Map(
      endpoints.map((endpoint) => [endpoint.address, known.get(endpoint.address) ?? newHost(endpoint, 0)]),
    );
    if (this.#kept !== undefined && !this.#hosts.has(this.#kept.endpoint.address)) this.#kept = undefined;
  }

  /** Undefined when there is no endpoint. */
  choose(): Host | undefined {
    const hosts = [...this.#hosts.values()];
    this.#kept ??= hosts[Math.floor(this.#random() * hosts.length)];
    return this.#kept;
  }

  report(_host: Host, outcome: AttemptOutcome): void {
    if (outcome.kind !== 'response' && outcome.kind !== 'abandoned') this.#kept = undefined;
  }
}
