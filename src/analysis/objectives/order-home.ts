import type { Finding } from '../../model/finding.ts';
import { placeText } from '../../model/place.ts';
import type { FailoverOrder } from '../../model/scenario.ts';
import type { Case } from '../facts/case.ts';
import { doubtAboutRun } from '../facts/effects.ts';
import { eventId } from '../facts/evidence.ts';
import { type Farther, fartherIn, usualCalls, worstOf } from '../facts/farther.ts';
import { count } from '../facts/format.ts';
import type { LadderCounts } from '../facts/ladder-counts.ts';
import { rungOf } from '../facts/rungs.ts';
import { isFarther, type Stretch, stretchesOf } from '../facts/stretches.ts';
import { MERGE_WINDOW } from '../timeline/stages.ts';
import { deadElsewhere } from './away.ts';
import { doubtAboutPlaces } from './doubt-about-places.ts';
import { affects } from './failover-order/affects.ts';
import { fartherText } from './failover-order/words.ts';
import { finding, type Judgement, unlessDoubted, unlessOpen } from './finding.ts';
import { invariant } from './objective.ts';
import { unplaced } from './unplaced.ts';
import { wayHome } from './way-home.ts';

function judge(run: Case, counts: LadderCounts, all: readonly Farther[]): Judgement {
  const worst = worstOf(all);
  if (worst === undefined) return { verdict: 'pass' };
  const { order } = counts;
  const what = fartherText(order, worst);
  if (worst.how === 'perhaps') return { verdict: 'inconclusive', cause: `${what}; that may be chance` };
  const elsewhere = deadElsewhere(run, order.service, run.facts.faults);
  return elsewhere === undefined
    ? { verdict: 'fail', cause: what }
    : { verdict: 'inconclusive', cause: `${what}, but ${elsewhere}` };
}

/** Calls that went farther, of which it is not known when. */
function openIn(run: Case, { order, stage }: LadderCounts, stretches: readonly Stretch[]): string | undefined {
  const last = Math.max(1, ...stretches.map((stretch) => stretch.last));
  const seen = stretches.reduce((sum, { samples }) => sum + samples, 0);
  return run.listeners.wide.doubt(order, stage, seen, (site) => isFarther(rungOf(order, site) ?? -1, last));
}

function homeFinding(run: Case, counts: LadderCounts): Finding {
  const { order, stage } = counts;
  const subject = `${order.service} from ${placeText(order.from)}`;
  // Nobody has to go home at a given time; but nobody may go farther than while the faults were on.
  const usual = usualCalls(run, order);
  const stretches = stretchesOf(run, counts, { start: stage.start + MERGE_WINDOW, end: stage.end });
  const all = stretches.flatMap((stretch) => fartherIn(run, counts, stretch, usual) ?? []);
  const samples = all.reduce((sum, { stretch }) => sum + stretch.samples, 0);
  const hits = all.reduce((sum, farther) => sum + farther.hits, 0);
  const { verdict, cause } = unlessDoubted(
    unlessOpen(judge(run, counts, all), openIn(run, counts, stretches)),
    doubtAboutPlaces(run) ?? unplaced(counts) ?? doubtAboutRun(run),
  );
  const titles = { pass: 'kept', fail: 'broken', inconclusive: 'not certain' };
  const undos = run.facts.faults.flatMap((fault) => fault.undo ?? []);
  return finding({
    objective: 'wayHome',
    subject,
    verdict,
    title: `Failover order of ${subject} ${titles[verdict]} on the way home`,
    story: `${hits} of ${count(samples, 'call')} of ${subject} after the undo was asked for went farther than while the fault was on.`,
    samples,
    evidence: [
      ...undos.map(eventId).slice(-2),
      ...run.evidence.requests(...[...counts.sites.values()].map(({ first }) => first)),
    ],
    cause,
  });
}

function judgeOrderHome(run: Case): Finding[] {
  const isTouched = (order: FailoverOrder): boolean => run.stages.some((stage) => affects(run, order, stage.faults));
  if (run.facts.status !== 'completed' || !run.facts.ended) return [];
  return run.listeners.ladders.home.filter(({ order }) => isTouched(order)).map((counts) => homeFinding(run, counts));
}

/** Was every declared order that a fault touched kept from the first undo request on? A part of the way home. */
export const orderHome = invariant({ ...wayHome, subject: 'order', counts: 'call', judge: judgeOrderHome });
