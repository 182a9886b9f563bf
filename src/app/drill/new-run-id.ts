import { systemClock } from '../../run/system-clock.ts';
import { newRunId } from '../../store/run-folder.ts';

/** A name for what begins now, unlike any other: of a run, of a recovery, of runs that are made together. */
export function nextRunId(): string {
  return newRunId(systemClock.wall(), Math.random);
}
