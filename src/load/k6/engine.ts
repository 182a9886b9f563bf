import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FaultlineError, messageOf } from '../../model/errors.ts';
import type { LoadEngine, LoadHandle, LoadProgress, LoadSummary } from '../../model/ports.ts';
import type { Millis } from '../../model/units.ts';
import { hrtimeMicros } from '../clock.ts';
import { openRecordFile } from '../record-writer.ts';
import { k6Config } from './config.ts';
import { cpuMeter } from './cpu.ts';
import { type K6Exit, K6Process } from './process.ts';
import { K6Session } from './session.ts';

/** Settings of the k6 engine. */
export type K6Options = {
  /** A k6 with the extension in it. */
  readonly binary: string;
  /** PEM certificates to trust in place of the system's, for gateways with a private authority. */
  readonly ca?: string;
};

/** Why the evidence is doubtful is known while the load goes on. */
export type K6View = LoadProgress & { readonly degraded: readonly string[]; readonly failure?: string };
export type K6Handle = Omit<LoadHandle, 'progress'> & {
  readonly progress: () => K6View;
  /** Process id of k6. */
  readonly pid: number;
};
export type K6Engine = {
  readonly name: 'k6';
  start(options: Parameters<LoadEngine['start']>[0]): Promise<K6Handle>;
};

const PULSE_MS: Millis = 100;
const CPU_EVERY_PULSES = 50;
/** Beyond the timeout, for k6 to end and the extension to hand over what waits. */
const CLOSING_MS: Millis = 30_000;
/** The code of a k6 that was stopped over REST, as ours is. */
const STOPPED = 103;

/**
 * The engine for high rates: k6 with the faultline extension, warm before the first request, one k6 scenario for each
 * path. `start` and `stop` reject with FaultlineError LOAD.
 */
export function k6Engine(options: K6Options): K6Engine {
  return { name: 'k6', start: (run) => start(run, options) };
}

async function start(run: Parameters<LoadEngine['start']>[0], { binary, ca }: K6Options): Promise<K6Handle> {
  const folder = await mkdtemp(join(tmpdir(), 'faultline-k6-'));
  const socket = join(folder, 'records.sock');
  const cleanup = () => rm(folder, { recursive: true, force: true });
  try {
    const config = k6Config(run.load, run.paths, socket, ca);
    const file = join(folder, 'config.json');
    await writeFile(file, JSON.stringify(config));
    const ids = run.paths.map((path) => path.id);
    const input = { load: run.load, ids, intervalNs: config.client.intervalNs, zero: run.zero, now: hrtimeMicros };
    const session = new K6Session(input, await openRecordFile(run.file));
    const wire = await listen(socket, (line) => session.line(line));
    // From source this file ends in .ts, from the built package in .js, and so does the script.
    const script = fileURLToPath(new URL(`./scripts/paths${extname(import.meta.url)}`, import.meta.url));
    const complain = (text: string) => session.complain(`k6 reported an error: ${text}`);
    const k6 = await K6Process.start(binary, { script, folder, config: file }, complain);
    const handle = new Running(k6, session, wire, run.load.timeoutMs, cleanup);
    await handle.begin();
    return { progress: () => handle.progress(), stop: () => handle.stop(), pid: k6.pid ?? 0 };
  } catch (error) {
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
  // An engine that fails before k6 connects must not keep the process alive.
  server.unref();
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

/** A k6 that sends, until it is stopped. */
class Running {
  readonly #k6: K6Process;
  readonly #session: K6Session;
  readonly #wire: Wire;
  readonly #timeout: Millis;
  readonly #cleanup: () => Promise<void>;
  readonly #pulse: NodeJS.Timeout;
  #failure: FaultlineError | undefined;
  #stopping: Promise<LoadSummary> | undefined;

  constructor(k6: K6Process, session: K6Session, wire: Wire, timeout: Millis, cleanup: () => Promise<void>) {
    this.#k6 = k6;
    this.#session = session;
    this.#wire = wire;
    this.#timeout = timeout;
    this.#cleanup = cleanup;
    const meter = cpuMeter(k6.pid ?? 0, hrtimeMicros);
    let pulses = 0;
    this.#pulse = setInterval(() => {
      session.pulse();
      pulses += 1;
      if (pulses % CPU_EVERY_PULSES === 0) void meter().then((share) => session.health.busy(share ?? 0));
    }, PULSE_MS);
    this.#pulse.unref();
  }

  /** Waits until k6 is warm, then lets it go. */
  async begin(): Promise<void> {
    try {
      await this.#k6.warm();
      await this.#k6.release();
    } catch (error) {
      this.#k6.kill();
      await this.#k6.ended;
      await this.#end();
      throw error;
    }
    void this.#k6.ended.then((exit) => this.#endedUnasked(exit));
  }

  progress(): K6View {
    const paths = this.#session.paths();
    const degraded = this.#session.degraded();
    if (this.#failure === undefined) return { paths, degraded };
    const still = paths.map((path) => ({ ...path, recentGood: 0, recentBad: 0, recentServing: {} }));
    return { paths: still, degraded, failure: this.#failure.message };
  }

  stop(): Promise<LoadSummary> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<LoadSummary> {
    const exit = await this.#k6.stop(this.#timeout + CLOSING_MS);
    await this.#end();
    if (this.#failure !== undefined) throw this.#failure;
    if (exit.code !== STOPPED) throw this.#k6.failure(exit);
    if (!this.#session.whole) throw new FaultlineError('LOAD', 'k6 ended before it had told of every request.');
    return this.#session.summary();
  }

  #endedUnasked(exit: K6Exit): void {
    if (this.#stopping === undefined) this.#failure = this.#k6.failure(exit);
  }

  /** k6 is gone: what it has told is written, the rest is put away. */
  async #end(): Promise<void> {
    await this.#wire.finish();
    clearInterval(this.#pulse);
    try {
      await this.#session.close();
    } finally {
      await this.#cleanup();
    }
  }
}
