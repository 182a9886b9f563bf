import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { FaultlineError, messageOf } from '../../model/errors.ts';
import type { LoadEngine, LoadHandle, LoadSummary } from '../../model/ports.ts';
import type { Millis } from '../../model/units.ts';
import type { LoadView, UndiciOptions, WorkerInput, WorkerMessage } from './messages.ts';

/** A handle that also tells why the generator is not to be trusted. */
export type UndiciHandle = Omit<LoadHandle, 'progress'> & { readonly progress: () => LoadView };

export type UndiciEngine = {
  readonly name: 'undici';
  start(options: Parameters<LoadEngine['start']>[0]): Promise<UndiciHandle>;
};

/** Beyond the timeout, for closing and syncing the record file on a slow disk. */
const CLOSING_MS: Millis = 30_000;

/**
 * The engine of truth: an open model over pinned connections, nothing retried, nothing followed, in its own thread.
 * `start` and `stop` reject with FaultlineError LOAD.
 */
export function undiciEngine(options: UndiciOptions = {}): UndiciEngine {
  return {
    name: 'undici',
    start: async ({ load, paths, file, zero }) => {
      const thread = new LoadThread({ load, paths, file, zero, options });
      await thread.ready;
      return { progress: () => thread.progress(), stop: () => thread.stop() };
    },
  };
}

class LoadThread {
  readonly ready: Promise<void>;
  readonly #worker: Worker;
  readonly #done: Promise<LoadSummary>;
  readonly #closing: Millis;
  #view: LoadView = { paths: [], degraded: [] };
  #finished = false;
  #failure: FaultlineError | undefined;
  #stopping: Promise<LoadSummary> | undefined;

  constructor(input: WorkerInput) {
    // From source this file ends in .ts, from the built package in .js, and so does its neighbour.
    const script = new URL(`./worker${extname(import.meta.url)}`, import.meta.url);
    this.#closing = input.load.timeoutMs + CLOSING_MS;
    this.#worker = new Worker(script, { workerData: input, name: 'faultline load' });
    const ready = Promise.withResolvers<void>();
    const done = Promise.withResolvers<LoadSummary>();
    const fail = (message: string, hint?: string) => {
      const failure = new FaultlineError('LOAD', message, hint === undefined ? {} : { hint });
      if (!this.#finished) this.#failure ??= failure;
      ready.reject(failure);
      done.reject(failure);
    };
    this.#worker.on('message', (message: WorkerMessage) => {
      if ('view' in message) this.#view = message.view;
      if (message.type === 'ready') ready.resolve();
      else if (message.type === 'done') {
        this.#finished = true;
        done.resolve(message.summary);
      } else if (message.type === 'failed') fail(message.message, message.hint);
    });
    this.#worker.on('error', (error: unknown) => fail(`The load generator crashed: ${messageOf(error)}`));
    this.#worker.on('exit', (code) => fail(`The load generator ended unasked (exit code ${code}).`));
    this.ready = ready.promise.finally(() => this.#worker.unref());
    this.#done = done.promise;
    // A crash is told by stop(); until then nobody listens.
    this.#done.catch(() => {});
  }

  progress(): LoadView {
    if (this.#failure === undefined) return this.#view;
    const paths = this.#view.paths.map((path) => ({ ...path, recentGood: 0, recentBad: 0, recentServing: {} }));
    return { paths, degraded: this.#view.degraded, failure: this.#failure.message };
  }

  stop(): Promise<LoadSummary> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<LoadSummary> {
    // While stop() is awaited the process must stay; before that a forgotten engine must not keep it.
    this.#worker.ref();
    this.#worker.postMessage({ type: 'stop' });
    const late = new FaultlineError('LOAD', `The load generator did not stop within ${this.#closing / 1000} s.`);
    const overtime = Promise.withResolvers<never>();
    const timer = setTimeout(() => overtime.reject(late), this.#closing);
    try {
      return await Promise.race([this.#done, overtime.promise]);
    } finally {
      clearTimeout(timer);
      await this.#worker.terminate();
    }
  }
}
