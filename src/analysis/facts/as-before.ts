import type { Ratio } from '../../model/units.ts';
import { chanceOfMore, LEAST_SAMPLES, lowerLimit } from '../../stats/index.ts';
import type { Sample } from './blocks.ts';
import type { Risk } from './risk.ts';
import { judgeShare, limitsOf, misses, type ShareJudgement } from './share.ts';

/** A share that is lower than before by less than this is as before; from more on callers have moved. */
const MOVED_SHARE = 0.05;

/** What was asked holds only for those who had it. */
function hadLess({ hits, all }: Sample, asked: Ratio): boolean {
  return all > 0 && hits < asked * all;
}

/** The chance of so many misses when nothing has changed: what was before is a sample as well, and no exact share. */
function chanceAsBefore(before: Sample, now: Sample): number {
  const counted = ({ hits, all, effect }: Sample) => ({ bad: (all - hits) / effect, all: all / effect });
  return chanceOfMore(counted(before), counted(now));
}

/** Whether a share misses what was asked; where it had less before, whether it is less than that. */
export function missesAsBefore(risk: Risk, before: Sample, now: Sample, asked: Ratio): ReturnType<typeof misses> {
  if (!hadLess(before, asked)) return misses(risk, now, asked);
  const chance = chanceAsBefore(before, now);
  if (chance < risk.fail && now.all >= LEAST_SAMPLES) return 'surely';
  return chance < risk.pass ? 'perhaps' : 'no';
}

/** Whether a share is shown to be what was asked; where it had less before, whether it is shown to be as before. */
export function judgeAsBefore(risk: Risk, before: Sample, now: Sample, asked: Ratio): ShareJudgement {
  if (!hadLess(before, asked)) return judgeShare(risk, now, asked);
  const limits = limitsOf(risk, now);
  const how = missesAsBefore(risk, before, now, asked);
  if (how === 'surely') return { ...limits, verdict: 'fail', cause: 'the share is lower than before' };
  if (how === 'perhaps')
    return { ...limits, verdict: 'inconclusive', cause: 'that may be less than before, or chance' };
  const least = before.hits / before.all - MOVED_SHARE;
  if (lowerLimit(now.hits / now.effect, now.all / now.effect, risk.pass) >= least)
    return { ...limits, verdict: 'pass' };
  return { ...limits, verdict: 'inconclusive', cause: 'too few requests to show that it is as before' };
}
