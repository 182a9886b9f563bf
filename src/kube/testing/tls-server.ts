import { once } from 'node:events';
import { constants, createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** Self-signed, for specs and nothing else; valid until 2126. The server shows the first one. */
export const PAIRS = [
  {
    cert: `-----BEGIN CERTIFICATE-----
MIIBqDCCAU6gAwIBAgIUELrPdH+OYgo53LAjlmqj7pfXT0AwCgYIKoZIzj0EAwIw
IDEeMBwGA1UEAwwVZmF1bHRsaW5lIHRlc3Qgb25seSAxMCAXDTI2MTEyMjE1MDUx
N1oYDzIxMjYxMDI5MTUwNTE3WjAgMR4wHAYDVQQDDBVmYXVsdGxpbmUgdGVzdCBv
bmx5IDEwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATH8q9W1bi6hdFemsFLbv5j
yFwHjKWlGXWWeOSLg7EJt8ZMLS4F72IhVqmi5/FO1JFzmeRMRgjxLBlt/uwu5Os+
o2QwYjAdBgNVHQ4EFgQUg8Um2WLGagv9zsY4y1i6qkQXOdQwHwYDVR0jBBgwFoAU
g8Um2WLGagv9zsY4y1i6qkQXOdQwDwYDVR0TAQH/BAUwAwEB/zAPBgNVHREECDAG
hwR/AAABMAoGCCqGSM49BAMCA0gAMEUCIQCcZ4q6foGkHUBk8+4I1rMjmXqZ/wke
lABEjvWaT6JBXQIgIhQNvRJU62sA6x53NTsv46Z+Up4GS81oPE27Botvbkk=
-----END CERTIFICATE-----`,
    key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg/+NdStmZohvqSBxr
zb0lxDe+iJzV0sMxr13WTVpph6ahRANCAATH8q9W1bi6hdFemsFLbv5jyFwHjKWl
GXWWeOSLg7EJt8ZMLS4F72IhVqmi5/FO1JFzmeRMRgjxLBlt/uwu5Os+
-----END PRIVATE KEY-----`,
  },
  {
    cert: `-----BEGIN CERTIFICATE-----
MIIBqTCCAU6gAwIBAgIUDqfQ6Ef7sgRvkWdqsr+4lOJ0jjMwCgYIKoZIzj0EAwIw
IDEeMBwGA1UEAwwVZmF1bHRsaW5lIHRlc3Qgb25seSAyMCAXDTI2MTEyMjE1MDUx
N1oYDzIxMjYxMDI5MTUwNTE3WjAgMR4wHAYDVQQDDBVmYXVsdGxpbmUgdGVzdCBv
bmx5IDIwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAR84SaCHNNFwyjZTr9Ycbgj
OyzPBS9v9Lm/latscHYdtEMWFDh6U1gBkP0ebDIjlQVCW7EDW3ji6zlcV6fRvkpv
o2QwYjAdBgNVHQ4EFgQUXLXavz0EKf320MU1duaX2cSTwgQwHwYDVR0jBBgwFoAU
XLXavz0EKf320MU1duaX2cSTwgQwDwYDVR0TAQH/BAUwAwEB/zAPBgNVHREECDAG
hwR/AAABMAoGCCqGSM49BAMCA0kAMEYCIQCBYexNx+p+o8/H4rP8jE2DkOMUDwE8
tIWQ5O6y7sujgwIhAPBZ8cFQZhN7J9VfiBjF5VorKH7hbEceYkKFboNAA8n7
-----END CERTIFICATE-----`,
    key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg4w8dXqw+L+PURmvm
91rFSpaKSWKL3X8uJQh3M1s1P+ehRANCAAR84SaCHNNFwyjZTr9YcbgjOyzPBS9v
9Lm/latscHYdtEMWFDh6U1gBkP0ebDIjlQVCW7EDW3ji6zlcV6fRvkpv
-----END PRIVATE KEY-----`,
  },
] as const;

/** Of everything that is asked for, as much as a spec needs. */
const BODY = JSON.stringify({
  resources: [{ name: 'pods', kind: 'Pod', namespaced: true }],
  status: { allowed: true },
});

/** What the server has seen of one request. `connection` is another number for another connection. */
type Seen = {
  readonly method: string;
  readonly connection: number;
  readonly authorization: string | undefined;
  /** Of the client's certificate. */
  readonly fingerprint: string | undefined;
  /** How many requests the connection had brought before. */
  readonly before: number;
};

/** Answers with a status and the same body every time, late if it likes. Undefined breaks off: the connection, of HTTP/2 only the stream. */
type Answer = (seen: Seen) => number | undefined | Promise<number | undefined>;

export type TlsServer = {
  readonly url: string;
  readonly seen: Seen[];
  /** The connections that are open now. */
  readonly open: Set<TLSSocket>;
  answer: Answer;
  close(): Promise<void>;
};

/** A server that speaks HTTP/1.1, or HTTP/2 as API servers do, and keeps connections for a minute without saying so. */
export async function startTlsServer(protocol: 'HTTP/1.1' | 'HTTP/2'): Promise<TlsServer> {
  const options = { ...PAIRS[0], requestCert: true, rejectUnauthorized: false };
  const server = protocol === 'HTTP/2' ? createSecureServer(options) : https.createServer(options);
  const open = new Set<TLSSocket>();
  const seen: Seen[] = [];
  server.setTimeout(60_000);
  if (server instanceof https.Server) server.keepAliveTimeout = 0;
  server.on('secureConnection', (socket: TLSSocket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket)).on('error', () => undefined);
  });
  const told: TlsServer = {
    url: '',
    seen,
    open,
    answer: () => 200,
    close: async () => {
      server.close();
      for (const socket of open) socket.destroy();
      await once(server, 'close');
    },
  };
  server.on('request', async (request: Http2ServerRequest, response: Http2ServerResponse) => {
    const socket = [...open].find(({ remotePort }) => remotePort === request.socket.remotePort);
    if (socket?.remotePort === undefined) return;
    const one = {
      method: request.method,
      connection: socket.remotePort,
      authorization: request.headers.authorization,
      fingerprint: socket.getPeerCertificate().fingerprint256,
      before: seen.filter(({ connection }) => connection === socket.remotePort).length,
    };
    seen.push(one);
    const status = await told.answer(one);
    if (status === undefined && request.stream !== undefined) request.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    else if (status === undefined) socket.destroy();
    else response.writeHead(status, { 'content-type': 'application/json' }).end(BODY);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(told, { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}` });
}
