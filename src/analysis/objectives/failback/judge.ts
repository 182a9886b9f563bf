import type { Finding, Verdict } from '../../../model/finding.ts';
import { isSamePlace, placeText } from '../../../model/place.ts';
import type { Failback } from '../../../model/result.ts';
import type { Micros, Millis } from '../../../model/units.ts';
import { besideRequests, besideText } from '../../facts/beside.ts';
import type { CallerReturn } from '../../facts/caller-returns.ts';
import type { Case } from '../../facts/case.ts';
import { doubtAboutRun } from '../../facts/effects.ts';
import { eventId } from '../../facts/evidence.ts';
import { mostOf } from '../../facts/extremes.ts';
import { count, list, seconds, secondsInterval } from '../../facts/format.ts';
import { type HomeCalls, homeCalls } from '../../facts/homes.ts';
import { uncounted } from '../../facts/routed.ts';
import { judgeAtMost } from '../../facts/share.ts';
import { strayOf } from '../../facts/strays.ts';
import { hiddenBy, unseenRequests } from '../../timeline/silence.ts';
import { within } from '../../timeline/windows.ts';
import { awayReason } from '../away.ts';
import { doubtAboutPlaces } from '../doubt-about-places.ts';
import { finding, type Judgement, unlessDoubted, unlessOpen } from '../finding.ts';
import { failbackHint } from '../hints.ts';

function undoEvents(run: Case): string[] {
  return run.facts.faults.flatMap((fault) => (fault.undo === undefined ? [] : [eventId(fault.undo)])).slice(0, 4);
}

/** From the end of the undo; what came before it is 0. */
function relative(way: CallerReturn, undone: Micros): { lo: Micros; hi: Micros | null } {
  const lo = Math.max(0, way.home.lo - undone);
  return { lo, hi: way.home.hi === null ? null : Math.max(lo, way.home.hi - undone) };
}

/** The longest silence after the undo of the paths that call from there: an answer from elsewhere may be missing in it. */
function hidden(run: Case, way: CallerReturn): Micros {
  const paths = new Set([...way.group.home, ...way.group.away].map(({ path }) => path));
  const silences = Array.from(paths, (path) =>
    hiddenBy(path, run.listeners.outages.home(path, run.stages.length)?.quiet ?? 0),
  );
  return mostOf(silences, 0);
}

/** Requests after the undo was asked for that nothing is known of. */
function unknownAfter(run: Case, undone: Micros): number {
  const after = { start: run.facts.firstUndo ?? undone, end: run.facts.end };
  const segments = within(run.segments, { ...after, end: Number.POSITIVE_INFINITY });
  const { unknown } = run.listeners.tallies.of(run.paths, segments);
  return run.paths.reduce((sum, path) => sum + unseenRequests(run.facts, path, after), unknown);
}

function judgeWay(run: Case, way: CallerReturn, undone: Micros, limit: Micros, unknown: number): Judgement {
  const { lo, hi } = relative(way, undone);
  const verdict = judgeAtMost(lo, hi === null ? null : hi + hidden(run, way), limit);
  const after = within(run.segments, { start: undone, end: Number.POSITIVE_INFINITY });
  const why = awayReason(run, way, { start: run.facts.firstUndo ?? undone, end: run.facts.end });
  const what = [strayOf(run, way.group, after)?.text, why].filter((text) => text !== undefined);
  const cause =
    hi !== null
      ? verdict === 'fail'
        ? 'home too late'
        : 'the interval straddles the limit'
      : verdict === 'fail'
        ? `still away${what.map((text) => `; ${text}`).join('')}`
        : 'the run ended before it could be seen';
  const contradicted = doubtAboutPlaces(run);
  const open = unknown > 0 ? `${count(unknown, 'request')} after the undo unknown` : undefined;
  const gaps = way.group.byProxies ? uncounted(run, [way.service]) : undefined;
  return unlessDoubted(
    unlessOpen({ verdict, cause }, open ?? gaps),
    contradicted ?? lostFrom(run, way) ?? doubtAboutRun(run),
  );
}

