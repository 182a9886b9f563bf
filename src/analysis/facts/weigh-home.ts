import type { PathStream } from '../ingest/path.ts';
import type { Case } from './case.ts';
import { type Charged, weigh } from './weigh.ts';

/** `isOld`: it goes on from the last stage, so its beginning belongs there. */
type HomeCharged = Charged & { readonly isOld: boolean };

/** The groups of errors of a path on the way home; one that goes on from the last stage is at least what it was there. */
export function weighHome(run: Case, path: PathStream): HomeCharged[] {
  const tracker = run.listeners.outages.home(path, run.stages.length);
  if (tracker === undefined || tracker.bad === 0) return [];
  const before = run.outcomes.at(-1)?.paths[run.paths.indexOf(path)]?.charged.at(-1);
  return weigh(run.risk, path, tracker).map(({ outage, weight }, i) => {
    const isOld = i === 0 && before?.outage.hi === null && outage.after < (run.facts.firstUndo ?? 0);
    return { outage, isOld, weight: isOld && weight !== 'certain' ? before.weight : weight };
  });
}
