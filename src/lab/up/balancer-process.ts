// The balancer: a process in the lab's fabric that forwards TCP connections. Its listening sockets come from its parent,
// who has opened them on the machine's loopback network: so the machine reaches the lab without an interface or a route.
import { connect, Server, type Socket } from 'node:net';
import type { ForwardOrder } from './balancer.ts';

process.on('message', ({ number, to }: ForwardOrder, server: unknown) => {
  if (!(server instanceof Server)) return;
  server.on('connection', (client) => forward(client, to));
  process.send?.({ forwarding: number });
});

/** A gateway that is not there is said by a reset, as a balancer of layer 4 does. */
function forward(client: Socket, { host, port }: ForwardOrder['to']): void {
  const server = connect({ host, port, noDelay: true });
  client.setNoDelay(true);
  client.pipe(server).pipe(client);
  client.on('error', () => server.destroy());
  server.on('error', () => client.resetAndDestroy());
  client.on('close', () => server.destroy());
  server.on('close', () => client.destroy());
}
