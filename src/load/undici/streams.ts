import http2 from 'node:http2';
import { isIP, type Socket } from 'node:net';
import type { Dispatcher } from 'undici';
import type { Path } from '../../model/target.ts';
import type { Connector } from './connect.ts';
import { ConnectionClosed } from './errors.ts';
import type { Flight } from './flight.ts';

/** Streams that a server takes at once where it has not said otherwise yet (RFC 9113, section 6.5.2: at least 100). */
const FIRST_LIMIT = 100;

type Connection = {
  readonly session: http2.ClientHttp2Session;
  streams: number;
  /** Streams that its server takes at once. */
  limit: number;
  /** Takes no more requests, and is closed after the last: a GOAWAY before would break off what is on its way at some servers. */
  isLeft: boolean;
};

/**
 * Sends the requests of one path over HTTP/2, each once. A kept connection carries as many requests at once as its server
 * takes; one more opens another. undici's own HTTP/2 is not used: it queues requests unseen and sends them again.
 */
export class Streams {
  readonly #path: Path;
  readonly #connector: Pick<Connector, 'connect'>;
  readonly #kept: boolean;
  readonly #open = new Set<Connection>();
  #isEnded = false;

  constructor(path: Path, connector: Pick<Connector, 'connect'>, kept: boolean) {
    this.#path = path;
    this.#connector = connector;
    this.#kept = kept;
  }

  /** As undici's dispatchers do: sends a request now and tells the flight what becomes of it. */
  dispatch(request: Dispatcher.DispatchOptions, flight: Flight): void {
    const headers = this.#headersOf(request);
    const known = this.#kept ? [...this.#open].find(hasRoom) : undefined;
    if (known === undefined) this.#connect(request, headers, flight);
    else this.#send(known, request, headers, flight);
  }

  #connect(request: Dispatcher.DispatchOptions, headers: Record<string, string>, flight: Flight): void {
    const { host: hostname, protocol, port } = this.#path;
    const servername = serverNameOf(headers[':authority'] ?? '');
    this.#connector.connect({ hostname, protocol: `${protocol}:`, port: String(port), servername }, (error, socket) => {
      if (error === null) this.#send(this.#begin(socket), request, headers, flight);
      else flight.onResponseError(null, error);
    });
  }

  destroy(): Promise<void> {
    this.#isEnded = true;
    for (const { session } of this.#open) session.destroy();
    return Promise.resolve();
  }

  #begin(socket: Socket): Connection {
    const session = http2.connect(`${this.#path.protocol}://${authorityOf(this.#path)}`, {
      createConnection: () => socket,
      settings: { enablePush: false },
    });
    const connection = { session, streams: 0, limit: FIRST_LIMIT, isLeft: !this.#kept };
    this.#open.add(connection);
    session.on('remoteSettings', ({ maxConcurrentStreams = Number.POSITIVE_INFINITY }) => {
      connection.limit = maxConcurrentStreams;
    });
    // Its requests are told by their streams.
    session.on('error', () => {}).on('close', () => this.#open.delete(connection));
    if (this.#isEnded) session.destroy();
    return connection;
  }

  #send(
    connection: Connection,
    request: Dispatcher.DispatchOptions,
    headers: http2.OutgoingHttpHeaders,
    flight: Flight,
  ): void {
    let stream: http2.ClientHttp2Stream | undefined;
    const abort = () => {
      if (stream === undefined) return;
      // Nobody knows whether an answer can still come on a connection that was silent: no other request goes over it.
      connection.isLeft = true;
      stream.close(http2.constants.NGHTTP2_CANCEL);
    };
    flight.onRequestStart({ abort });
    if (!flight.settled) stream = this.#stream(connection, request, headers, flight);
    if (stream === undefined) closeLeft(connection);
  }

  #stream(
    connection: Connection,
    request: Dispatcher.DispatchOptions,
    headers: http2.OutgoingHttpHeaders,
    flight: Flight,
  ): http2.ClientHttp2Stream | undefined {
    const { session } = connection;
    try {
      const stream = session.request(headers, { endStream: request.body === undefined });
      connection.streams += 1;
      listen(stream, session, flight).once('close', () => {
        connection.streams -= 1;
        closeLeft(connection);
      });
      if (request.body !== undefined) stream.end(request.body);
      return stream;
    } catch (error) {
      flight.onResponseError(null, error);
      return undefined;
    }
  }

  #headersOf({ method, path, headers, body }: Dispatcher.DispatchOptions): Record<string, string> {
    const own = Object.entries(headers as Record<string, string>).map(([name, value]) => [name.toLowerCase(), value]);
    const { host = authorityOf(this.#path), ...others } = Object.fromEntries(own) as Record<string, string>;
    const length = body instanceof Uint8Array ? { 'content-length': String(body.length) } : {};
    return {
      ':method': method,
      ':path': path,
      ':scheme': this.#path.protocol,
      ':authority': host,
      ...others,
      ...length,
    };
  }
}

/** Tells a flight of its stream: an answer is whole when its end has come and the stream was not broken off. */
function listen(stream: http2.ClientHttp2Stream, session: http2.ClientHttp2Session, flight: Flight) {
  let isWhole = false;
  let trailers: http2.IncomingHttpHeaders = {};
  return stream
    .on('response', ({ ':status': status = 0, ...headers }) => flight.onResponseStart(null, status, headers))
    .on('data', (chunk: Buffer) => flight.onResponseData(null, chunk))
    .on('trailers', (last) => {
      trailers = last;
    })
    .on('end', () => {
      isWhole = true;
    })
    .on('error', (error: unknown) => flight.onResponseError(null, error))
    .on('close', () => {
      if (isWhole && stream.rstCode === http2.constants.NGHTTP2_NO_ERROR) flight.onResponseEnd(null, trailers);
      else flight.onResponseError(null, new ConnectionClosed(stream.rstCode ?? 0, session.destroyed || session.closed));
    });
}

function closeLeft({ session, streams, isLeft }: Connection): void {
  if (isLeft && streams === 0) session.close();
}

function hasRoom({ session, streams, limit, isLeft }: Connection): boolean {
  return !isLeft && !session.closed && !session.destroyed && streams < limit;
}

function authorityOf({ protocol, host, port }: Path): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return port === (protocol === 'https' ? 443 : 80) ? name : `${name}:${port}`;
}

/** Name in the handshake; none for an address, which no certificate is asked for by. */
function serverNameOf(authority: string): string {
  const name = authority.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  return isIP(name) === 0 ? name : '';
}
