import type { Micros, Millis } from '../../model/units.ts';

/** A clock that only pauses, and the spec itself, move. */
export class HandClock {
  ms: Millis = 0;

  now(): Micros {
    return this.ms * 1000;
  }

  async sleep(ms: Millis): Promise<void> {
    this.ms += ms;
  }
}
