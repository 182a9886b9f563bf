import { abortReason } from '../../model/abort.ts';
import type { HistoryEvent } from '../../model/history.ts';
import type { RunResult, StoryLine } from '../../model/result.ts';

/** Abort conditions that were met, in their order. */
export function abortConditionsMet(events: readonly HistoryEvent[]): NonNullable<RunResult['abortConditions']> {
  return events.flatMap((event) => {
    if (event.type !== 'abort-condition') return [];
    const { condition, measured, since, limit, graceMs, t: at, ends } = event;
    return [{ condition, measured, since, limit, graceMs, at, ends }];
  });
}

/** What the first of them was, and that it ended nothing where it came too late for that. */
export function abortLine(events: readonly HistoryEvent[]): StoryLine[] {
  const [first] = abortConditionsMet(events);
  if (first === undefined) return [];
  const end = first.ends ? 'the run was ended.' : 'the undo had begun, so that nothing was ended by it.';
  return [{ at: first.at, text: `Abort condition ${abortReason(first)}: ${end}`, link: '#timeline' }];
}
