import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { AddressPlan, SocketAddress } from '../nodes/addresses.ts';
import { meshServer } from '../programs/http-server.ts';
import type { MeshPod } from './mesh-pod.ts';

/** A pod behind an address, and the port of it that takes what comes. */
type BalancedPod = { readonly pod: MeshPod; readonly port: number };

/**
 * One zone's address of the network load balancer in front of the ingress gateway. It works on connections: each goes to
 * one ready gateway pod of its zone and stays there until that pod ends; without any ready pod the address refuses
 * connections. A pod on its way out closes kept connections after their next answer, as Envoy does when it drains.
 * A gateway pod that NetworkPolicy isolates is different on loopback than in a cloud: a SYN cannot be dropped here, so
 * the address accepts the connection and then never answers.
 */
export class ZoneBalancer {
  readonly #addresses: AddressPlan;
  readonly #ip: string;
  readonly #port: number;
  readonly #assigned = new Map<Socket, BalancedPod>();
  #pods: readonly BalancedPod[] = [];
  #next = 0;
  #server: Server | undefined;
  #opening: Promise<unknown> = Promise.resolve();

  constructor(options: { addresses: AddressPlan; ip: string; port: number }) {
    this.#addresses = options.addresses;
    this.#ip = options.ip;
    this.#port = options.port;
  }

  /** The ready gateway pods of the zone, whenever they change. Resolves when the address accepts or refuses accordingly. */
  setPods(pods: readonly BalancedPod[]): Promise<unknown> {
    this.#pods = pods;
    this.#opening = this.#opening.then(() => (this.#pods.length > 0 ? this.#open() : this.#stop()));
    return this.#opening;
  }

  /** Where the address is reached; undefined while it refuses. */
  address(): SocketAddress | undefined {
    return this.#server === undefined ? undefined : this.#addresses.locate(this.#ip, this.#port);
  }

  async close(): Promise<void> {
    await this.setPods([]);
    for (const socket of this.#assigned.keys()) socket.destroy();
  }

  async #open(): Promise<void> {
    if (this.#server !== undefined) return;
    const server = meshServer((request, response) => {
      const to = this.#assigned.get(request.socket);
      if (to === undefined) {
        request.socket.destroy();
        return;
      }
      if (!this.#pods.some(({ pod }) => pod === to.pod)) response.setHeader('connection', 'close');
      to.pod.handle(request, response, to.port);
    });
    server.on('connection', (socket: Socket) => this.#assign(socket));
    await this.#addresses.listen(server, this.#ip, this.#port);
    this.#server = server;
  }

  /** Refuses new connections and closes idle ones; requests on their way are still answered. */
  #stop(): void {
    this.#server?.close();
    this.#server = undefined;
  }

  #assign(socket: Socket): void {
    const to = this.#pods[this.#next % Math.max(1, this.#pods.length)];
    this.#next += 1;
    if (to === undefined) {
      socket.destroy();
      return;
    }
    this.#assigned.set(socket, to);
    const forget = to.pod.closed.listen(() => socket.destroy());
    socket.once('close', () => {
      this.#assigned.delete(socket);
      forget();
    });
  }
}
