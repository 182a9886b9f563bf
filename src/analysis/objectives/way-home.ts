import type { Finding, Verdict } from '../../model/finding.ts';
import type { WayHomeOutage } from '../../model/result.ts';
import type { Micros } from '../../model/units.ts';
import type { Case } from '../facts/case.ts';
import { eventId } from '../facts/evidence.ts';
import { count, seconds, secondsInterval } from '../facts/format.ts';
import { type Interval, lengthOf } from '../facts/outage-span.ts';
import type { Outage } from '../facts/outage-tracker.ts';
import { judgeAtMost, misses } from '../facts/share.ts';
import { weighHome } from '../facts/weigh-home.ts';
import type { PathStream } from '../ingest/path.ts';
import { hiddenBy } from '../timeline/silence.ts';
import { commonest } from './failures.ts';
import { finding } from './finding.ts';
import { failureHint } from './hints.ts';
import { invariant } from './objective.ts';

/** Outages told; the longest ones. */
const MAX_OUTAGES = 100;

type HomeOutage = {
  readonly path: PathStream;
  readonly outage: Outage;
  /** It began before the undo was asked for: its beginning belongs to a stage. */
  readonly isOld: boolean;
  /** Noise may explain it, so that it decides nothing. */
  readonly isDoubtful: boolean;
  /** What is judged: how long it lasted; of one that the fault had begun, how late it was over, from the end of the undo. */
  readonly figure: Interval;
  /** When it was over, from the end of the undo. */
  readonly late: Interval;
  readonly lasted: Interval;
};

/** From the end of the undo on, whenever it began. */
function latenessOf({ lo, hi }: Outage, undone: Micros): Interval {
  return { lo: Math.max(0, lo - undone), hi: hi === null ? null : Math.max(0, hi - undone) };
}

/** Outages after the first undo request that are no plain noise, longest first. */
export function homeOutages(run: Case): HomeOutage[] {
  const undone = run.facts.undone ?? run.facts.end;
  const all = run.paths.flatMap((path) =>
    weighHome(run, path).flatMap(({ outage, weight, isOld }): HomeOutage[] => {
      if (weight === 'noise') return [];
      const late = latenessOf(outage, undone);
      const lasted = lengthOf(run, path, outage);
      return [{ path, outage, isOld, isDoubtful: weight === 'doubtful', figure: isOld ? late : lasted, late, lasted }];
    }),
  );
  const length = ({ figure }: HomeOutage): number => figure.hi ?? Number.POSITIVE_INFINITY;
  return all.sort((a, b) => length(b) - length(a) || a.outage.from - b.outage.from);
}

/** As results show them. */
export function wayHomeRows(outages: readonly HomeOutage[]): WayHomeOutage[] {
  return outages
    .filter(({ isDoubtful }) => !isDoubtful)
    .slice(0, MAX_OUTAGES)
    .map(({ path, outage, lasted }) => ({ path: path.id, from: outage.from, lasted, bad: outage.bad }));
}

const TITLES: Readonly<Record<Verdict, string>> = {
  pass: 'The way home was smooth',
  fail: 'Requests failed for too long on the way home',
  inconclusive: 'It is not certain that the way home was smooth',
};

/** Lateness counts from the undo on, so the end of an outage says more than its length. */
function until(run: Case, { hi }: Outage): string {
  const { undone } = run.facts;
  return hi === null || undone === undefined || hi <= undone ? '' : `, until ${seconds(hi - undone)} s after the undo`;
}

type HomeJudgement = { readonly verdict: Verdict; readonly cause?: string; readonly told?: HomeOutage };

function judge(run: Case, outages: readonly HomeOutage[]): HomeJudgement {
  const rule = run.scenario.expect.recoveryTime;
  const degraded = run.facts.load?.degraded ?? [];
  const verdictOf = ({ figure, isOld, isDoubtful, late }: HomeOutage): Verdict => {
    if (isDoubtful) return rule !== undefined && figure.lo > rule.withinMs * 1000 ? 'inconclusive' : 'pass';
    if (rule === undefined) return isOld && figure.hi !== null ? 'pass' : 'inconclusive';
    const verdict = judgeAtMost(figure.lo, figure.hi, rule.withinMs * 1000);
    if (verdict !== 'pass') return verdict;
    // Short, but after the time that the way home has: whether that belongs to the undo is open.
    return judgeAtMost(0, late.hi, rule.withinMs * 1000);
  };
  const told = outages.find((one) => verdictOf(one) === 'fail') ?? outages.find((one) => verdictOf(one) !== 'pass');
  if (told === undefined) return unsteady(run) ?? silence(run, rule?.withinMs);
  const verdict = verdictOf(told);
  const doubt = told.isDoubtful ? ', which may be noise, or not' : '';
  const what = `${told.path.id} failed ${count(told.outage.bad, 'time')} for ${secondsInterval(told.lasted.lo, told.lasted.hi)}${until(run, told.outage)}${doubt}`;
  const why = commonest(run, ({ part }) => part === 'home', told.path.id);
  const most = why === undefined ? '' : `; most often ${why}`;
  if (verdict === 'fail' && degraded.length > 0)
    return { verdict: 'inconclusive', cause: `${what}, but ${degraded[0]}`, told };
  if (rule !== undefined) return { verdict, cause: `${what}${most}`, told };
  return { verdict, cause: `${what}, and no recoveryTime says how long that may take${most}`, told };
}

