import { extname } from 'node:path';
import type { LoadHandle, LoadOrder } from '../../model/ports.ts';
import type { LoadView, UndiciOptions } from './messages.ts';
import { LoadThread } from './thread.ts';

/** A handle that also tells why the generator is not to be trusted. */
export type UndiciHandle = Omit<LoadHandle, 'progress'> & { readonly progress: () => LoadView };

export type UndiciEngine = {
  readonly name: 'undici';
  start(options: LoadOrder): Promise<UndiciHandle>;
};

/**
 * The engine of truth: an open model over pinned connections, nothing retried, nothing followed, in its own thread.
 * `start` and `stop` reject with FaultlineError LOAD.
 */
export function undiciEngine(options: UndiciOptions = {}): UndiciEngine {
  return {
    name: 'undici',
    start: async ({ load, paths, file, zero, onStall, onHeaders }) => {
      // From source this file ends in .ts, from the built package in .js, and so does its neighbour.
      const script = new URL(`./worker${extname(import.meta.url)}`, import.meta.url);
      const thread = new LoadThread(script, { load, paths, file, zero, options }, onStall);
      await thread.ready;
      onHeaders?.((change) => thread.change(change));
      return { progress: () => thread.progress(), stop: () => thread.stop() };
    },
  };
}
