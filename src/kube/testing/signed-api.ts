import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An API server that takes one token, and notes with what each request was signed, for example `GET old`. */
export type SignedApi = {
  readonly url: string;
  readonly asked: string[];
  /** The headers of the last request. */
  headers: IncomingMessage['headers'];
  valid: string;
  close(): Promise<void>;
};

const STATUS = { kind: 'Status', reason: 'Unauthorized', message: 'token expired' };
/** Of everything that is asked for, as much as a spec needs. */
const BODY = { resources: [{ name: 'pods', kind: 'Pod', namespaced: true }], items: [], metadata: {}, status: {} };

/** Answers 401 where it does not know the token; else 200, and 403 to a WebSocket. */
export async function signedApi(valid: string): Promise<SignedApi> {
  const server = createServer((request, response) => {
    const isKnown = note(request);
    response.writeHead(isKnown ? 200 : 401, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isKnown ? BODY : STATUS));
  });
  server.on('upgrade', (request: IncomingMessage, socket) => {
    const status = note(request) ? 403 : 401;
    socket.end(`HTTP/1.1 ${status} No\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const api: SignedApi = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: [],
    headers: {},
    valid,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  function note({ method, url = '', headers }: IncomingMessage): boolean {
    const token = (headers.authorization ?? '').replace('Bearer ', '');
    // Discovery is looked up once, before anything else.
    if (!url.endsWith('/api/v1')) api.asked.push(`${method} ${token}`);
    api.headers = headers;
    return token === api.valid;
  }
  return api;
}
