import type { HistoryEvent, Stamp } from '../../../model/history.ts';
import { MILLI } from './fault.ts';

type Without<T> = T extends unknown ? Omit<T, 'seq' | 'wall'> : never;
/** An event before it has its number. */
export type Happening = Without<HistoryEvent>;

const START = Date.UTC(2026, 9, 4, 6, 30);

/** Puts happenings in time order and stamps them. */
export function stamped(happenings: readonly Happening[]): HistoryEvent[] {
  const ordered = happenings.map((event, i) => ({ event, i }));
  ordered.sort((a, b) => a.event.t - b.event.t || a.i - b.i);
  return ordered.map(({ event }, seq) => {
    const stamp: Stamp = { seq, t: Math.round(event.t), wall: new Date(START + event.t / MILLI).toISOString() };
    return { ...event, ...stamp } as HistoryEvent;
  });
}
