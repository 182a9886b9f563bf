import type { Finding, Verdict } from '../../model/finding.ts';
import type { Tally } from '../../model/result.ts';
import { designEffect } from '../../stats/index.ts';
import { missesAsBefore } from '../facts/as-before.ts';
import type { CallerReturn } from '../facts/caller-returns.ts';
import type { Case } from '../facts/case.ts';
import { eventId } from '../facts/evidence.ts';
import type { Example } from '../facts/example.ts';
import { LEAST_CALLS } from '../facts/excursion.ts';
import { count, list, percent, seconds } from '../facts/format.ts';
import { OWN_ZONE } from '../facts/home-share.ts';
import { type HomeCalls, homeCalls } from '../facts/homes.ts';
import type { Outage } from '../facts/outage-tracker.ts';
import { goesOnAsBefore, isUsualNoise, isUsualStreak } from '../facts/risk.ts';
import { misses } from '../facts/share.ts';
import { strayOf } from '../facts/strays.ts';
import { weighHome } from '../facts/weigh-home.ts';
import type { PathStream } from '../ingest/path.ts';
import { unseenRequests } from '../timeline/silence.ts';
import { type Segment, type Window, within } from '../timeline/windows.ts';
import { awayReason } from './away.ts';
import { commonest } from './failures.ts';
import { finding, type Judgement, unlessOpen } from './finding.ts';
import { failureHint } from './hints.ts';
import { invariant } from './objective.ts';

/** Requests named as evidence. */
const MAX_EXAMPLES = 5;

const TITLES: Readonly<Record<Verdict, string>> = {
  pass: 'Requests were good again at the end',
  fail: 'Requests were not good again at the end',
  inconclusive: 'It is not known whether requests were good again at the end',
};

type Miss = { readonly how: 'surely' | 'perhaps'; readonly text: string };

/** Errors come in bursts; seconds are too few blocks to measure how large they are, so they are as large as in the baseline. */
function burstOf({ risk }: Case, paths: readonly PathStream[]): number {
  return Math.max(risk.before.errors.burst, ...paths.map((path) => risk.beforeOf(path).errors.burst));
}

/** Each path alone, and all together, must not be shown to be worse than steady. */
function badPaths(run: Case, segments: readonly Segment[]): Miss[] {
  const target = run.scenario.expect.steadyState.goodAtLeast;
  const groups = run.paths.length > 1 ? [...run.paths.map((path) => [path]), run.paths] : [run.paths];
  return groups.flatMap((paths) => {
    const { good, bad } = run.listeners.tallies.of(paths, segments);
    const how = misses(run.risk, { hits: good, all: good + bad, effect: burstOf(run, paths) }, target);
    const name = paths.length === 1 ? (paths[0] as PathStream).id : 'all paths together';
    return how === 'no' ? [] : [{ how, text: `${bad} of ${good + bad} bad on ${name}` }];
  });
}

/** Whether a path errs all the time, on the way home as in the baseline and no more than is steady, and not more than that at the end. */
function isAsEver({ risk, listeners, stages }: Case, path: PathStream, outage: Outage): boolean {
  const tracker = listeners.outages.home(path, stages.length);
  if (tracker === undefined || !goesOnAsBefore(risk, path, outage)) return false;
  return (
    isUsualNoise(risk, path, { bad: tracker.bad, all: tracker.total }) && isUsualStreak(risk, path, tracker.streak)
  );
}

/** Paths that were failing when the run ended, beyond their noise. */
function failing(run: Case): Miss[] {
  return run.paths.flatMap((path) => {
    const last = weighHome(run, path).at(-1);
    if (last === undefined || last.outage.hi !== null || last.weight === 'noise') return [];
    if (last.weight === 'doubtful' && isAsEver(run, path, last.outage)) return [];
    const how = last.weight === 'certain' ? 'surely' : 'perhaps';
    return [{ how, text: `${path.id} was failing when the run ended` } as const];
  });
}

