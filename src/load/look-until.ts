import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../model/ports.ts';
import type { Millis } from '../model/units.ts';
import { hrtimeMicros } from './clock.ts';

/** How something is waited for. */
type Wait = {
  readonly everyMs: Millis;
  /** A look that takes long counts. */
  readonly patienceMs: Millis;
  readonly signal?: AbortSignal | undefined;
  /** Called now and then, while it is still waited for. */
  readonly remind?: { readonly everyMs: Millis; readonly call: () => void };
};

/** What a wait is measured by. */
export type WaitClock = Pick<Clock, 'now' | 'sleep'>;

const MACHINE: WaitClock = {
  now: hrtimeMicros,
  sleep: async (ms, signal) => sleep(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined),
};

/**
 * Looks every so often until there is something, which it resolves to; undefined where nothing has come in time. It looks
 * once more when the time is over: who has stood still himself hears what was told meanwhile. Rejects as `look` does, which
 * has to heed the signal: that only ends a pause.
 */
export async function lookUntil<T>(
  look: () => T | undefined | Promise<T | undefined>,
  { everyMs, patienceMs, signal, remind }: Wait,
  clock = MACHINE,
): Promise<T | undefined> {
  const from = clock.now();
  let reminders = 1;
  for (let isOver = false; ; ) {
    const found = await look();
    if (found !== undefined || isOver) return found;
    const waitedMs = (clock.now() - from) / 1000;
    isOver = waitedMs >= patienceMs;
    if (remind !== undefined && !isOver && waitedMs >= reminders * remind.everyMs) {
      reminders = Math.floor(waitedMs / remind.everyMs) + 1;
      remind.call();
    }
    await clock.sleep(everyMs, signal);
  }
}
