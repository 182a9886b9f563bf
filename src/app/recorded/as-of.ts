import type { HistoryEvent } from '../../model/history.ts';
import type { Micros } from '../../model/units.ts';

/**
 * A history as far as a moment that is judged: what was told later, while the records of an engine were waited for, belongs
 * to the time before it, and moves no end. Nothing is left out, because a number that is missing makes a history doubtful.
 */
export function asOf(history: readonly HistoryEvent[], moment: Micros): HistoryEvent[] {
  return history.map((event) => (event.t <= moment ? event : { ...event, t: moment }));
}
