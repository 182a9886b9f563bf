import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { AddressPlan } from '../nodes/addresses.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** An HTTP server whose kept connections never time out, like Envoy's within a test. */
export function meshServer(handler: Handler): Server {
  const server = createServer({ requestTimeout: 0, headersTimeout: 0, connectionsCheckingInterval: 2 ** 30 }, handler);
  server.keepAliveTimeout = 0;
  server.on('connection', (socket: Socket) => socket.setNoDelay(true));
  return server;
}

/** A pod's open port. */
export type PodListener = { close(): void };

/** Opens a port of a pod. Closing it breaks every connection, so that clients really see it refused from then on. */
export async function openPort(
  addresses: AddressPlan,
  ip: string,
  port: number,
  handler: Handler,
): Promise<PodListener> {
  const server = meshServer(handler);
  await addresses.listen(server, ip, port);
  return {
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
