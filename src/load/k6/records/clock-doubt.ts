import { formatDuration, type Micros } from '../../../model/units.ts';
import type { Source } from './source.ts';

/** A clock that is not known better than this blurs what is measured in tenths of seconds. */
export const CLOCK_DOUBT_LIMIT: Micros = 50_000;

/** What makes the times of a k6 doubtful, in words. */
export function clockProblems(name: string, { stepped, doubt }: Source['clock']): string[] {
  const problems: string[] = [];
  if (stepped > 0) problems.push(`the clock of ${name} jumped by ${millis(stepped)}`);
  if (doubt !== undefined && doubt > CLOCK_DOUBT_LIMIT) {
    problems.push(`the clock of ${name} is only known to ±${millis(doubt)}`);
  }
  return problems;
}

function millis(time: Micros): string {
  return formatDuration(Math.round(time / 1000));
}
