import type { Finding } from '../../model/finding.ts';
import { isAt, type Place } from '../../model/place.ts';
import { mapping, oneOrMore } from '../../schema/builders.ts';
import { clause } from '../../schema/clause.ts';
import { asList, several } from '../../schema/one-or-more.ts';
import { judgeAsBefore } from '../facts/as-before.ts';
import type { Case } from '../facts/case.ts';
import { doubtAboutRun } from '../facts/effects.ts';
import { faultEvidence } from '../facts/evidence.ts';
import { count, percent, seconds } from '../facts/format.ts';
import { OWN_ZONE } from '../facts/home-share.ts';
import { inheritedBy } from '../facts/outage-span.ts';
import { isMoreThanNoise } from '../facts/risk.ts';
import { worstStray } from '../facts/strays.ts';
import { weigh } from '../facts/weigh.ts';
import type { PathStream, Route } from '../ingest/path.ts';
import { hiddenBy, unseenRequests } from '../timeline/silence.ts';
import { type Segment, type Window, within } from '../timeline/windows.ts';
import { awayReason } from './away.ts';
import { doubtAboutPlaces } from './doubt-about-places.ts';
import { commonest } from './failures.ts';
import { finding, type Judgement, unlessDoubted } from './finding.ts';
import { collateralHint } from './hints.ts';
import { objective } from './objective.ts';
import { localitySchema, placeKey, placeOf } from './place.ts';

function isIn(run: Case, { zone, cluster }: PathStream, places: readonly Place[]): boolean {
  return places.some((place) => isAt({ zone, cluster, region: run.regions.get(zone) ?? '' }, place));
}

/** An outage, or more errors than the noise of the baseline explains, fails; errors that were there before are nothing new. */
function judgeBad(run: Case, path: PathStream, window: Window): Judgement {
  const { good, bad, unknown } = run.listeners.tallies.of([path], within(run.segments, window));
  const unseen = unknown + unseenRequests(run.facts, path, window);
  if (bad > 0) {
    const during = { bad, all: good + bad };
    const trackers = run.stages.map((stage) => run.listeners.outages.stage(path, stage.index));
    if (trackers.some((tracker) => inheritedBy(run, path, tracker) !== undefined)) {
      return { verdict: 'inconclusive', cause: 'it was failing already when the fault came' };
    }
    const groups = trackers.flatMap((tracker) => weigh(run.risk, path, tracker));
    const isDown = groups.some(({ weight }) => weight === 'certain');
    const why = commonest(run, ({ part }) => part === 'stage', path.id);
    const what = `${bad} of ${count(good + bad, 'request')} bad while the fault was on; most often ${why}`;
    if (isDown || isMoreThanNoise(run.risk, path, during)) return { verdict: 'fail', cause: what };
    if (groups.some(({ weight }) => weight !== 'noise')) {
      const { bad: before, all } = run.risk.beforeOf(path);
      return {
        verdict: 'inconclusive',
        cause: `${what}; before the fault ${before} of ${all}: that may be noise, or not`,
      };
    }
  }
  if (unseen > 0) return { verdict: 'inconclusive', cause: `${count(unseen, 'request')} unknown` };
  const quiet = Math.max(
    0,
    ...run.stages.map((stage) => hiddenBy(path, run.listeners.outages.stage(path, stage.index).quiet)),
  );
  if (quiet > 0) {
    return {
      verdict: 'inconclusive',
      cause: `nothing was sent for ${seconds(quiet)} s, which may hide an outage as long`,
    };
  }
  return good === 0 ? { verdict: 'inconclusive', cause: 'no requests' } : { verdict: 'pass' };
}

type Home = { readonly hits: number; readonly all: number };

/** Requests of a path by the share of their calls that was served at home. */
function homeOf(run: Case, routes: readonly Route[], segments: readonly Segment[]): Home {
  return routes.reduce(
    (sum, route) => {
      const n = run.listeners.places.count(route, segments);
      return { hits: sum.hits + n * route.ownZone, all: sum.all + n };
    },
    { hits: 0, all: 0 },
  );
}

/** Where the calls of a path are counted: in its answers, or, where they have no chain, by the proxies of its zone. */
function countersOf(run: Case, path: PathStream): readonly PathStream[] {
  if (path.rule.good.chain.length > 0) return [path];
  return run.callingProxies.filter(({ zone, cluster }) => zone === path.zone && cluster === path.cluster);
}

const routesOf = (run: Case, paths: readonly PathStream[]): Route[] =>
  paths.flatMap((path) => run.listeners.places.routesOf(path).filter((route) => route.calls.length > 0));

