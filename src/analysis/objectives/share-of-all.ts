import type { Ratio } from '../../model/units.ts';
import type { Sample } from '../facts/blocks.ts';
import type { Case } from '../facts/case.ts';
import { percent } from '../facts/format.ts';
import { remembered } from '../facts/remembered.ts';
import { judgeShare, misses } from '../facts/share.ts';
import type { PathStream } from '../ingest/path.ts';
import { type Judgement, unlessOpen } from './finding.ts';

/** These paths together must show the share; each alone can miss it. */
export function judgeAll(
  run: Case,
  paths: readonly PathStream[],
  sampleOf: (paths: readonly PathStream[]) => Sample,
  target: Ratio,
): Judgement & { lo: number; hi: number } {
  const judged = judgeShare(run.risk, sampleOf(paths), target);
  const alone = remembered((path: PathStream) => misses(run.risk, sampleOf([path]), target));
  const misser = (how: 'surely' | 'perhaps'): PathStream | undefined =>
    paths.length > 1 ? paths.find((path) => alone(path) === how) : undefined;
  const surely = misser('surely');
  const { lo, hi } = judged;
  if (judged.verdict === 'fail' || surely === undefined) {
    const perhaps = judged.verdict === 'pass' ? misser('perhaps') : undefined;
    return { ...unlessOpen(judged, perhaps && shareText(sampleOf([perhaps]), perhaps, target)), lo, hi };
  }
  return { verdict: 'fail', cause: shareText(sampleOf([surely]), surely, target), lo, hi };
}

function shareText({ hits, all }: Sample, path: PathStream, target: Ratio): string {
  return `on ${path.id} alone the share was ${percent(all === 0 ? 0 : hits / all, target)}`;
}
