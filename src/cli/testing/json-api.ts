import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TLSSocket } from 'node:tls';

/** An ordinary JSON API in front of the mesh: over TLS, for those who have the token. */
export type JsonApi = {
  readonly port: number;
  /** What answers say of an order. */
  status: string;
  /** Names in the certificates that clients have shown. */
  readonly clients: Set<string>;
  /** Bodies that were posted. */
  readonly orders: Set<string>;
  close(): Promise<void>;
};

/** A gateway of the mesh. */
export type Behind = { readonly host: string; readonly port: number };

/** Starts one whose answers rest on the mesh behind a gateway: what that says stands in the header x-served-by. */
export async function jsonApi(secure: https.ServerOptions, token: string, behind: Behind): Promise<JsonApi> {
  const agent = new http.Agent({ keepAlive: true });
  const api = { status: 'placed', clients: new Set<string>(), orders: new Set<string>() };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    response.setHeader('content-type', 'application/json');
    const body = await text(request);
    const isOrder = request.method === 'POST' && request.url === '/orders';
    if (isOrder && request.headers.authorization !== `Bearer ${token}`) {
      response.writeHead(401).end('{"error":"who are you?"}');
      return;
    }
    if (isOrder) api.orders.add(`${request.headers['content-type']} ${body}`);
    const served = await ask(behind, agent);
    response.setHeader('x-served-by', served.text.replaceAll(/[^ -~]+/g, ' '));
    const good = isOrder ? [201, api.status] : [200, 'ok'];
    const [status, said] = served.status === 200 ? good : [served.status, 'down'];
    response.writeHead(Number(status)).end(JSON.stringify({ status: said }));
  };
  const server = https.createServer(secure, (request, response) => {
    const shown = (request.socket as TLSSocket).getPeerCertificate().subject?.CN;
    if (typeof shown === 'string') api.clients.add(shown);
    answer(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    agent.destroy();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return Object.assign(api, { port, close });
}

/** What the mesh behind a gateway says. */
export async function ask({ host, port }: Behind, agent: http.Agent): Promise<{ status: number; text: string }> {
  const request = http.get({ host, port, path: '/mock', agent, headers: { host: 'mock.asm-demo.work' } });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, text: await text(response) };
}
