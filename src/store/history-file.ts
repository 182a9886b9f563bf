import type { HistoryEvent } from '../model/history.ts';
import type { Clock, HistoryWriter } from '../model/ports.ts';
import { openLineFile, readLines } from './ndjson.ts';

/** Opens the append-only history of a run. The run's time zero is the moment of this call. */
export function openHistory(
  path: string,
  clock: Clock,
  onEvent: (event: HistoryEvent) => void = () => {},
): HistoryWriter & { readonly zero: number; close(): void } {
  const file = openLineFile(path);
  const zero = clock.now();
  const now = () => Math.max(0, Math.round(clock.now() - zero));
  let seq = 0;
  return {
    zero,
    now,
    append: (event) => {
      const stamp = { seq: seq++, t: now(), wall: clock.wall().toISOString() };
      const stamped = { ...stamp, ...event } as HistoryEvent;
      file.append(JSON.stringify(stamped), false);
      onEvent(stamped);
      return stamp;
    },
    close: () => file.close(),
  };
}

/** The events of a history, in order. Lines that are no JSON (a crash, a full disk) are left out. */
export function readHistory(path: string): HistoryEvent[] {
  const events: HistoryEvent[] = [];
  for (const line of readLines(path)) {
    try {
      events.push(JSON.parse(line) as HistoryEvent);
    } catch {
      // A torn line in the middle can only come from a full disk; the events around it still hold.
    }
  }
  return events;
}
