import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { request } from 'undici';
import { hideCredentials } from '../../../model/credentials.ts';
import { cutTo, lastLines } from '../../../model/cut.ts';
import { FaultlineError, messageOf } from '../../../model/errors.ts';
import { Lines } from '../../../model/lines.ts';
import type { Millis } from '../../../model/units.ts';
import { lookUntil } from '../../look-until.ts';
import { readLogLine } from '../records/log-line.ts';
import { isWaiting, STATUS, statusChange } from '../records/rest.ts';
import { type K6Run, k6Arguments, k6Environment } from './command.ts';
import { exitReason } from './exit-reason.ts';
import { startReaper } from './orphan-reaper.ts';

const POLL_MS = 25;
const ANSWER_MS: Millis = 2_000;
/** Compiling the script and starting many virtual users on a busy machine. */
const START_PATIENCE_MS = 120_000;
/** For its last words to be read when it has ended. */
const SAID_MS: Millis = 1_000;
/** Text of k6 that is kept for error messages. */
const TAIL_LIMIT = 2000;

/** How a k6 process ended. */
export type K6Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/** Finds a free port of the loopback address; somebody else can still be quicker, which k6 then says. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new FaultlineError('LOAD', 'No free port for k6.');
  return address.port;
}

/** Hears what k6 logs. */
type LogListener = {
  readonly error: (text: string) => void;
  /** Warnings and errors, and what a script says while it is loaded. */
  readonly line: (text: string) => void;
};

/** One k6 process, controlled over its REST interface on the loopback address. */
export class K6Process {
  readonly ended: Promise<K6Exit>;
  readonly #child: ChildProcess;
  readonly #port: number;
  #exit: K6Exit | undefined;
  #stopping = false;
  #tail = '';

  private constructor(child: ChildProcess, port: number, folder: string, listener: LogListener) {
    this.#child = child;
    this.#port = port;
    const ended = Promise.withResolvers<K6Exit>();
    child.once('exit', (code, signal) => {
      // What it has started and left goes with it: load that nobody reads, or one who holds its words open.
      endGroup(child, 'SIGKILL');
      const end = () => ended.resolve({ code, signal });
      const timer = setTimeout(end, SAID_MS);
      child.once('close', () => {
        clearTimeout(timer);
        end();
      });
    });
    child.once('error', (error) => {
      this.#tail += messageOf(error);
      ended.resolve({ code: 255, signal: null });
    });
    this.ended = ended.promise;
    const endReaper = child.pid === undefined ? () => {} : startReaper(child.pid, folder);
    void this.ended.then((exit) => {
      this.#exit = exit;
      endReaper();
    });
    const lines = new Lines();
    child.stderr?.on('data', (piece: Buffer) => {
      for (const line of lines.push(piece)) this.#log(line, listener);
    });
  }

  /** Starts k6. */
  static async start(binary: string, run: K6Run, listener: LogListener): Promise<K6Process> {
    const port = await freePort();
    const child = spawn(binary, k6Arguments(run.script, port, run.output), {
      cwd: run.folder,
      env: k6Environment(run),
      stdio: ['ignore', 'ignore', 'pipe'],
      // A Ctrl-C is the harness's to answer: load goes on while it undoes.
      detached: true,
    });
    return new K6Process(child, port, run.folder, listener);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /**
   * Resolves when every virtual user is there and the test waits. Rejects with FaultlineError LOAD when k6 ends before, or
   * the signal is aborted.
   */
  async warm(signal: AbortSignal | undefined): Promise<void> {
    const look = async () => {
      if (signal?.aborted) throw new FaultlineError('LOAD', 'The start of the load was interrupted.');
      if (this.#exit !== undefined) throw this.failure(this.#exit);
      return (await this.#isWaiting()) || undefined;
    };
    if (await lookUntil(look, { everyMs: POLL_MS, patienceMs: START_PATIENCE_MS, signal })) return;
    throw new FaultlineError('LOAD', `k6 was not ready within ${START_PATIENCE_MS / 1000} s.${this.#said()}`);
  }

  /** Lets the test begin. */
  release(): Promise<void> {
    return this.#change({ paused: false });
  }

  /** Ends the test: nothing new is sent, k6 waits for what is on its way. Kills k6 when it takes longer than `patience`. */
  async stop(patience: Millis): Promise<K6Exit> {
    this.#stopping = true;
    const timer = setTimeout(() => endGroup(this.#child, 'SIGKILL'), patience);
    if (this.#exit === undefined) await this.#change({ stopped: true }).catch(() => endGroup(this.#child, 'SIGINT'));
    const exit = await this.ended;
    clearTimeout(timer);
    return exit;
  }

  kill(): void {
    if (this.#exit === undefined) endGroup(this.#child, 'SIGKILL');
  }

  /** What k6 answers there. Rejects when it does not. */
  async ask(path: string): Promise<string> {
    return (await this.#request(path)).body.text();
  }

  /** The error that tells of an end nobody asked for. */
  failure({ code, signal }: K6Exit): FaultlineError {
    const hint = code === 106 ? 'Run again: another program took the port.' : 'Run: faultline doctor';
    return new FaultlineError('LOAD', `k6 has ended: ${exitReason(code, signal)}.${this.#said()}`, { hint });
  }

  async #isWaiting(): Promise<boolean> {
    try {
      return isWaiting(JSON.parse(await this.ask(STATUS)));
    } catch {
      return false;
    }
  }

  /** A k6 that hangs answers nothing, and nobody may wait for it. */
  #request(path: string, what: { method?: 'GET' | 'PATCH'; body?: string } = {}) {
    const signal = AbortSignal.timeout(ANSWER_MS);
    return request(`http://127.0.0.1:${this.#port}${path}`, { ...what, signal });
  }

  async #change(attributes: Parameters<typeof statusChange>[0]): Promise<void> {
    const answer = await this.#request(STATUS, { method: 'PATCH', body: JSON.stringify(statusChange(attributes)) });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) {
      throw new FaultlineError('LOAD', `k6 refused ${JSON.stringify(attributes)}: ${answer.statusCode} ${text}`);
    }
  }

  #said(): string {
    return this.#tail === '' ? '' : ` It said: ${this.#tail.trim()}`;
  }

  #log(line: string, listener: LogListener): void {
    const { level, message, source } = readLogLine(line);
    const msg = hideCredentials(message);
    if (source === 'console') listener.line(msg);
    if (source === 'console' || level === 'info' || level === 'debug' || msg === '') return;
    this.#tail = lastLines(`${this.#tail}${cutTo(msg, TAIL_LIMIT / 2)}\n`, TAIL_LIMIT);
    // A stop over REST is an error in k6's own eyes.
    if (this.#stopping) return;
    listener.line(msg);
    if (level === 'error') listener.error(msg);
  }
}

/** Ends a k6 and all that it has started: `k6` may be a script around the program that sends. */
function endGroup(child: ChildProcess, signal: 'SIGKILL' | 'SIGINT'): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // No groups on Windows; elsewhere all of it has ended in this very moment.
    child.kill(signal);
  }
}
