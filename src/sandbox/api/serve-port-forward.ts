import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Duplex } from 'node:stream';
import type { PodPort, ServerContext } from './context.ts';
import { badRequest } from './errors.ts';
import { requireObject } from './read.ts';
import type { ResourceRequest } from './request.ts';
import { openChannels } from './web-socket.ts';

const [DATA, ERROR] = [0, 1];
/** The kubelet's own protocol (kubelet pkg/cri/streaming/portforward/websocket.go). */
const PROTOCOLS = ['v4.channel.k8s.io'];

/**
 * Reaches one port inside a pod over a WebSocket: the bytes of one connection on stream 0, what is wrong on stream 1, each
 * of which begins with the port's number. What listens in a pod of the sandbox speaks HTTP. Throws an ApiError while nothing
 * has been written to the socket.
 */
export async function servePortForward(
  target: ResourceRequest,
  context: ServerContext,
  message: IncomingMessage,
  socket: Duplex,
): Promise<void> {
  const { query, namespace = '', name = '' } = target;
  requireObject(target, context);
  const port = Number(query.get('ports') ?? query.get('port'));
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw badRequest('query parameter "port" is required');
  const asked = String(message.headers['sec-websocket-protocol'] ?? '').split(/, */);
  if (!PROTOCOLS.some((one) => asked.includes(one))) {
    throw badRequest(
      `the sandbox forwards ports over ${PROTOCOLS.join(', ')}, and not as kubectl asks for it, over SPDY`,
    );
  }
  const connection = new Duplex({
    read: () => undefined,
    write: (piece: Buffer, _, done) => {
      channels.send(DATA, piece);
      done();
    },
    destroy: (_, done) => {
      channels.close();
      done(null);
    },
  });
  const onPiece = (stream: number, data: Buffer) => {
    if (stream === DATA) connection.push(data);
  };
  const channels = openChannels(message, socket, { protocols: PROTOCOLS, onPiece });
  const number = Buffer.alloc(2);
  number.writeUInt16LE(port);
  for (const stream of [DATA, ERROR]) channels.send(stream, number);
  const refuse = () => {
    channels.send(ERROR, `error forwarding port ${port} to pod ${name}: connect: connection refused`);
    connection.destroy();
  };
  socket.once('close', () => connection.destroy());
  const found = context.podForward(namespace, name, port);
  if (found === undefined) refuse();
  else serveHttp(connection, found, refuse);
}

/** Answers HTTP on a connection that is no socket, request after request. */
function serveHttp(connection: Duplex, port: PodPort, refuse: () => void): void {
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = 'GET', url = '/', headers } = request;
    const body = Buffer.concat(await request.toArray());
    const answer = await port(url, { method, contentType: headers['content-type'], body });
    if (answer === undefined) refuse();
    else response.writeHead(answer.status, { 'content-type': answer.contentType }).end(answer.body);
  };
  const server = createServer((request, response) => void respond(request, response).catch(refuse));
  server.keepAliveTimeout = 0;
  server.emit('connection', connection);
}
