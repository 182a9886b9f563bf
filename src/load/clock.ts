import type { Micros } from '../model/units.ts';

/**
 * Microseconds on the `process.hrtime` scale, whole. The scale is shared by all threads of a process, so that a worker's
 * times and the run clock's lie on one axis. It never jumps with the wall clock.
 */
export function hrtimeMicros(): Micros {
  const [seconds, nanos] = process.hrtime();
  return seconds * 1_000_000 + Math.trunc(nanos / 1000);
}
