import { type AttemptLimits, type CallResult, type Chooser, call } from '../../mesh/call.ts';
import type { CircuitBreaker } from '../../mesh/connection-pool.ts';
import { DirectProxy } from '../../mesh/direct-proxy.ts';
import type { Host } from '../../mesh/host.ts';
import { countConnected, countEnded } from '../../mesh/host-counts.ts';
import type { ClusterPush, MeshProxy } from '../../mesh/istiod/clusters.ts';
import type { Stranger } from '../../mesh/istiod/told.ts';
import type { MeshEndpoint } from '../../mesh/locality.ts';
import { CLUSTER_LABEL } from '../../mesh/networks.ts';
import type { OutlierCounters } from '../../mesh/outlier.ts';
import type { CalledWorkload } from '../../mesh/requests-reader.ts';
import { RequestMetrics } from '../../mesh/requests-text.ts';
import { type RouteSettings, UNROUTED } from '../../mesh/retry.ts';
import type { RouteTable, RouteTarget } from '../../mesh/route-config.ts';
import { ISTIO_CLUSTER_DEFAULTS } from '../../mesh/settings.ts';
import { clusterName, sniClusterName } from '../../mesh/stats-text.ts';
import type { Clock, Random } from '../../model/ports.ts';
import type { RegionLink } from '../../topologies/index.ts';
import { createSignal } from '../api/signal.ts';
import type { AddressPlan } from '../nodes/addresses.ts';
import type { Network } from '../nodes/network.ts';
import { BYTES_HEADER, type HttpAnswer, type HttpRequest, TEXT } from '../programs/http.ts';
import { raceAttempt, type SendUntil } from './attempt.ts';
import { Link } from './link.ts';
import { OutboundCluster } from './outbound-cluster.ts';
import { Passage, type PassingPod } from './passage.ts';
import { Tunnels } from './tunnels.ts';

type SidecarOptions = MeshProxy & {
  readonly ip: string;
  /** Who takes a connection at the address of an east-west gateway. */
  readonly passingAt: (address: string) => readonly PassingPod[];
  /** The way to other regions. */
  readonly link: RegionLink;
  readonly addresses: AddressPlan;
  readonly network: Network;
  readonly clock: Clock;
  readonly random: Random;
};

/** The way of a call out of the proxy. */
type Way = {
  readonly proxy: Chooser;
  /** What an east-west gateway is asked for. */
  readonly sni: string;
  readonly settings: RouteSettings;
  readonly breaker?: CircuitBreaker | undefined;
  /** The attempt that was made last. */
  last?: { readonly workload: CalledWorkload | undefined; readonly isRefused: boolean };
};

/** The connections to one address. */
type Channel = {
  send: Tunnels['send'];
  drain(): void;
  destroy(): void;
};

/** The outbound half of one pod's Envoy: chooses hosts by the mesh model and speaks real HTTP to them. */
export class ClientSidecar {
  readonly options: SidecarOptions;
  /** Fires with every push. */
  readonly configured = createSignal();
  /** Routes as last pushed; undefined before the first push. */
  routes: RouteTable | undefined;
  readonly requests: RequestMetrics;
  readonly #clusters = new Map<string, OutboundCluster>();
  /** Services that are none for this proxy, where it lets calls to them pass. */
  readonly #strangers = new Map<string, DirectProxy>();
  readonly #channels = new Map<string, Channel>();

  constructor(options: SidecarOptions) {
    this.options = options;
    this.requests = new RequestMetrics(options.client.labels[CLUSTER_LABEL] ?? '');
  }

