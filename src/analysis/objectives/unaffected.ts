import type { Finding, Verdict } from '../../model/finding.ts';
import type { Place } from '../../model/scenario.ts';
import { type Case, finding, ownZoneHops, tally } from '../case.ts';
import { faultEvidence } from '../evidence.ts';
import { count, percent } from '../format.ts';
import type { PathState } from '../path-state.ts';
import { type Window, within } from '../segments.ts';
import { judgeShare, wilson } from '../stats.ts';

/** What counts as home when the scenario does not say. */
const OWN_ZONE = 0.99;

function isIn(it: Case, zone: string, places: readonly Place[]): boolean {
  return places.some((place) => ('zone' in place ? place.zone === zone : it.regions.get(zone) === place.region));
}

type Judgement = { readonly verdict: Verdict; readonly cause?: string };

/** A path that failed as often before the fault did not notice the fault, but cannot show it either. */
function judgeBad(it: Case, path: PathState, window: Window): Judgement {
  const during = tally(it, [path], window);
  const before = tally(it, [path], it.windows.baseline);
  const total = during.good + during.bad;
  if (during.bad > 0) {
    const usual = wilson(before.bad, before.good + before.bad).hi;
    return before.bad > 0 && during.bad / total <= usual
      ? { verdict: 'inconclusive', cause: 'it failed as often before any fault' }
      : { verdict: 'fail', cause: `${count(during.bad, 'bad request')} on a path that the fault should not touch` };
  }
  if (during.unknown > 0) return { verdict: 'inconclusive', cause: `${count(during.unknown, 'request')} unknown` };
  return total === 0 ? { verdict: 'inconclusive', cause: 'no requests' } : { verdict: 'pass' };
}

/** Own-zone share against the steady state's target, or against the path's own baseline where that was lower. */
function judgeHome(it: Case, path: PathState, window: Window): Judgement {
  const during = ownZoneHops(it, [path], window);
  const before = ownZoneHops(it, [path], it.windows.baseline);
  const asked = it.scenario.expect.steadyState.sameZoneAtLeast ?? OWN_ZONE;
  const target = before.all === 0 ? asked : Math.min(asked, before.own / before.all);
  if (it.scenario.load.good.chain.length === 0) return { verdict: 'pass' };
  // A share that was all home before and is all home now needs no interval.
  if (during.all > 0 && during.own === during.all) return { verdict: 'pass' };
  const judged = judgeShare(during.own, during.all, target);
  if (judged.verdict === 'pass') return { verdict: 'pass' };
  const share = `only ${percent(during.all === 0 ? 0 : during.own / during.all, target)} of its hops stayed in their own zone, ${percent(target)} asked`;
  return { verdict: judged.verdict, cause: judged.verdict === 'fail' ? share : `${share}: ${judged.cause ?? ''}` };
}

function judgePath(it: Case, path: PathState, window: Window): Finding {
  const judgements = [judgeBad(it, path, window), judgeHome(it, path, window)];
  const worst =
    judgements.find(({ verdict }) => verdict === 'fail') ?? judgements.find(({ verdict }) => verdict !== 'pass');
  const { good, bad, unknown } = tally(it, [path], window);
  const segments = new Set(within(it.segments, window).map((segment) => segment.index));
  const groups = it.observer.failures.list().filter((group) => group.path === path.id);
  const odd = path.plans.find((plan) => plan?.kind.complete === true && plan.ownZone < plan.hops);
  return finding({
    objective: 'unaffected',
    subject: path.id,
    verdict: worst?.verdict ?? 'pass',
    title: worst === undefined ? `${path.id} did not notice the fault` : `${path.id} noticed the fault`,
    story:
      worst === undefined
        ? `All ${count(good, 'request')} on ${path.id} were good and served at home while the fault was on.`
        : `${path.id}: ${worst.cause}.`,
    measured: { lo: bad, hi: bad + unknown, unit: 'count' },
    target: { op: '<=', value: 0, unit: 'count' },
    samples: good + bad,
    evidence: [
      ...it.facts.faults.flatMap((fault) => faultEvidence(fault)).slice(0, 2),
      ...it.evidence.requests(
        ...groups.slice(0, 2).map((group) => group.example),
        odd?.first.find((first, i) => first !== undefined && segments.has(i)),
      ),
    ],
    cause: worst?.cause,
    hint: 'A fault that reaches other zones points at calls that cross zones in steady state, or at a shared dependency.',
  });
}

/** Paths outside `except` must not notice the fault. */
export function judgeUnaffected(it: Case): Finding[] {
  const rule = it.scenario.expect.unaffected;
  if (rule === undefined) return [];
  const others = it.paths.filter((path) => !isIn(it, path.zone, rule.except));
  const window = it.windows.faulted;
  if (window !== undefined && others.length > 0) return others.map((path) => judgePath(it, path, window));
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
