import { createServer, type Socket } from 'node:net';
import { FaultlineError, messageOf } from '../../../model/errors.ts';
import { Lines } from '../../../model/lines.ts';

/** Bytes in the path of a Unix socket, the least of the systems we run on (macOS: sun_path of 104 with its end). */
const LONGEST_SOCKET_PATH = 103;

/** The harness's end of the extension's socket: one connection, lines. */
type LineSocket = {
  /** Takes no new connection and waits for the end of the one that is there. */
  finish(): Promise<void>;
  /** Tells the other end a line; nobody hears it where there is none yet or any more. */
  send(line: string): void;
};

/** Listens at a path. Rejects with FaultlineError LOAD where no socket can be there. */
export async function listenForLines(path: string, onLine: (line: string) => void): Promise<LineSocket> {
  const ended = Promise.withResolvers<void>();
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    const lines = new Lines();
    socket.on('data', (piece: Buffer) => lines.push(piece).forEach(onLine));
    socket.on('error', () => {}).on('close', () => ended.resolve());
  });
  const opened = new Promise<void>((resolve, reject) => {
    // Node.js 22 cuts a longer path off without a word, and k6 would knock at a door that is not there.
    if (Buffer.byteLength(path) > LONGEST_SOCKET_PATH) reject(new Error(`${path} is too long for a socket`));
    else server.once('error', reject).listen(path, resolve);
  });
  await opened.catch((cause) => {
    const message = `The socket for k6 cannot be opened: ${messageOf(cause)}`;
    throw new FaultlineError('LOAD', message, { hint: 'Set TMPDIR to a short path that can be written.', cause });
  });
  const finish = async () => {
    server.close();
    if (sockets.length > 0) await ended.promise;
  };
  const send = (line: string) => {
    for (const socket of sockets) if (socket.writable) socket.write(`${line}\n`);
  };
  return { finish, send };
}