/** Callers that have moved this far on the way home have left. */
const MOSTLY = 0.9;

/** Callers that are not at home now, and had never left, or had come home; and such that left on the way home. */
function strayed(run: Case, segments: readonly Segment[]): Miss[] {
  const target = run.scenario.expect.steadyState.sameZoneAtLeast ?? OWN_ZONE;
  return run.callerReturns
    .filter(({ called }) => called)
    .flatMap((one) => {
      const stayed = !one.moved && !one.hadToLeave;
      if (!stayed && !one.cameHome) return [];
      const now = missOf(run, one, segments, target);
      return stayed && now.length === 0 ? leftOf(run, one, Math.min(target, MOSTLY)) : now;
    });
}

/** Callers that had stayed at home under the faults and left it after the undo: for long, or for some seconds altogether. */
function leftOf(run: Case, one: CallerReturn, target: number): Miss[] {
  const { home, after } = run.windows;
  if (home === undefined || after === undefined) return [];
  const segments = within(run.segments, { start: home.start, end: after.start });
  const { group } = one;
  const { seconds } = run.listeners;
  const isFew = homeCalls(group, run.listeners.places, segments).away < LEAST_CALLS;
  const isNews = !isFew && seconds.hasLeft(group, 'home') && !seconds.hasLeft(group, 'baseline');
  const text = isNews ? strayOf(run, group, segments)?.text : undefined;
  if (text === undefined) return missOf(run, one, segments, target);
  return [{ how: group.byProxies ? 'perhaps' : 'surely', text: `${text}, for seconds most of them` }];
}

function missOf(run: Case, way: CallerReturn, segments: readonly Segment[], target: number): Miss[] {
  const { group } = way;
  const before = homeCalls(group, run.listeners.places, within(run.segments, run.windows.baseline));
  const now = homeCalls(group, run.listeners.places, segments);
  const missed = (effect: number): ReturnType<typeof missesAsBefore> => {
    const sample = ({ home: hits, away }: HomeCalls) => ({ hits, all: hits + away, effect });
    return missesAsBefore(run.risk, sample(before), sample(now), Math.min(target, OWN_ZONE));
  };
  if (missed(1) === 'no') return [];
  // Seconds are too few blocks to measure it, so it is that of the baseline and of all the way home, whichever is larger.
  const { seconds } = run.listeners;
  const effects = (['baseline', 'home'] as const).map((part) => designEffect(seconds.blocks(group, part)));
  const how = missed(Math.max(...effects));
  const text = strayOf(run, group, segments)?.text;
  if (how === 'no' || text === undefined) return [];
  const why = awayReason(run, way, run.windows.after ?? run.windows.baseline);
  return [{ how, text: why === undefined ? text : `${text} (${why})` }];
}

/** The first bad requests of the window, or one good answer where none was bad. */
function examples(run: Case, segments: readonly Segment[]): Example[] {
  const bad = run.paths.flatMap((path) => run.listeners.tallies.firstBad(path, segments));
  if (bad.length > 0) return bad.sort((a, b) => a.due - b.due).slice(0, MAX_EXAMPLES);
  const answers = run.listeners.places.routes.flatMap((route) => run.listeners.places.first(route, segments) ?? []);
  return answers.sort((a, b) => b.due - a.due).slice(0, 1);
}

