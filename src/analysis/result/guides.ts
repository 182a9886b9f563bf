import type { Guide, Ladder } from '../../model/result.ts';
import type { Micros } from '../../model/units.ts';
import type { Case } from '../facts/case.ts';
import { leastOf, mostOf } from '../facts/extremes.ts';

const least = (times: readonly Micros[]): Micros | undefined => (times.length === 0 ? undefined : leastOf(times));
const most = (times: readonly Micros[]): Micros | undefined => (times.length === 0 ? undefined : mostOf(times));

/** First answer from another place than home after the effect. */
function firstAway(ladders: readonly Ladder[], zero: Micros): Micros | undefined {
  const rungs = ladders.flatMap((ladder) => ladder.rungs.filter((rung) => rung.origin !== 'home'));
  return least(rungs.flatMap((rung) => (rung.firstHit !== undefined && rung.firstHit >= zero ? [rung.firstHit] : [])));
}

/** When the last caller was home; undefined when nobody had left or somebody was still away. */
export function homeTime(run: Case): Micros | undefined {
  const { undone } = run.facts;
  if (undone === undefined) return undefined;
  const ends = run.callerReturns.flatMap((way) => (way.moved && way.hadHome ? [way.home.hi] : []));
  return ends.includes(null) ? undefined : most(ends.map((end) => Math.max(undone, end ?? 0)));
}

/** The moments that every time chart marks, in time order. */
export function guidesOf(run: Case, ladders: readonly Ladder[]): Guide[] {
  const first = run.outcomes[0];
  if (first === undefined) return [];
  const charged = run.outcomes.flatMap(({ paths }) => paths.flatMap((path) => path.charged));
  const counted = charged.filter(({ weight }) => weight !== 'noise').map(({ outage }) => outage);
  const ends = run.outcomes.flatMap(({ paths }) =>
    paths.flatMap(({ worst }) => (worst === undefined ? [] : [worst.hi])),
  );
  const marks: [Guide['id'], Micros | undefined, string][] = [
    ['T0', first.effect.hi, 'fault effective'],
    ['T1', least(counted.map(({ from }) => from)), 'first error'],
    ['T2', firstAway(ladders, first.effect.lo), 'first answer from the next place'],
    ['T3', ends.includes(null) ? undefined : most(ends.map((end) => end ?? 0)), 'recovered'],
    ['T4', run.facts.undone, 'undone'],
    ['T5', homeTime(run), 'home'],
  ];
  const guides = marks.flatMap(([id, at, label]) => (at === undefined ? [] : [{ id, at, label }]));
  return guides.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
}
