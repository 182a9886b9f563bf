import type { Sent } from '../../mesh/call.ts';
import type { CalledWorkload } from '../../mesh/requests-reader.ts';
import type { Clock, Random } from '../../model/ports.ts';
import type { Millis } from '../../model/units.ts';
import type { RegionLink } from '../../topologies/index.ts';
import type { AddressPlan } from '../nodes/addresses.ts';
import type { Network } from '../nodes/network.ts';
import type { HttpAnswer, HttpRequest } from '../programs/http.ts';
import { type Leg, Link } from './link.ts';
import type { Passage, PassingPod } from './passage.ts';

type TunnelsOptions = {
  readonly fromIp: string;
  /** Address of the east-west gateway. */
  readonly ip: string;
  readonly port: number;
  /** What is asked for there. */
  readonly sni: string;
  /** As Link has it. */
  readonly far?: RegionLink | undefined;
  readonly connectTimeoutMs: Millis;
  /** The ready pods behind the address. */
  readonly pods: () => readonly PassingPod[];
  readonly addresses: AddressPlan;
  readonly network: Network;
  readonly clock: Clock;
  readonly random: Random;
};

/** One connection through a gateway's pod to one pod behind it, for as long as it stands. */
type Tunnel = {
  readonly link: Link;
  readonly passage: Passage;
  /** From the caller to the gateway's pod. */
  readonly near: readonly Leg[];
  readonly forget: () => void;
};

/**
 * The connections of one calling pod through an east-west gateway, by mTLS from end to end: the far pod is chosen once for each
 * connection, so a connection that is kept stays with one pod. The one that was used last is used first (Envoy:
 * conn_pool_base.cc, ready_clients_), which is why few callers see more than one far pod.
 */
export class Tunnels {
  readonly #options: TunnelsOptions;
  readonly #idle: Tunnel[] = [];
  readonly #all = new Set<Tunnel>();
  /** To the address itself, where nobody behind it takes a connection. */
  readonly #bare: Link;
  #turn = 0;
  #isDraining = false;

  constructor(options: TunnelsOptions) {
    this.#options = options;
    this.#bare = this.#linkOver([this.#first]);
  }

  /** As Link's; says as well whose workload the connection ends at. */
  async send(
    request: HttpRequest,
    signal: AbortSignal,
    onConnected: (workload?: CalledWorkload) => void,
  ): Promise<Sent<HttpAnswer>> {
    const tunnel = this.#kept() ?? this.#open();
    if (tunnel === undefined) return this.#bare.send(request, signal, onConnected);
    const { link, passage } = tunnel;
    const sent = await link.send(request, signal, () => {
      passage.opened();
      onConnected(passage.host.endpoint.workload);
    });
    const isOver = !this.#all.has(tunnel);
    if (sent.outcome.kind === 'response' && !isOver && !this.#isDraining) this.#idle.push(tunnel);
    else this.#end(tunnel, sent);
    return isOver && sent.outcome.kind === 'abandoned' && !signal.aborted ? { outcome: { kind: 'reset' } } : sent;
  }

  /** Lets requests on their way finish. */
  drain(): void {
    this.#isDraining = true;
    for (const tunnel of this.#idle.splice(0)) this.#end(tunnel);
    this.#bare.drain();
  }

  /** Breaks all connections. */
  destroy(): void {
    for (const tunnel of [...this.#all]) this.#end(tunnel);
    this.#bare.destroy();
  }

  get #first(): Leg {
    const { fromIp, ip: toIp, port } = this.#options;
    return { fromIp, toIp, port };
  }

  /** A far pod that leaves closes its connections after the answer, as Envoy does when it drains. */
  #kept(): Tunnel | undefined {
    for (;;) {
      const tunnel = this.#idle.pop();
      if (tunnel === undefined || !tunnel.passage.host.removed) return tunnel;
      this.#end(tunnel);
    }
  }

  #open(): Tunnel | undefined {
    const pods = this.#options.pods();
    const pod = pods[this.#turn % Math.max(1, pods.length)];
    this.#turn += 1;
    const passage = pod?.pass(this.#options.sni);
    if (pod === undefined || passage === undefined) return undefined;
    const { address } = passage.host.endpoint;
    const colon = address.lastIndexOf(':');
    const near = [this.#first, { fromIp: this.#options.ip, toIp: pod.ip, port: pod.port }];
    const far = { fromIp: pod.ip, toIp: address.slice(0, colon), port: Number(address.slice(colon + 1)) };
    const link = this.#linkOver([...near, far]);
    const tunnel: Tunnel = { link, passage, near, forget: pod.closed.listen(() => this.#end(tunnel)) };
    this.#all.add(tunnel);
    return tunnel;
  }

  #linkOver(legs: [...Leg[], Leg]): Link {
    const { far, connectTimeoutMs, addresses, network, clock, random } = this.#options;
    return new Link({ legs, far, mostConnections: 1, connectTimeoutMs, addresses, network, clock, random });
  }

  /** The gateway knows nothing of what never got to it. */
  #reaches(legs: readonly Leg[]): boolean {
    return legs.every(({ fromIp, toIp, port }) => this.#options.network.allows(fromIp, toIp, port));
  }

  #end(tunnel: Tunnel, { outcome }: Sent<HttpAnswer> = { outcome: { kind: 'abandoned' } }): void {
    if (!this.#all.delete(tunnel)) return;
    const at = this.#idle.indexOf(tunnel);
    if (at !== -1) this.#idle.splice(at, 1);
    tunnel.forget();
    tunnel.passage.ended(this.#reaches(tunnel.near) ? outcome : { kind: 'abandoned' });
    tunnel.link.destroy();
  }
}
