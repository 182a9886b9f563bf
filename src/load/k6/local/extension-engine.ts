import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FaultlineError, messageOf } from '../../../model/errors.ts';
import type { LoadOrder } from '../../../model/ports.ts';
import { hrtimeMicros } from '../../clock.ts';
import { openRecordFile, type RecordFile } from '../../record-writer.ts';
import { k6Config } from '../config/extension-config.ts';
import type { K6Engine, K6Handle } from '../handle.ts';
import { K6Session } from '../session.ts';
import { dashboardEnvironment, dashboardOf } from './dashboard.ts';
import { K6Process } from './process.ts';
import { Running } from './run.ts';

/** Settings of the k6 engine. */
export type K6Options = {
  /** A k6 with the extension in it. */
  readonly binary: string;
  /** PEM certificates to trust in place of the system's, for gateways with a private authority. */
  readonly ca?: string;
};

/**
 * The engine for high rates: k6 with the faultline extension, warm before the first request, one k6 scenario for each
 * path. `start` and `stop` reject with FaultlineError LOAD.
 */
export function k6Engine(options: K6Options): K6Engine {
  return { name: 'k6', start: (run) => start(run, options) };
}

async function start(run: LoadOrder, { binary, ca }: K6Options): Promise<K6Handle> {
  const folder = await mkdtemp(join(tmpdir(), 'faultline-k6-'));
  const socket = join(folder, 'records.sock');
  const cleanup = () => rm(folder, { recursive: true, force: true });
  let records: RecordFile | undefined;
  let wire: Wire | undefined;
  try {
    const config = k6Config(run.load, run.paths, { socket, longestMs: run.longestMs, ca });
    const file = join(folder, 'config.json');
    await writeFile(file, JSON.stringify(config));
    const ids = run.paths.map((path) => path.id);
    const input = { load: run.load, ids, intervalNs: config.client.intervalNs, zero: run.zero, now: hrtimeMicros };
    records = await openRecordFile(run.file);
    const session = new K6Session(input, records);
    const opened = await listen(socket, (line) => session.line(line));
    wire = opened;
    const script = fileURLToPath(new URL('../scripts/paths.ts', import.meta.url));
    const complain = (text: string) => session.complain(`k6 reported an error: ${text}`);
    const env = dashboardEnvironment(run.load, run.file);
    const place = { script, folder, config: file, telling: ['--out=faultline'], env };
    const k6 = await K6Process.start(binary, place, { error: complain, words: () => {} });
    return await Running.begin(k6, session, run, {
      released: () => {},
      stopping: async () => {},
      drained: () => opened.finish(),
      missing: () => (session.whole ? undefined : 'k6 ended before it had told of every request.'),
      left: () => dashboardOf(run.load, run.file),
      cleanup,
    });
  } catch (error) {
    await wire?.finish();
    await records?.close().catch(() => undefined);
    await cleanup();
    throw error;
  }
}

/** The harness's end of the extension's socket: one connection, lines. */
type Wire = {
  /** Takes no new connection and waits for the end of the one that is there. */
  finish(): Promise<void>;
};

/** Bytes in the path of a Unix socket, the least of the systems we run on (macOS: sun_path of 104 with its end). */
const LONGEST_SOCKET_PATH = 103;

async function listen(path: string, onLine: (line: string) => void): Promise<Wire> {
  const ended = Promise.withResolvers<void>();
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => {
    sockets.push(socket);
    let rest = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    });
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
  return { finish };
}