const isZone = ({ group: { place, from } }: CallerReturn): boolean => isSamePlace(place, from);

/** Why nobody knows whether callers were at home: answers came from where nobody knows. */
function lostFrom(run: Case, { group }: CallerReturn): string | undefined {
  const routes = group.unknown.filter((route) => run.listeners.places.count(route, run.segments) > 0);
  const doubts = routes.flatMap(({ calls }) => calls.map(({ site, from }) => site.doubt ?? from.doubt));
  return doubts.find((doubt) => doubt !== undefined);
}

/** How many calls that rests on, beside the requests of the callers' zone. */
function sourceText(run: Case, { service, group }: CallerReturn): string {
  const home = run.segments.filter(({ part }) => part === 'home');
  const numbers = besideText(besideRequests(run, { service, from: group.from }, home));
  return `, as their proxies counted (${numbers} of their zone from the undo on),`;
}

/** Callers that were served elsewhere, or, where the fault had silenced the callers too, by nobody. */
function wayFinding(run: Case, way: CallerReturn, undone: Micros, withinMs: Millis, unknown: number): Finding {
  const limit = withinMs * 1000;
  const { lo, hi } = relative(way, undone);
  const { verdict, cause } = judgeWay(run, way, undone, limit, unknown);
  const who = `Calls of ${way.service} from ${placeText(way.group.from)}`;
  const source = way.group.byProxies ? sourceText(run, way) : '';
  const left = way.moved ? `had left ${isZone(way) ? 'their zone' : placeText(way.group.place)}` : 'had been cut off';
  const titles = {
    pass: 'came home in time',
    fail: hi === null ? 'are not home' : 'came home too late',
    inconclusive: 'may not be home in time',
  };
  return finding({
    id: failbackId(way),
    objective: 'failback',
    subject: `${way.service} from ${placeText(way.group.from)}`,
    verdict,
    title: `${who} ${titles[verdict]}`,
    story:
      hi === null
        ? `${who}${source} ${left} and were still not served at home ${seconds(lo, limit)} s after the undo; allowed are ${seconds(limit)} s.`
        : `${who}${source} were home again ${secondsInterval(lo, hi, limit)} after the undo; allowed are ${seconds(limit)} s.`,
    measured: { lo: lo / 1e6, hi: hi === null ? null : hi / 1e6, unit: 's' },
    target: { op: '<=', value: withinMs / 1000, unit: 's' },
    samples: way.calls,
    evidence: [...undoEvents(run), ...run.evidence.requests(way.lastAway, hi === null ? undefined : way.firstHome)],
    cause,
    hint: verdict === 'fail' ? failbackHint(run, way.service) : undefined,
  });
}

/** Callers of whom nobody knows whether they left home. */
function lostFinding(run: Case, way: CallerReturn): Finding | undefined {
  const cause = lostFrom(run, way);
  if (cause === undefined) return undefined;
  const who = `${way.service} from ${placeText(way.group.from)}`;
  return finding({
    id: failbackId(way),
    objective: 'failback',
    subject: who,
    verdict: 'inconclusive',
    title: `It is not known whether calls of ${who} left home`,
    story: `Nobody knows where all calls of ${who} were served, or whose they were.`,
    samples: way.calls,
    evidence: undoEvents(run),
    cause,
  });
}

function failbackId(way: CallerReturn): string {
  return `failback/${way.service}/${placeText(way.group.from)}`;
}

function nobody(run: Case, verdict: Verdict, title: string, story: string): Finding {
  return finding({
    objective: 'failback',
    subject: 'callers',
    verdict,
    title,
    story,
    samples: run.callerReturns.reduce((sum, way) => sum + way.calls, 0),
    evidence: undoEvents(run),
    cause: story.replace(/\.$/, ''),
  });
}

