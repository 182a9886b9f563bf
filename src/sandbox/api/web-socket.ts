import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const BINARY = 0x82;
const CLOSE = 0x88;
const NORMAL = 1000;
/** What a client sends is always masked. */
const MASK_BYTES = 4;

/** Numbered streams over a WebSocket (RFC 6455). */
type Channels = {
  /** A piece of a numbered stream: of a command 1 is stdout, 2 stderr, 3 the Status at the end; of a port 0 is data, 1 errors. */
  send(stream: number, data: string | Buffer): void;
  close(): void;
};

/** What may be spoken, best first, and who hears what the client sends: it is read and not looked at by default. */
type Speaking = {
  readonly protocols: readonly string[];
  readonly onPiece?: (stream: number, data: Buffer) => void;
};

/** Whether it is an upgrade that can be taken. */
export function isWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket' && headers['sec-websocket-key'] !== undefined;
}

/** Takes the upgrade. */
export function openChannels({ headers }: IncomingMessage, socket: Duplex, speaking: Speaking): Channels {
  const key = String(headers['sec-websocket-key']);
  const asked = String(headers['sec-websocket-protocol'] ?? '').split(/, */);
  const protocol = speaking.protocols.find((one) => asked.includes(one));
  const accept = createHash('sha1').update(`${key}${GUID}`).digest('base64');
  const lines = [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${accept}`,
    ...(protocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
  ];
  socket.on('error', () => socket.destroy()).once('end', () => socket.end());
  const { onPiece } = speaking;
  if (onPiece === undefined) socket.resume();
  else listen(socket, onPiece);
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

/** Hands on the binary messages of a client, each of which is one frame; anything else ends the connection. */
function listen(socket: Duplex, onPiece: (stream: number, data: Buffer) => void): void {
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (piece: Buffer) => {
    rest = Buffer.concat([rest, piece]);
    for (let read = readFrame(rest); read !== undefined; read = readFrame(rest)) {
      rest = rest.subarray(read.length);
      if (read.head !== BINARY) socket.end();
      else if (read.payload.length > 0) onPiece(read.payload[0] ?? 0, read.payload.subarray(1));
    }
  });
}

/** The first frame, unmasked; undefined until it is whole. */
function readFrame(bytes: Buffer): { head: number; payload: Buffer; length: number } | undefined {
  if (bytes.length < 2) return undefined;
  const short = bytes.readUInt8(1) & 127;
  const sizeBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
  const begin = 2 + sizeBytes + MASK_BYTES;
  if (bytes.length < begin) return undefined;
  const size =
    sizeBytes === 0 ? short : Number(bytes.readUIntBE(2 + Math.max(0, sizeBytes - 6), Math.min(sizeBytes, 6)));
  const length = begin + size;
  if (bytes.length < length) return undefined;
  const mask = bytes.subarray(begin - MASK_BYTES, begin);
  const payload = Buffer.from(
    bytes.subarray(begin, length).map((byte, index) => byte ^ (mask[index % MASK_BYTES] ?? 0)),
  );
  return { head: bytes.readUInt8(0), payload, length };
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
