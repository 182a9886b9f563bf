import { call } from '../../mesh/call.ts';
import { ClientProxy } from '../../mesh/client-proxy.ts';
import type { Host } from '../../mesh/host.ts';
import type { Assignment, MeshClient } from '../../mesh/locality.ts';
import type { OutlierCounters } from '../../mesh/outlier.ts';
import type { RouteTable, RouteTarget } from '../../mesh/route-config.ts';
import type { ClusterSettings } from '../../mesh/settings.ts';
import { clusterName } from '../../mesh/stats-text.ts';
import type { Clock, Random } from '../../model/ports.ts';
import type { AddressPlan } from '../nodes/addresses.ts';
import type { Network } from '../nodes/network.ts';
import { type HttpAnswer, type HttpRequest, TEXT } from '../programs/http.ts';
import { BETWEEN_REGIONS_MS } from '../topology.ts';
import { Link } from './link.ts';

/** Everything istiod pushes about one outbound cluster. */
export type ClusterPush = {
  readonly host: string;
  readonly port: number;
  /** Empty for all endpoints of the Service. */
  readonly subset: string;
  readonly settings: ClusterSettings;
  readonly assignment: Assignment;
};

export type SidecarOptions = {
  readonly ip: string;
  readonly client: MeshClient;
  readonly kind: 'sidecar' | 'gateway';
  readonly namespace: string;
  readonly addresses: AddressPlan;
  readonly network: Network;
  readonly clock: Clock;
  readonly random: Random;
};

type Cluster = { readonly proxy: ClientProxy; text: string };

/** The outbound half of one pod's Envoy: chooses hosts by the mesh model and speaks real HTTP to them. */
export class ClientSidecar {
  readonly options: SidecarOptions;
  /** Routes as last pushed. */
  routes: RouteTable | undefined;
  readonly #clusters = new Map<string, Cluster>();
  readonly #links = new Map<string, Link>();

  constructor(options: SidecarOptions) {
    this.options = options;
  }

  /** Takes over a complete push: clusters that are no longer in it go away, changed settings rebuild the cluster. */
  accept(pushes: readonly ClusterPush[], routes: RouteTable): void {
    this.routes = routes;
    const names = new Set<string>();
    for (const push of pushes) {
      const name = clusterName(push.port, push.host, push.subset);
      names.add(name);
      this.#acceptCluster(name, push);
    }
    for (const name of this.#clusters.keys()) if (!names.has(name)) this.#clusters.delete(name);
    this.#dropUnusedLinks(pushes);
  }

  /** Clusters with their hosts, for the admin pages; with counters where there is outlier detection. */
  clusters(): { name: string; counters: OutlierCounters | undefined; hosts: readonly Host[] }[] {
    const now = this.#now();
    return [...this.#clusters].map(([name, { proxy }]) => ({
      name,
      counters: proxy.settings.outlier === undefined ? undefined : proxy.counters(now),
      hosts: proxy.hosts(now),
    }));
  }

  /** Whether a Service has this name and port; other names do not resolve. */
  knows(host: string, port: number): boolean {
    return this.#clusters.has(clusterName(port, host));
  }

  /** Sends a request along a route. Undefined when the caller went away first. */
  async send(request: HttpRequest, target: RouteTarget, signal: AbortSignal): Promise<HttpAnswer | undefined> {
    const cluster = this.#clusters.get(clusterName(target.port ?? 80, target.host, target.subset));
    if (cluster === undefined) return { status: 503, body: '', contentType: TEXT };
    const { clock, random } = this.options;
    const result = await call<HttpAnswer>({
      proxy: cluster.proxy,
      route: target.settings,
      random,
      now: () => this.#now(),
      sleep: (ms) => clock.sleep(ms, signal),
      send: (host, limits) => this.#attempt(host, request, limits, signal),
    });
    if (result.kind === 'abandoned') return undefined;
    if (result.kind === 'upstream') return result.response;
    return { status: result.status, body: result.body, contentType: TEXT };
  }

  close(): void {
    for (const link of this.#links.values()) link.destroy();
    this.#links.clear();
  }

  #now(): number {
    return this.options.clock.now() / 1000;
  }

  #acceptCluster(name: string, push: ClusterPush): void {
    const now = this.#now();
    const text = JSON.stringify(push.settings);
    const known = this.#clusters.get(name);
    if (known === undefined) {
      const proxy = new ClientProxy({ settings: push.settings, random: this.options.random, now });
      proxy.setEndpoints(push.assignment, now);
      this.#clusters.set(name, { proxy, text });
    } else if (known.text !== text) {
      known.proxy.rebuild(push.settings, push.assignment, now);
      known.text = text;
    } else {
      known.proxy.setEndpoints(push.assignment, now);
    }
  }

  /** Races the attempt against its own time limit and the caller's patience. */
  async #attempt(
    host: Host,
    request: HttpRequest,
    limits: { connectTimeoutMs: number; timeoutMs?: number },
    signal: AbortSignal,
  ): Promise<Awaited<ReturnType<Link['send']>>> {
    const link = this.#link(host.endpoint.address, limits.connectTimeoutMs);
    const over = new AbortController();
    const ended = Promise.withResolvers<{ outcome: { kind: 'abandoned' | 'timeout' } }>();
    const hangUp = (): void => {
      ended.resolve({ outcome: { kind: 'abandoned' } });
      over.abort();
    };
    signal.addEventListener('abort', hangUp, { once: true });
    if (limits.timeoutMs !== undefined) {
      void this.options.clock.sleep(limits.timeoutMs, over.signal).then(() => {
        ended.resolve({ outcome: { kind: 'timeout' } });
        over.abort();
      });
    }
    try {
      return await Promise.race([ended.promise, this.#send(link, host, request, over.signal)]);
    } finally {
      signal.removeEventListener('abort', hangUp);
      over.abort();
    }
  }

  /** Another region is a round trip away. */
  async #send(link: Link, host: Host, request: HttpRequest, signal: AbortSignal): ReturnType<Link['send']> {
    const { clock, client } = this.options;
    const near = client.locality.region === host.endpoint.locality.region;
    if (!near) await clock.sleep(BETWEEN_REGIONS_MS, signal);
    return link.send(request, signal);
  }

  #link(address: string, connectTimeoutMs: number): Link {
    const known = this.#links.get(address);
    if (known !== undefined) return known;
    const { ip: fromIp, addresses, network, clock } = this.options;
    const colon = address.lastIndexOf(':');
    const toIp = address.slice(0, colon);
    const port = Number(address.slice(colon + 1));
    const link = new Link({ fromIp, toIp, port, connectTimeoutMs, addresses, network, clock });
    this.#links.set(address, link);
    return link;
  }

  #dropUnusedLinks(pushes: readonly ClusterPush[]): void {
    const used = new Set(pushes.flatMap((push) => push.assignment.endpoints.map((entry) => entry.endpoint.address)));
    for (const [address, link] of this.#links) {
      if (used.has(address)) continue;
      this.#links.delete(address);
      link.drain();
    }
  }
}
