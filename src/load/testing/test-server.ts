import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo, Server, Socket } from 'node:net';
import { CHAIN } from './load-fixture.ts';

/** A server on a free loopback port that knows its connections. */
export type TestServer = { readonly port: number; readonly connections: () => number; close(): Promise<void> };

/** Starts a server; `closed` servers are ended at once and their port is free again. */
export async function listen(server: Server | http.Server): Promise<TestServer> {
  const open = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    open.add(socket);
    socket.on('error', () => {}).on('close', () => open.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    server.close();
    for (const socket of open) socket.destroy();
    if (server.listening) await once(server, 'close');
  };
  return { port: (server.address() as AddressInfo).port, connections: () => connections, close };
}

/** A server in a process of its own that can be frozen; it accepts one waiting connection and then none. */
export async function freezable(): Promise<{ child: ChildProcess; port: number }> {
  const source = `
    const server = require('node:http').createServer((_, res) => res.end(${JSON.stringify(CHAIN)}));
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => process.send(server.address().port));
    process.once('disconnect', () => process.exit());`;
  const child = fork('-', { execArgv: ['-e', source] });
  const [port] = (await once(child, 'message')) as [number];
  return { child, port };
}

/** A server that answers each request by `answer`. */
export function answering(answer: http.RequestListener): Promise<TestServer> {
  return listen(http.createServer(answer));
}