/** A generator that stood still makes good answers late, so it cannot show that the system is the one to blame. */
function judge(run: Case, window: Window, tally: Tally): Judgement {
  const segments = within(run.segments, window);
  if (tally.good + tally.bad === 0)
    return { verdict: 'inconclusive', cause: 'there are no requests at the end of the run' };
  const found = [...badPaths(run, segments), ...failing(run), ...strayed(run, segments)];
  const surely = found.filter(({ how }) => how === 'surely');
  const silent = run.paths.filter((path) => {
    const { good, bad } = run.listeners.tallies.of([path], segments);
    return good + bad === 0;
  });
  const unknown = run.paths.reduce((sum, path) => sum + unseenRequests(run.facts, path, window), tally.unknown);
  const open =
    silent.length > 0
      ? `there are no requests at the end of the run on ${list(silent.map((path) => path.id))}`
      : found.length > 0
        ? list(found.map(({ text }) => text))
        : unknown > 0
          ? `${count(unknown, 'request')} at the end of the run unknown`
          : undefined;
  if (surely.length === 0) return unlessOpen({ verdict: 'pass' }, open);
  const cause = list(surely.map(({ text }) => text));
  const degraded = run.facts.load?.degraded ?? [];
  return degraded.length === 0
    ? { verdict: 'fail', cause }
    : { verdict: 'inconclusive', cause: `${cause}, but ${list(degraded)}` };
}

/** Every run that completes after a fault watches the recovery, however short: without the phase nobody saw the end. */
function unwatched({ facts }: Case): Finding | undefined {
  const wasWatched = facts.phases.some(({ phase }) => phase === 'recover');
  if (facts.undone === undefined || !facts.ended || facts.status !== 'completed' || wasWatched) return undefined;
  const open = facts.faults.filter(({ undo }) => undo !== undefined && undo.step !== 'undone').map(({ name }) => name);
  const isOpen = open.length > 0;
  return finding({
    objective: 'steadyState',
    subject: 'after',
    verdict: 'inconclusive',
    title: TITLES.inconclusive,
    story: isOpen
      ? `Not everything was put back (${list(open)}), so the run has ended with its undo, and nobody has watched whether requests are good again.`
      : 'The history does not say that the recovery was watched after the undo, so the end of the run is not known.',
    samples: 0,
    evidence: facts.faults
      .flatMap((fault) => fault.undo ?? [])
      .map(eventId)
      .slice(-4),
    cause: isOpen ? `${list(open)} not put back` : 'the history has no recover phase',
    hint: isOpen
      ? 'Finish the undo first (faultline recover), then run the scenario again.'
      : 'A part of the history is lost: see what else loadQuality says of it, and run the scenario again.',
  });
}

/** Undefined where the run has no such end: it is unfinished, or has no fault. */
function judgeSteadyAfter(run: Case): Finding | undefined {
  const window = run.windows.after;
  if (window === undefined) return unwatched(run);
  const target = run.scenario.expect.steadyState.goodAtLeast;
  const segments = within(run.segments, window);
  const tally = run.listeners.tallies.of(run.paths, segments);
  const all = tally.good + tally.bad;
  const { verdict, cause } = judge(run, window, tally);
  const why =
    verdict === 'pass' || tally.bad === 0
      ? undefined
      : commonest(run, ({ part, last }) => part === 'home' && last >= window.start);
  const last = `the last ${seconds(window.end - window.start)} s of the run`;
  const undos = run.facts.faults.flatMap((fault) => fault.undo ?? []);
  return finding({
    objective: 'steadyState',
    subject: 'after',
    verdict,
    title: TITLES[verdict],
    story:
      all === 0
        ? `There are no requests in ${last}.`
        : `${tally.good} of ${count(all, 'request')} in ${last} were good (${percent(tally.good / all, target)}); nothing may be worse than steady there.`,
    samples: all,
    evidence: [...undos.map(eventId).slice(-4), ...run.evidence.requests(...examples(run, segments))],
    cause: [cause, why === undefined ? undefined : `most often ${why}`].filter((part) => part !== undefined).join('; '),
    hint: failureHint(run, ({ part, last: until }) => part === 'home' && until >= window.start),
  });
}

/** Was everything as before when the run ended: every path good, and everybody home who had never left? */
export const steadyAfter = invariant({
  name: 'steadyState',
  subject: 'after',
  title: 'Steady state',
  counts: 'request',
  fromRequests: true,
  judge: (run) => [judgeSteadyAfter(run)],
});
