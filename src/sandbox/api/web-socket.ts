import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
/** The protocols of Kubernetes' streams that are spoken here, best first (apimachinery pkg/util/remotecommand). */
const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const BINARY = 0x82;
const CLOSE = 0x88;
const NORMAL = 1000;

/** The sending half of a WebSocket (RFC 6455); what the client sends is read and not looked at. */
type Channels = {
  /** A piece of a numbered stream: 1 stdout, 2 stderr, 3 the Status at the end. */
  send(stream: number, data: string): void;
  close(): void;
};

/** Whether it is an upgrade that can be taken. */
export function isWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket' && headers['sec-websocket-key'] !== undefined;
}

/** Takes the upgrade. */
export function openChannels({ headers }: IncomingMessage, socket: Duplex): Channels {
  const key = String(headers['sec-websocket-key']);
  const asked = String(headers['sec-websocket-protocol'] ?? '').split(/, */);
  const protocol = PROTOCOLS.find((one) => asked.includes(one));
  const accept = createHash('sha1').update(`${key}${GUID}`).digest('base64');
  const lines = [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${accept}`,
    ...(protocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
  ];
  socket.on('error', () => socket.destroy());
  socket.resume();
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  return {
    send: (stream, data) => void socket.write(frame(BINARY, Buffer.concat([Buffer.of(stream), Buffer.from(data)]))),
    close: () => {
      const code = Buffer.alloc(2);
      code.writeUInt16BE(NORMAL);
      socket.end(frame(CLOSE, code));
    },
  };
}

function frame(head: number, payload: Buffer): Buffer {
  if (payload.length < 126) return Buffer.concat([Buffer.of(head, payload.length), payload]);
  const length = Buffer.alloc(payload.length < 65_536 ? 3 : 9);
  if (length.length === 3) {
    length[0] = 126;
    length.writeUInt16BE(payload.length, 1);
  } else {
    length[0] = 127;
    length.writeBigUInt64BE(BigInt(payload.length), 1);
  }
  return Buffer.concat([Buffer.of(head), length, payload]);
}
