import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../model/ports.ts';

type Sleeper = { readonly at: number; readonly wake: () => void };

/** A clock that jumps to the next sleeper whenever everybody waits: hours pass in milliseconds, in the right order. */
export function virtualClock(): Clock {
  let now = 0;
  let ticking = false;
  const sleepers: Sleeper[] = [];
  const tick = async () => {
    while (sleepers.length > 0) {
      for (let idle = 0; idle < 3; idle++) await turn();
      sleepers.sort((a, b) => a.at - b.at);
      const next = sleepers.shift();
      if (next === undefined) break;
      now = Math.max(now, next.at);
      next.wake();
    }
    ticking = false;
  };
  const sleep = (ms: number, signal?: AbortSignal): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (signal?.aborted === true) return Promise.resolve();
    const sleeper = { at: now + ms * 1000, wake: resolve };
    sleepers.push(sleeper);
    const onAbort = () => {
      const index = sleepers.indexOf(sleeper);
      if (index >= 0) sleepers.splice(index, 1);
      resolve();
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    if (!ticking) {
      ticking = true;
      void tick();
    }
    return promise;
  };
  return { now: () => now, wall: () => new Date(Date.UTC(2026, 10, 22) + now / 1000), sleep };
}
