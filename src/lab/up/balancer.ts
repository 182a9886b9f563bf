import { createServer, type Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { FaultlineError, messageOf } from '../../model/errors.ts';
import type { Daemons, Started } from './daemon.ts';
import { FABRIC, inNamespace } from './network.ts';

export type Address = { readonly host: string; readonly port: number };

/** What the balancer is told with each listening socket. */
export type ForwardOrder = { readonly number: number; readonly to: Address };

/** Name of its process. */
export const BALANCER = 'balancer';

const MOST_WAITING = 1024;

/**
 * Forwards TCP from addresses of the machine's loopback network to the lab's API servers and gateways: the load balancer of
 * a cloud, of layer 4, with an address for each zone. A program of ours and not HAProxy: it needs no package, and takes its
 * sockets from outside of the namespace that it works in.
 */
export class Balancer {
  readonly #process: Started;
  #orders = 0;

  private constructor(started: Started) {
    this.#process = started;
  }

  static async start(daemons: Daemons): Promise<Balancer> {
    const source = import.meta.url.endsWith('.ts') ? './balancer-process.ts' : './balancer-process.js';
    const program = fileURLToPath(new URL(source, import.meta.url));
    const options = ['--disable-warning=ExperimentalWarning', program];
    const command = inNamespace(FABRIC, [process.execPath, ...options]);
    return new Balancer(await daemons.start({ name: BALANCER, group: BALANCER, command, channel: true }));
  }

  /** Listens at `from` on the machine and forwards to `to` in the fabric, from the moment this resolves. */
  async forward(from: Address, to: Address): Promise<void> {
    const server = await listen(from);
    const number = this.#orders;
    this.#orders += 1;
    await this.#send({ number, to }, server);
    server.close();
  }

  /** The balancer goes on without us. */
  release(): void {
    this.#process.child.disconnect();
  }

  #send(order: ForwardOrder, server: Server): Promise<void> {
    const { child, lastWords } = this.#process;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const fail = () => reject(new FaultlineError('LAB', `the balancer has ended:\n${lastWords()}`));
    const hear = (message: unknown) => {
      if ((message as { forwarding?: number }).forwarding === order.number) resolve();
    };
    child.on('message', hear);
    child.once('exit', fail);
    child.send(order, server);
    return promise.finally(() => {
      child.off('message', hear);
      child.off('exit', fail);
    });
  }
}

/** A socket of the machine. Nobody knows of it before it is forwarded. */
function listen({ host, port }: Address): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        new FaultlineError('LAB', `${host}:${port} cannot be listened on: ${messageOf(error)}`, {
          hint: `Something on this machine has the port, perhaps for all addresses. Which one: ss -ltnp 'sport = :${port}'`,
          cause: error,
        }),
      ),
    );
    server.listen({ host, port, backlog: MOST_WAITING }, () => resolve(server));
  });
}
