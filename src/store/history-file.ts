import { messageOf } from '../model/errors.ts';
import type { HistoryEvent } from '../model/history.ts';
import type { Clock, HistoryWriter } from '../model/ports.ts';
import { jsonText } from '../model/visible.ts';
import { openLineFile, readLines, unwritableText } from './ndjson.ts';

export type OpenHistory = HistoryWriter & {
  /** The run's time zero on the clock's own scale. */
  readonly zero: number;
  /** Tries once more to write what could not be written, and closes the file. Returns the events that it does not have. */
  close(): readonly HistoryEvent[];
};

type Listeners = {
  readonly onEvent?: (event: HistoryEvent) => void;
  /** Called with why an event cannot be written. */
  readonly onBroken?: (why: string) => void;
};

/**
 * Opens the append-only history of a run. The run's time zero is the moment of this call. Appending never throws: a
 * full disk must not keep a fault from being undone. From the first event that cannot be written on they are kept in memory.
 */
export function openHistory(path: string, clock: Clock, { onEvent, onBroken }: Listeners = {}): OpenHistory {
  const file = openLineFile(path);
  const zero = clock.now();
  const now = () => Math.max(0, Math.round(clock.now() - zero));
  const kept: HistoryEvent[] = [];
  let seq = 0;
  const write = (event: HistoryEvent) => {
    const isBroken = kept.length > 0;
    try {
      if (!isBroken) return file.append(jsonText(event), false);
      kept.push(event);
    } catch (error) {
      kept.push(event);
      onBroken?.(unwritableText(path, messageOf(error)));
    }
  };
  return {
    zero,
    now,
    append: (event) => {
      const stamp = { seq: seq++, t: now(), wall: clock.wall().toISOString() };
      const stamped = { ...stamp, ...event } as HistoryEvent;
      write(stamped);
      onEvent?.(stamped);
      return stamp;
    },
    close: () => {
      const left = kept.splice(0);
      for (const event of left) write(event);
      file.close();
      return [...kept];
    },
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
