/** Listeners of a stream of events. */
export type Emitter<T> = {
  emit(event: T): void;
  /** Returns what ends the listening. */
  listen(listener: (event: T) => void): () => void;
};

/**
 * Delivers synchronously and in order: an event that a listener causes is delivered to everybody after the current one,
 * never in the middle of it, so nothing recurses and all listeners see the same order.
 */
export function createEmitter<T>(): Emitter<T> {
  const listeners = new Set<(event: T) => void>();
  const queue: T[] = [];
  let delivering = false;
  return {
    emit(event) {
      queue.push(event);
      if (delivering) return;
      delivering = true;
      try {
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
          for (const listener of [...listeners]) listener(next);
        }
      } finally {
        delivering = false;
      }
    },
    listen(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
