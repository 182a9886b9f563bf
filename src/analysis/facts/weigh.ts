import type { PathStream } from '../ingest/path.ts';
import { CLOSE, type Outage, type OutageTracker } from './outage-tracker.ts';
import { goesOnAsBefore, isMoreThanNoise, isOutage, isUsualNoise, type Risk } from './risk.ts';

/**
 * One group of errors. `certain`: an outage, or the first errors at the effect; `doubtful`: noise may explain it, and may
 * not; `noise`: as the path was before.
 */
export type Charged = { readonly outage: Outage; readonly weight: 'certain' | 'doubtful' | 'noise' };

type Is = (outage: Outage) => boolean;
const no: Is = () => false;

/**
 * What the groups of errors of a path in one part of a run are. `isSure`: what makes one certain that noise could explain;
 * `isOld`: one that belongs to what was before, and so is open.
 */
export function weigh(
  risk: Risk,
  path: PathStream,
  tracker: OutageTracker,
  { isSure = no, isOld = no }: { readonly isSure?: Is; readonly isOld?: Is } = {},
): Charged[] {
  const isNew = (outage: Outage): boolean =>
    isOutage(risk, path, outage, tracker.total) && !goesOnAsBefore(risk, path, outage);
  const sure = (outage: Outage): boolean => isSure(outage) || isNew(outage);
  const rest = tracker.outages.filter((outage) => !isOld(outage) && !sure(outage));
  const together = { bad: rest.reduce((sum, { bad }) => sum + bad, 0), all: tracker.total };
  const isMore = rest.length > 0 && isMoreThanNoise(risk, path, together);
  const isUsual = isUsualNoise(risk, path, together);
  const { largest } = risk.beforeOf(path);
  return tracker.outages.map((outage) => {
    if (isOld(outage)) return { outage, weight: 'doubtful' };
    if (isMore || sure(outage)) return { outage, weight: 'certain' };
    const isNoise = isUsual && outage.bursts.every(({ bad }) => bad <= largest);
    return { outage, weight: isNoise ? 'noise' : 'doubtful' };
  });
}

/**
 * The part of an outage that noise of the path does not explain: noise before and after it belongs to its group, because
 * it keeps a recovery from holding, and may not lengthen what is certain.
 */
export function coreOf(
  risk: Risk,
  path: PathStream,
  { bursts, sent, lo, span }: Outage,
): { readonly from: number; readonly to: number } {
  const isDense = ({ bad }: { bad: number }): boolean => isOutage(risk, path, { bad, span: bad * CLOSE }, span);
  const dense = risk.beforeOf(path).bad === 0 ? [] : bursts.filter(isDense);
  const [first] = dense;
  const last = dense.at(-1);
  return first === undefined || last === undefined ? { from: sent, to: lo } : { from: first.from, to: last.to };
}