/** Own-zone share against the steady state's target, or against the path's own baseline where that was lower. */
function judgeHome(run: Case, path: PathStream, window: Window): Judgement {
  const counters = countersOf(run, path);
  if (counters.length === 0) return { verdict: 'pass' };
  const routes = routesOf(run, counters);
  const during = homeOf(run, routes, within(run.segments, window));
  const before = homeOf(run, routes, within(run.segments, run.windows.baseline));
  const asked = run.scenario.expect.steadyState.sameZoneAtLeast ?? OWN_ZONE;
  const contradicted = doubtAboutPlaces(run);
  if (contradicted !== undefined) return { verdict: 'inconclusive', cause: contradicted };
  // A share that was all home before and is all home now needs no interval.
  if (during.all > 0 && during.hits === during.all) return { verdict: 'pass' };
  // Callers that were all at home have shown no bursts: their strays count as they are.
  const { effect } = run.listeners.homeShare.sample(counters);
  const judged = judgeAsBefore(run.risk, { ...before, effect }, { ...during, effect }, asked);
  if (judged.verdict === 'pass') return { verdict: 'pass' };
  const target = before.all === 0 ? asked : Math.min(asked, before.hits / before.all);
  const share = `only ${percent(during.all === 0 ? 0 : during.hits / during.all, target)} of its calls stayed in their own zone, ${percent(target)} asked`;
  const [own] = counters;
  const stray = worstStray(run, within(run.segments, window), counters.length === 1 ? own : undefined);
  const elsewhere = stray && awayReason(run, stray, window);
  const where = [stray?.text, elsewhere].flatMap((part) => (part === undefined ? [] : [`; ${part}`])).join('');
  const why = judged.verdict === 'fail' ? '' : `: ${judged.cause ?? ''}`;
  return { verdict: judged.verdict, cause: `${share}${why}${where}` };
}

function judgePath(run: Case, path: PathStream, window: Window): Finding {
  const judgements = [judgeBad(run, path, window), judgeHome(run, path, window)];
  const worst =
    judgements.find(({ verdict }) => verdict === 'fail') ?? judgements.find(({ verdict }) => verdict !== 'pass');
  const { verdict, cause } = unlessDoubted(worst ?? { verdict: 'pass' }, doubtAboutRun(run));
  const segments = within(run.segments, window);
  const { good, bad, unknown } = run.listeners.tallies.of([path], segments);
  const groups = run.listeners.failures.list(({ part }) => part === 'stage', path.id);
  const odd = routesOf(run, [path]).find((route) => route.ownZone < 1);
  const titles = {
    pass: 'did not notice the fault',
    fail: 'noticed the fault',
    inconclusive: 'may have noticed the fault',
  };
  return finding({
    objective: 'unaffected',
    subject: path.id,
    verdict,
    title: `${path.id} ${titles[verdict]}`,
    story:
      verdict !== 'pass'
        ? `${path.id}: ${cause}.`
        : bad === 0
          ? `All ${count(good, 'request')} on ${path.id} were good and served at home while the fault was on.`
          : `${bad} of ${count(good + bad, 'request')} on ${path.id} were bad while the fault was on, no more often than before it.`,
    measured: { lo: bad, hi: bad + unknown, unit: 'count' },
    target: { op: '<=', value: 0, unit: 'count' },
    samples: good + bad,
    evidence: [
      ...run.facts.faults.flatMap((fault) => faultEvidence(fault)).slice(0, 2),
      ...run.evidence.requests(
        ...groups.slice(0, 2).map((group) => group.example),
        odd === undefined ? undefined : run.listeners.places.first(odd, segments),
      ),
    ],
    cause,
    hint: verdict === 'fail' ? collateralHint(run, path) : undefined,
  });
}

type Unaffected = { readonly except: readonly Place[] };

function judgeUnaffected(run: Case, { except }: Unaffected): Finding[] {
  const others = run.paths.filter((path) => !isIn(run, path, except));
  const window = run.windows.faulted;
  if (window !== undefined && others.length > 0) return others.map((path) => judgePath(run, path, window));
  return [
    finding({
      objective: 'unaffected',
      subject: 'paths',
      verdict: 'inconclusive',
      title: 'Nothing to compare with',
      story: window === undefined ? 'Nothing was injected.' : 'Every path is inside `except`.',
      samples: 0,
      evidence: [],
      cause: window === undefined ? 'nothing was injected' : 'no path outside `except`',
    }),
  ];
}

const schema = mapping('Nobody else must notice the fault.', {
  required: { except: oneOrMore('Where the fault may be noticed.', localitySchema) },
});

/** Paths outside `except` must not notice the fault. */
export const unaffected = objective({
  name: 'unaffected',
  title: 'Others unaffected',
  counts: 'request',
  asksForNone: true,
  fromRequests: true,
  clause: clause({
    schema,
    read: (written): Unaffected | undefined => written && { except: asList(written.except).map(placeOf) },
    check: ({ except }, problems) => {
      const places = several(except, ['except']).map(({ value, path }) => {
        const { key, field } = placeKey(value);
        return { key, path: [...path, field] };
      });
      problems.distinct('the place', places);
    },
  }),
  judge: judgeUnaffected,
});
