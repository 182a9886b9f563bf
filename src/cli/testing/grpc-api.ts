import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { frame } from '../../model/grpc.ts';
import { ask, type Behind } from './json-api.ts';

/** A service of gRPC in front of the mesh, without TLS. */
export type GrpcApi = {
  readonly port: number;
  /** Method and message of the calls, in hexadecimal digits. */
  readonly calls: Set<string>;
  close(): Promise<void>;
};

const SERVING = frame(Buffer.from([0x08, 0x01]));
const HEAD = { ':status': 200, 'content-type': 'application/grpc' };

/** Starts one whose answers rest on the mesh behind a gateway: what that says stands in the trailer x-served-by. */
export async function grpcApi(behind: Behind): Promise<GrpcApi> {
  const agent = new http.Agent({ keepAlive: true });
  const calls = new Set<string>();
  const sessions = new Set<http2.ServerHttp2Session>();
  const answer = async (stream: http2.ServerHttp2Stream, method: string): Promise<void> => {
    calls.add(`${method} ${(await buffer(stream)).toString('hex')}`);
    const { status, text } = await ask(behind, agent);
    const rest = text.slice(text.lastIndexOf(')') + 1).trim();
    const error = rest === '' && status === 200 ? undefined : encodeURIComponent(rest);
    // As Envoy does for a call of gRPC that it cannot pass on.
    if (error !== undefined)
      stream.respond({ ...HEAD, 'grpc-status': '14', 'grpc-message': error }, { endStream: true });
    else {
      stream.respond(HEAD, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0', 'x-served-by': text }));
      stream.end(SERVING);
    }
  };
  const server = http2.createServer().on('session', (session) => sessions.add(session));
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    answer(stream, String(headers[':path'])).catch(() => stream.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    agent.destroy();
    for (const session of sessions) session.destroy();
    server.close();
    await once(server, 'close');
  };
  return { port: (server.address() as AddressInfo).port, calls, close };
}
