import type { Clock } from '../model/ports.ts';
import type { Millis } from '../model/units.ts';

/** Whether work, which never rejects, ends within this time. */
export async function within(work: Promise<void>, limit: Millis, clock: Clock): Promise<boolean> {
  const done = new AbortController();
  const late = clock.sleep(limit, done.signal).then(() => false);
  const isOver = await Promise.race([work.then(() => true), late]);
  done.abort();
  return isOver;
}
