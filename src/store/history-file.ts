import { messageOf } from '../model/errors.ts';
import type { HistoryEvent } from '../model/history.ts';
import type { Clock, HistoryWriter } from '../model/ports.ts';
import { openLineFile, readLines } from './ndjson.ts';

export type OpenHistory = HistoryWriter & {
  /** The run's time zero on the clock's own scale. */
  readonly zero: number;
  close(): void;
};

/**
 * Opens the append-only history of a run. The run's time zero is the moment of this call. Appending never throws: a
 * full disk must not keep a fault from being undone. What could not be written is missing from the record, which the
 * analysis never takes for a pass, and `onEvent` hears of it.
 */
export function openHistory(
  path: string,
  clock: Clock,
  onEvent: (event: HistoryEvent) => void = () => {},
): OpenHistory {
  const file = openLineFile(path);
  const zero = clock.now();
  const now = () => Math.max(0, Math.round(clock.now() - zero));
  let seq = 0;
  let broken = false;
  const write = (event: HistoryEvent) => {
    try {
      file.append(JSON.stringify(event), false);
    } catch (error) {
      if (broken) return;
      broken = true;
      const text = `${path} cannot be written: ${messageOf(error)}`;
      onEvent({ seq: event.seq, t: event.t, wall: event.wall, type: 'notice', level: 'error', text });
    }
  };
  return {
    zero,
    now,
    append: (event) => {
      const stamp = { seq: seq++, t: now(), wall: clock.wall().toISOString() };
      const stamped = { ...stamp, ...event } as HistoryEvent;
      write(stamped);
      onEvent(stamped);
      return stamp;
    },
    close: () => file.close(),
  };
}

/**
 * The events of a history, in order. Lines that are no JSON (a crash, a full disk) are left out: their numbers are
 * missing, by which the analysis knows.
 */
export function readHistory(path: string): HistoryEvent[] {
  const events: HistoryEvent[] = [];
  for (const line of readLines(path)) {
    try {
      events.push(JSON.parse(line) as HistoryEvent);
    } catch {
      // The events around it still hold.
    }
  }
  return events;
}
