import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
/** First byte of a frame that closes a WebSocket, which is answered by another. */
const CLOSE = 0x88;

/** One forwarded connection as the server has it. */
export type Forwarded = {
  /** The URL that was asked for. */
  readonly url: string;
  /** What came in on the data stream so far. */
  received: string;
  /** A piece of stream 0 (data) or 1 (errors). */
  send(stream: number, text: string): void;
  /** Breaks the connection off without a word. */
  cut(): void;
};

export type ForwardingApi = {
  readonly port: number;
  /** Every connection that was taken, in order. */
  readonly taken: Forwarded[];
  /** Every upgrade that was asked for: its URL. */
  readonly asked: string[];
  /** Connections that are open now. */
  open: number;
  /** All connections that are there now, taken or not. */
  readonly sockets: number;
  /** Takes an upgrade (101), refuses it with another status, or says nothing. */
  take: (url: string) => number | 'hang';
  /** Called when an upgrade is taken. */
  onTaken: (connection: Forwarded) => void;
  /** Called with every piece of data. */
  onData: (connection: Forwarded) => void;
  close(): Promise<void>;
};

/** An API server that forwards ports, and nothing else: what is behind them is the spec's. */
export async function startForwardingApi(): Promise<ForwardingApi> {
  const sockets = new Set<Duplex>();
  const server = createServer((_, response) => response.writeHead(404).end());
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket)).on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const api: ForwardingApi = {
    port: (server.address() as AddressInfo).port,
    taken: [],
    asked: [],
    open: 0,
    get sockets() {
      return sockets.size;
    },
    take: () => 101,
    onTaken: () => undefined,
    onData: () => undefined,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  server.on('upgrade', (message: IncomingMessage, socket: Duplex) => {
    const { url = '', headers } = message;
    api.asked.push(url);
    const taken = api.take(url);
    if (taken === 'hang') {
      socket.resume().once('end', () => socket.end());
      return;
    }
    if (taken !== 101) {
      socket.end(`HTTP/1.1 ${taken} No\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    api.open += 1;
    socket
      .once('end', () => socket.end())
      .once('close', () => {
        api.open -= 1;
      });
    const accept = createHash('sha1').update(`${headers['sec-websocket-key']}${GUID}`).digest('base64');
    const protocol = 'Sec-WebSocket-Protocol: v4.channel.k8s.io';
    const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade', protocol];
    // Whatever is said at once comes in one piece with the upgrade.
    socket.cork();
    socket.write([...lines, `Sec-WebSocket-Accept: ${accept}`, '', ''].join('\r\n'));
    connect(api, url, socket);
    socket.uncork();
  });
  return api;
}

function connect(api: ForwardingApi, url: string, socket: Duplex): void {
  const send = (stream: number, data: Buffer) => socket.write(frame(Buffer.concat([Buffer.of(stream), data])));
  const connection: Forwarded = {
    url,
    received: '',
    send: (stream, text) => send(stream, Buffer.from(text)),
    cut: () => socket.destroy(),
  };
  api.taken.push(connection);
  if (url.includes('/portforward')) for (const stream of [0, 1]) send(stream, Buffer.of(0x98, 0x3a));
  api.onTaken(connection);
  socket.on('data', (bytes: Buffer) => {
    if (bytes[0] === CLOSE) socket.end(Buffer.of(CLOSE, 0));
    const data = unmasked(bytes);
    if (data?.[0] !== 0) return;
    connection.received += data.subarray(1).toString();
    api.onData(connection);
  });
}

function frame(payload: Buffer): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(payload.length));
  return Buffer.concat([Buffer.of(0x82, 127), length, payload]);
}

/** The payload of a binary frame that came whole; requests are short. */
function unmasked(bytes: Buffer): Buffer | undefined {
  if (bytes[0] !== 0x82) return undefined;
  const short = bytes.readUInt8(1) & 127;
  const begin = short === 126 ? 4 : 2;
  const mask = bytes.subarray(begin, begin + 4);
  return Buffer.from(bytes.subarray(begin + 4).map((byte, index) => byte ^ (mask[index % 4] ?? 0)));
}
