import type { RunResult } from '../model/result.ts';
import { stride, summed } from './svg/columns.ts';
import { finite } from './svg/scale.ts';
import { PHASE_WORDS } from './words.ts';

/** What the crosshair of the charts says beside the time, as attributes of the page. */
type Cursor = {
  /** `baseline 0;inject 10004000`: each phase with the moment at which it begins. */
  readonly phases: string;
  /** `0 330000`: where the columns begin, and how long each lasts. */
  readonly columns: string;
  /** `12 0 0;11 1 0`: good, bad and unknown of each column. */
  readonly counts: string;
};

/** The phases and the counts of a run for the crosshair. */
export function cursorOf({ phases, series }: RunResult): Cursor {
  const step = stride(series.columns);
  const [good, bad, unknown] = [series.good, series.bad, series.dropped].map((counts) =>
    summed(counts, series.columns, step),
  );
  return {
    phases: phases.map(({ phase, start }) => `${PHASE_WORDS[phase]} ${finite(start)}`).join(';'),
    columns: `${finite(series.start)} ${finite(step * series.bucket)}`,
    counts: (good ?? []).map((count, at) => `${count} ${bad?.[at] ?? 0} ${unknown?.[at] ?? 0}`).join(';'),
  };
}
