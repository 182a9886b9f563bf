import { Worker } from 'node:worker_threads';
import { FaultlineError, messageOf } from '../../model/errors.ts';
import type { HeaderChange, LoadSummary, Stall } from '../../model/ports.ts';
import type { Millis } from '../../model/units.ts';
import type { LoadView, WorkerCommand, WorkerInput, WorkerMessage } from './messages.ts';

/** Beyond the timeout, for closing and syncing the record file on a slow disk. */
const CLOSING_MS: Millis = 30_000;

/** The main thread's end of a worker. A running worker does not keep the process alive. */
export class LoadThread {
  /** Resolves when the first due time is set. */
  readonly ready: Promise<void>;
  readonly #worker: Worker;
  readonly #done: Promise<LoadSummary>;
  readonly #closing: Millis;
  #view: LoadView = { paths: [], degraded: [] };
  #finished = false;
  #failure: FaultlineError | undefined;
  #stopping: Promise<LoadSummary> | undefined;

  constructor(script: URL, input: WorkerInput, onStall: (stall: Stall) => void = () => {}) {
    this.#closing = input.load.timeoutMs + CLOSING_MS;
    this.#worker = new Worker(script, { workerData: input, name: 'faultline load', execArgv: [] });
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
      if (message.type === 'stall') onStall(message.stall);
      else if (message.type === 'ready') ready.resolve();
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

  /** The latest view; after a failure nothing in it is recent any more. */
  progress(): LoadView {
    if (this.#failure === undefined) return this.#view;
    const paths = this.#view.paths.map((path) => ({ ...path, recentGood: 0, recentBad: 0, recentServing: {} }));
    return { paths, degraded: this.#view.degraded, failure: this.#failure.message };
  }

  /** Sends other values of headers from now on. */
  change(change: HeaderChange): void {
    this.#worker.postMessage({ type: 'headers', change } satisfies WorkerCommand);
  }

  /** Ends the load. Rejects with FaultlineError LOAD when the worker has failed or does not end. */
  stop(): Promise<LoadSummary> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<LoadSummary> {
    this.#worker.postMessage({ type: 'stop' } satisfies WorkerCommand);
    const late = new FaultlineError('LOAD', `The load generator did not stop within ${this.#closing / 1000} s.`);
    const overtime = Promise.withResolvers<never>();
    // This timer also keeps the process alive while stop() is awaited: the worker does not.
    const timer = setTimeout(() => overtime.reject(late), this.#closing);
    try {
      return await Promise.race([this.#done, overtime.promise]);
    } finally {
      clearTimeout(timer);
      await this.#worker.terminate();
    }
  }
}
