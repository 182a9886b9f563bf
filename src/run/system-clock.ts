import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../model/ports.ts';

/** The machine's own clocks; the only place of the harness that reads them. */
export const systemClock: Clock = {
  now: () => Number(process.hrtime.bigint() / 1000n),
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
