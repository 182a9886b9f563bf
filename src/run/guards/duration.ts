import { formatDuration, type Millis } from '../../model/units.ts';
import { longestOf } from '../deadline.ts';
import type { Guard } from './guard.ts';

/** The longest that a run may take, its undo included, unless its scenario says another time. */
const LONGEST_MS: Millis = 3_600_000;

/** A run has an end that somebody has thought of: until then its clusters are held, and its faults may be on. */
export const duration: Guard = {
  name: 'duration',
  check: async ({ inputs: { scenario } }) => {
    const takesMs = longestOf(scenario);
    const { durationMs } = scenario.allow ?? {};
    const detail = `the run may take up to ${formatDuration(takesMs)}, its undo included`;
    if (takesMs > (durationMs ?? LONGEST_MS)) {
      const limit = durationMs === undefined ? 'without a word of the scenario' : 'by its spec.allow.duration';
      const most = formatDuration(durationMs ?? LONGEST_MS);
      const hint = `Shorten its phases, or: spec.allow.duration: ${Math.ceil(takesMs / 60_000)}m`;
      return [{ refused: true, detail: `${detail}; ${limit} at most ${most}`, hint }];
    }
    if (takesMs <= LONGEST_MS) return [];
    return [{ refused: false, detail: `${detail}, as spec.allow.duration says` }];
  },
};