/** Nothing was seen to fail; what could not be seen must be shorter than what is allowed, however seldom requests came. */
function silence(run: Case, withinMs: number | undefined): HomeJudgement {
  const limit = withinMs === undefined ? 1e6 : withinMs * 1000;
  const quietOf = (path: PathStream): Micros => run.listeners.outages.home(path, run.stages.length)?.quiet ?? 0;
  const hidden = (path: PathStream): Micros => (withinMs === undefined ? hiddenBy(path, quietOf(path)) : quietOf(path));
  const path = run.paths.find((candidate) => hidden(candidate) > limit);
  if (path === undefined) return { verdict: 'pass' };
  return {
    verdict: 'inconclusive',
    cause: `nothing was sent on ${path.id} for ${seconds(quietOf(path))} s, which may hide an outage as long`,
  };
}

/**
 * A path may err beside its outages as seldom as in the steady state: what noise explains request by request may be too
 * much altogether. Errors of the undo itself, up to one timeout after it, and those of outages do not count.
 */
function unsteady(run: Case): HomeJudgement | undefined {
  const segments = run.segments.filter(({ part, start }) => part === 'home' && start >= run.windows.budget.end);
  const since = segments[0]?.start ?? 0;
  for (const path of run.paths) {
    const { good, bad } = run.listeners.tallies.of([path], segments);
    const charged = weighHome(run, path).filter(({ weight, outage }) => weight === 'certain' && outage.lo >= since);
    const left = bad - charged.reduce((sum, { outage }) => sum + outage.bad, 0);
    const effect = Math.max(run.risk.before.errors.burst, run.risk.beforeOf(path).errors.burst);
    const share = misses(
      run.risk,
      { hits: good, all: good + left, effect },
      run.scenario.expect.steadyState.goodAtLeast,
    );
    if (left > 0 && share !== 'no')
      return {
        verdict: 'inconclusive',
        cause: `${left} of ${good + left} bad on ${path.id} beside any outage, more than is steady`,
      };
  }
  return undefined;
}

/** Undefined where nothing was undone or the run did not complete. */
function judgeWayHome(run: Case): Finding | undefined {
  const { home, faulted } = run.windows;
  if (home === undefined || faulted === undefined || run.facts.status !== 'completed' || !run.facts.ended)
    return undefined;
  const outages = homeOutages(run);
  const { verdict, cause, told } = judge(run, outages);
  const rule = run.scenario.expect.recoveryTime;
  const trackers = run.paths.flatMap((path) => run.listeners.outages.home(path, run.stages.length) ?? []);
  const bad = trackers.reduce((sum, tracker) => sum + tracker.bad, 0);
  const total = trackers.reduce((sum, tracker) => sum + tracker.total, 0);
  const undos = run.facts.faults.flatMap((fault) => fault.undo ?? []);
  return finding({
    objective: 'wayHome',
    subject: 'paths',
    verdict,
    title: TITLES[verdict],
    story: `${bad} of ${count(total, 'request')} after the undo was asked for were bad${rule === undefined ? '' : `; an outage there may take ${seconds(rule.withinMs * 1000)} s, as any other`}.`,
    ...(told !== undefined &&
      rule !== undefined && {
        measured: {
          lo: told.figure.lo / 1e6,
          hi: told.figure.hi === null ? null : told.figure.hi / 1e6,
          unit: 's' as const,
        },
        target: { op: '<=' as const, value: rule.withinMs / 1000, unit: 's' as const },
      }),
    samples: total,
    evidence: [...undos.map(eventId).slice(-4), ...run.evidence.requests(told?.outage.firstBad, told?.outage.lastBad)],
    cause,
    hint: failureHint(run, ({ part, path }) => part === 'home' && path === told?.path.id),
  });
}

/**
 * From the first undo request to the end of the run every path is followed as in a stage: an undo, or what comes after it,
 * can break things, too.
 */
export const wayHome = invariant({
  name: 'wayHome',
  subject: 'paths',
  title: 'Way home',
  counts: 'request',
  asksForNone: true,
  fromRequests: true,
  judge: (run) => [judgeWayHome(run)],
});