  /** Takes over a complete push: clusters that are no longer in it go away, changed settings rebuild the cluster. */
  accept(pushes: readonly ClusterPush[], routes: RouteTable, strangers: readonly Stranger[] = []): void {
    this.routes = routes;
    this.configured.fire();
    const names = new Set<string>();
    for (const push of pushes) {
      const name = nameOf(push);
      names.add(name);
      this.#acceptCluster(name, push);
    }
    for (const name of this.#clusters.keys()) if (!names.has(name)) this.#clusters.delete(name);
    this.#acceptStrangers(strangers);
    this.#dropUnused(pushes, strangers);
  }

  /** Whether a push would change nothing of its clusters' hosts; whom DNS names instead is not looked at. */
  hasAll(pushes: readonly ClusterPush[]): boolean {
    const now = this.#now();
    const isKnown = (push: ClusterPush): boolean => {
      const known = this.#clusters.get(nameOf(push));
      if (known === undefined || push.direct !== undefined) return known !== undefined;
      const hosts = new Set(known.hosts(now).map(({ endpoint }) => endpoint.address));
      const { endpoints } = push.assignment;
      return endpoints.length === hosts.size && endpoints.every(({ endpoint }) => hosts.has(endpoint.address));
    };
    return pushes.length === this.#clusters.size && pushes.every(isKnown);
  }

  /** Clusters with their hosts, for the admin pages; with counters where there is outlier detection. */
  clusters(): { name: string; counters: OutlierCounters | undefined; hosts: readonly Host[] }[] {
    const now = this.#now();
    return [...this.#clusters].map(([name, cluster]) => ({
      name,
      counters: cluster.counters(now),
      hosts: cluster.hosts(now),
    }));
  }

  /** What a name and port are to this proxy; a name that is nothing does not resolve. */
  knows(host: string, port: number): 'service' | 'tcp' | 'stranger' | undefined {
    const cluster = this.#clusters.get(clusterName(port, host));
    if (cluster !== undefined) return cluster.tcp ? 'tcp' : 'service';
    return this.#strangers.has(clusterName(port, host)) ? 'stranger' : undefined;
  }

  /** Sends a request past the mesh, as the proxy passes on what it does not know. */
  async passOn(request: HttpRequest, host: string, port: number, signal: AbortSignal): Promise<HttpAnswer | undefined> {
    const proxy = this.#strangers.get(clusterName(port, host));
    if (proxy === undefined) return undefined;
    return answerOf(await this.#call(request, { proxy, sni: '', settings: UNROUTED }, signal));
  }

  /** Sends a request as bytes: whatever goes wrong, the caller's connection breaks. */
  async sendBytes(
    request: HttpRequest,
    host: string,
    port: number,
    signal: AbortSignal,
  ): Promise<HttpAnswer | undefined> {
    const cluster = this.#clusters.get(clusterName(port, host));
    if (cluster === undefined) return undefined;
    const bytes = { ...request, headers: { ...request.headers, [BYTES_HEADER]: 'yes' } };
    const { chooser: proxy, breaker } = cluster;
    const result = await this.#call(
      bytes,
      { proxy, sni: sniClusterName(port, host), breaker, settings: UNROUTED },
      signal,
    );
    return result.kind === 'upstream' ? result.response : undefined;
  }

  /** Sends a request along a route. Undefined when the caller went away first. */
  async send(request: HttpRequest, target: RouteTarget, signal: AbortSignal): Promise<HttpAnswer | undefined> {
    const cluster = this.#clusters.get(clusterName(target.port ?? 80, target.host, target.subset));
    if (cluster === undefined) return { status: 503, body: '', contentType: TEXT };
    const { chooser: proxy, breaker } = cluster;
    const sni = sniClusterName(target.port ?? 80, target.host, target.subset);
    const way: Way = { proxy, sni, breaker, settings: target.settings };
    const result = await this.#call(request, way, signal);
    this.requests.count({ host: target.host, workload: way.last?.workload, ...endOf(result, way) });
    return answerOf(result);
  }

  /** Passes a connection from another network on; undefined where no cluster is meant, or it has no healthy host. */
  pass(sni: string): Passage | undefined {
    const cluster = this.#clusters.get(sni);
    return cluster && Passage.choose(cluster.chooser, () => this.#now());
  }

  close(): void {
    for (const channel of this.#channels.values()) channel.destroy();
    this.#channels.clear();
  }

  #now(): number {
    return this.options.clock.now() / 1000;
  }

  #call(request: HttpRequest, way: Way, signal: AbortSignal): Promise<CallResult<HttpAnswer>> {
    const { clock, random } = this.options;
    return call<HttpAnswer>({
      proxy: way.proxy,
      route: way.settings,
      random,
      now: () => this.#now(),
      sleep: (ms) => clock.sleep(ms, signal),
      send: async (host, limits) => {
        way.last = { workload: host.endpoint.workload, isRefused: false };
        const lease = await way.breaker?.enter(host.endpoint.address);
        if (way.breaker !== undefined && lease === undefined) return { outcome: { kind: 'overflow' } };
        const sent = await this.#attempt(host, way, request, limits, signal).finally(() => lease?.release());
        way.last = { ...way.last, isRefused: REFUSALS.includes(sent.outcome.kind) };
        return sent;
      },
    });
  }

  #acceptStrangers(strangers: readonly Stranger[]): void {
    const names = new Set<string>();
    for (const { host, port, endpoints } of strangers) {
      const name = clusterName(port, host);
      names.add(name);
      const proxy = this.#strangers.get(name) ?? new DirectProxy(ISTIO_CLUSTER_DEFAULTS, this.options.random);
      proxy.setEndpoints(endpoints);
      this.#strangers.set(name, proxy);
    }
    for (const name of this.#strangers.keys()) if (!names.has(name)) this.#strangers.delete(name);
  }

  #acceptCluster(name: string, push: ClusterPush): void {
    const known = this.#clusters.get(name);
    if (known === undefined) this.#clusters.set(name, new OutboundCluster(push, this.options, this.#now()));
    else known.accept(push, this.#now());
  }

  async #attempt(
    host: Host,
    way: Way,
    request: HttpRequest,
    limits: AttemptLimits,
    signal: AbortSignal,
  ): Promise<Awaited<ReturnType<Link['send']>>> {
    const channel = this.#channel(host.endpoint, way.sni, limits.connectTimeoutMs);
    const send: SendUntil = (until, onConnected) =>
      channel.send(request, until, (workload = host.endpoint.workload) => {
        countConnected(host.counts);
        way.last = { workload, isRefused: false };
        onConnected();
      });
    const sent = await raceAttempt(send, limits, this.options.clock, signal);
    // Of bytes Envoy counts connections, and knows no answers.
    if (request.headers[BYTES_HEADER] === undefined) countEnded(host.counts, sent.outcome);
    return sent;
  }

  #channel(endpoint: MeshEndpoint, sni: string, connectTimeoutMs: number): Channel {
    const key = channelKey(endpoint, sni);
    const known = this.#channels.get(key);
    if (known !== undefined) return known;
    const { address, isGateway, locality } = endpoint;
    const { link, client } = this.options;
    const far = client.locality.region === locality.region ? undefined : link;
    const { ip: fromIp, passingAt, addresses, network, clock, random } = this.options;
    const colon = address.lastIndexOf(':');
    const ip = address.slice(0, colon);
    const port = Number(address.slice(colon + 1));
    const shared = { far, connectTimeoutMs, addresses, network, clock, random };
    const channel = isGateway
      ? new Tunnels({ ...shared, fromIp, ip, port, sni, pods: () => passingAt(address) })
      : new Link({ ...shared, legs: [{ fromIp, toIp: ip, port }] });
    this.#channels.set(key, channel);
    return channel;
  }

  #dropUnused(pushes: readonly ClusterPush[], strangers: readonly Stranger[]): void {
    const balanced = pushes.flatMap(({ assignment, port, host, subset }) =>
      assignment.endpoints.map(({ endpoint }) => channelKey(endpoint, sniClusterName(port, host, subset))),
    );
    const direct = [...pushes.flatMap((push) => push.direct ?? []), ...strangers.flatMap(({ endpoints }) => endpoints)];
    const used = new Set([...balanced, ...direct.map(({ address }) => address)]);
    for (const [key, channel] of this.#channels) {
      if (used.has(key)) continue;
      this.#channels.delete(key);
      channel.drain();
    }
  }
}

function nameOf({ port, host, subset, isPassedOn }: ClusterPush): string {
  return (isPassedOn ? sniClusterName : clusterName)(port, host, subset);
}

/** Pods are shared by all clusters that have them; through a gateway every cluster has connections of its own. */
function channelKey({ address, isGateway }: MeshEndpoint, sni: string): string {
  return isGateway ? `${address} ${sni}` : address;
}

const REFUSALS: readonly string[] = ['connect-refused', 'connect-timeout'];

/** Status and flags as Istio's metrics have them. */
function endOf(result: CallResult<HttpAnswer>, { last }: Way): { status: number; flags: string } {
  if (result.kind === 'abandoned') return { status: 0, flags: 'DC' };
  if (result.kind === 'upstream') return { status: result.response.status, flags: '-' };
  const { status, flag } = result;
  return { status, flags: flag === 'URX' && last?.isRefused === true ? 'UF,URX' : flag };
}

/** Undefined when the caller went away first. */
function answerOf(result: CallResult<HttpAnswer>): HttpAnswer | undefined {
  if (result.kind === 'abandoned') return undefined;
  if (result.kind === 'upstream') return result.response;
  return { status: result.status, body: result.body, contentType: TEXT };
}