/** Where nobody moved: was there a home to leave? */
function judgeNobody(run: Case): Finding {
  const counted = run.callerReturns.filter(({ group }) => group.byProxies).map(({ service }) => service);
  const doubt =
    doubtAboutPlaces(run) ?? doubtAboutRun(run) ?? (counted.length > 0 ? uncounted(run, counted) : undefined);
  if (doubt !== undefined)
    return nobody(
      run,
      'inconclusive',
      'It is not known whether anybody left home',
      `Nobody was seen to leave home, but ${doubt}.`,
    );
  const hadHome = run.callerReturns.some((way) => way.hadHome);
  if (!hadHome) {
    return nobody(
      run,
      'inconclusive',
      'There was no home to come back to',
      'Before the fault no caller was served at home nine times in ten, so there was no home to come back to.',
    );
  }
  const { home, away } = callsUnderFault(run);
  if (away === 0)
    return nobody(run, 'pass', 'Nobody left home', 'No caller was served from another zone while the faults were on.');
  const story = `${away} of ${count(home + away, 'call')} were served from another zone while the faults were on, too few of any caller to say that it had left.`;
  return nobody(run, 'pass', 'Nobody left home', story);
}

/** Calls of all callers while faults were on. */
function callsUnderFault(run: Case): HomeCalls {
  const segments = run.stages.flatMap((stage) => within(run.segments, stage));
  const calls = run.callerReturns.map((way) => homeCalls(way.group, run.listeners.places, segments));
  return {
    home: calls.reduce((sum, { home }) => sum + home, 0),
    away: calls.reduce((sum, { away }) => sum + away, 0),
  };
}

/** Callers that moved and had no home before. */
function homelessFinding(run: Case, ways: readonly CallerReturn[]): Finding[] {
  if (ways.length === 0) return [];
  const who = list(ways.map((way) => `calls of ${way.service} from ${placeText(way.group.from)}`));
  return [
    nobody(
      run,
      'inconclusive',
      'There was no home to come back to',
      `Before the fault ${who} were not served at home nine times in ten, so there was no home to come back to.`,
    ),
  ];
}

/** Did every caller that had moved come home after the undo? */
export function judgeFailback(run: Case, withinMs: Millis): Finding[] {
  const { undone } = run.facts;
  if (undone === undefined) {
    const why = run.facts.firstInject === undefined ? 'Nothing was injected.' : 'The undo never ended.';
    return [nobody(run, 'inconclusive', 'Nobody could come home', why)];
  }
  const gone = run.callerReturns.filter((way) => way.called && (way.moved || way.hadToLeave));
  const lost = run.callerReturns.filter((way) => !gone.includes(way)).flatMap((way) => lostFinding(run, way) ?? []);
  if (gone.length + lost.length === 0) return [judgeNobody(run)];
  const unknown = unknownAfter(run, undone);
  return [
    ...gone.filter((way) => way.hadHome).map((way) => wayFinding(run, way, undone, withinMs, unknown)),
    ...homelessFinding(
      run,
      gone.filter((way) => !way.hadHome),
    ),
    ...lost,
  ];
}

/** As results show it. */
export function failbacksOf(run: Case): Failback[] {
  const { undone } = run.facts;
  if (undone === undefined || run.scenario.expect.failback === undefined) return [];
  return run.callerReturns
    .filter((way) => way.hadHome && (way.moved || way.hadToLeave))
    .map((way) => {
      const { hi } = relative(way, undone);
      const home = { lo: Math.max(undone, way.home.lo), hi: hi === null ? null : undone + hi };
      const { zone: fromZone, cluster } = way.group.from;
      const callers = { fromZone, ...(cluster !== undefined && { fromCluster: cluster }) };
      return { service: way.service, ...callers, undone, home, finding: failbackId(way) };
    });
}
