import { setTimeout as sleep } from 'node:timers/promises';
import { hrtimeMicros } from '../load/clock.ts';
import type { Clock } from '../model/ports.ts';

/** The machine's own clocks. Its time is that of the load, so that what is due and what has happened lie on one axis. */
export const systemClock: Clock = {
  now: hrtimeMicros,
  wall: () => new Date(),
  sleep: async (ms, signal) => {
    if (signal?.aborted === true) return;
    try {
      await sleep(Math.max(0, ms), undefined, signal === undefined ? {} : { signal });
    } catch {
      // Aborted: the port promises to resolve.
    }
  },
};
