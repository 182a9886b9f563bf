import type { Clock } from '../../model/ports.ts';

const FIRST_RETRY_MS = 5;
const LAST_RETRY_MS = 1000;

/** A work queue: each key waits once, however often it is added, and is worked on one at a time. */
export type Queue = {
  add(key: string): void;
  /** Adds the key later; of several times the earliest counts. */
  addAfter(key: string, ms: number): void;
  stop(): void;
};

type QueueOptions = {
  readonly clock: Clock;
  /** Works on one key; a number asks for the key again after so many milliseconds. */
  readonly work: (key: string) => number | undefined;
  /** Hears of work that threw and will be tried again. */
  readonly onError?: ((key: string, error: unknown) => void) | undefined;
};

type Delayed = { readonly due: number; readonly cancel: AbortController };

/**
 * Works in turns of the event loop, never inside `add`, so that a change in the store cannot recurse through controllers.
 * Work that throws is tried again with growing pauses, as client-go's rate limited queues do.
 */
export function createQueue({ clock, work, onError }: QueueOptions): Queue {
  const waiting = new Set<string>();
  const delayed = new Map<string, Delayed>();
  const failures = new Map<string, number>();
  let turn: NodeJS.Immediate | undefined;
  let stopped = false;

  const runTurn = (): void => {
    turn = undefined;
    for (const key of [...waiting]) {
      waiting.delete(key);
      runKey(key);
    }
  };

  const runKey = (key: string): void => {
    try {
      const again = work(key);
      failures.delete(key);
      if (again !== undefined) queue.addAfter(key, again);
    } catch (error) {
      onError?.(key, error);
      const failed = failures.get(key) ?? 0;
      failures.set(key, failed + 1);
      queue.addAfter(key, Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** failed));
    }
  };

  const queue: Queue = {
    add(key) {
      if (stopped) return;
      waiting.add(key);
      turn ??= setImmediate(runTurn);
    },
    addAfter(key, ms) {
      const due = clock.now() + ms * 1000;
      const before = delayed.get(key);
      if (stopped || (before !== undefined && before.due <= due)) return;
      before?.cancel.abort();
      const cancel = new AbortController();
      delayed.set(key, { due, cancel });
      void clock.sleep(ms, cancel.signal).then(() => {
        if (cancel.signal.aborted) return;
        delayed.delete(key);
        queue.add(key);
      });
    },
    stop() {
      stopped = true;
      if (turn !== undefined) clearImmediate(turn);
      for (const { cancel } of delayed.values()) cancel.abort();
      delayed.clear();
      waiting.clear();
    },
  };
  return queue;
}
