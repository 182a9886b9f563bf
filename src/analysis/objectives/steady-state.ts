import type { Finding } from '../../model/finding.ts';
import type { Tally } from '../../model/result.ts';
import type { Ratio } from '../../model/units.ts';
import { mapping, quantity, withDefault } from '../../schema/builders.ts';
import { clause, type ShareNeed } from '../../schema/clause.ts';
import { lowerLimit } from '../../stats/index.ts';
import { besideRequests } from '../facts/beside.ts';
import type { Sample } from '../facts/blocks.ts';
import type { Case } from '../facts/case.ts';
import { eventId } from '../facts/evidence.ts';
import { count, list, percent, seconds } from '../facts/format.ts';
import { isOutage } from '../facts/risk.ts';
import { copied, servicesByProxies, uncounted } from '../facts/routed.ts';
import { BELOW } from '../facts/share.ts';
import { worstStray } from '../facts/strays.ts';
import type { PathStream } from '../ingest/path.ts';
import { hiddenBy, unseenRequests } from '../timeline/silence.ts';
import { within } from '../timeline/windows.ts';
import { doubtAboutPlacesBefore } from './doubt-about-places.ts';
import { commonest } from './failures.ts';
import { finding, unlessOpen } from './finding.ts';
import { failureHint, strayHint, wrongRegion } from './hints.ts';
import { objective } from './objective.ts';
import { requestHint } from './request-hint.ts';
import { judgeAll } from './share-of-all.ts';

const ofText = (services: readonly string[]): string => (services.length === 0 ? '' : ` of ${list(services)}`);

const TITLES = {
  good: {
    pass: 'Requests were good before the fault',
    fail: 'Requests were not good before the fault',
    inconclusive: 'It is not certain that requests were good before the fault',
  },
  sameZone: {
    pass: (services: readonly string[]) => `Calls${ofText(services)} stayed in their own zone before the fault`,
    fail: (services: readonly string[]) => `Calls${ofText(services)} left their own zone before the fault`,
    inconclusive: (services: readonly string[]) =>
      `It is not certain that calls${ofText(services)} stayed in their own zone before the fault`,
  },
} as const;

/** Paths that were failing when the fault came, beyond noise. */
function failing(run: Case): string | undefined {
  const end = run.windows.baseline.end;
  const down = run.paths.flatMap((path) => {
    const tracker = run.listeners.outages.baseline(path);
    const last = tracker.outages.at(-1);
    const isDown = last !== undefined && last.hi === null && isOutage(run.risk, path, last, tracker.total);
    return isDown ? [{ path, last }] : [];
  });
  const [first] = down;
  if (first === undefined) return undefined;
  const since = seconds(Math.max(0, end - first.last.from));
  return `${list(down.map(({ path }) => path.id))} ${down.length === 1 ? 'was' : 'were'} failing when the baseline ended (since ${since} s)`;
}

function unknownOf(run: Case, { unknown }: Tally): number {
  return run.paths.reduce((sum, path) => sum + unseenRequests(run.facts, path, run.windows.baseline), unknown);
}

function quiet(run: Case): string | undefined {
  const path = run.paths.find(
    (candidate) => hiddenBy(candidate, run.listeners.outages.baseline(candidate).quiet) > 1e6,
  );
  if (path === undefined) return undefined;
  return `nothing was sent on ${path.id} for ${seconds(run.listeners.outages.baseline(path).quiet)} s of the baseline`;
}

function judgeGood(run: Case, target: Ratio): Finding {
  const tally = run.listeners.tallies.of(run.paths, within(run.segments, run.windows.baseline));
  const all = tally.good + tally.bad;
  const unknown = unknownOf(run, tally);
  const sampleOf = (paths: readonly PathStream[]): Sample => run.listeners.goodShare.sample(paths);
  const share = judgeAll(run, run.paths, sampleOf, target);
  // At worst every unknown one was bad: where the share is shown all the same, they leave nothing open.
  const { effect } = sampleOf(run.paths);
  const isShown = lowerLimit(tally.good / effect, (all + unknown) / effect, run.risk.pass) >= target;
  const lost = unknown > 0 && !isShown ? `${count(unknown, 'request')} of the baseline unknown` : undefined;
  const open = failing(run) ?? lost ?? quiet(run);
  const judged = unlessOpen(share, open);
  const why = judged.verdict === 'pass' ? undefined : commonest(run, ({ part }) => part === 'baseline');
  return finding({
    objective: 'steadyState',
    subject: 'good',
    verdict: judged.verdict,
    title: TITLES.good[judged.verdict],
    story: `${tally.good} of ${count(all, 'request')} in the baseline were good (${percent(all === 0 ? 0 : tally.good / all, target)}); at least ${percent(target)} is steady.`,
    measured: { lo: share.lo * 100, hi: share.hi * 100, unit: '%' },
    target: { op: '>=', value: target * 100, unit: '%' },
    samples: all,
    evidence: [
      ...baselineEvents(run),
      ...run.evidence.requests(
        ...run.listeners.failures
          .list(({ part }) => part === 'baseline')
          .slice(0, 4)
          .map(({ example }) => example),
      ),
    ],
    cause: [judged.cause === BELOW && why !== undefined ? undefined : judged.cause, why && `most often ${why}`]
      .filter((part) => part !== undefined)
      .join('; '),
    hint: failureHint(run, ({ part }) => part === 'baseline') ?? requestHint(run, ({ part }) => part === 'baseline'),
  });
}

/** Services whose calls proxies counted, as the run calls them. */
function countedServices({ facts }: Case): string[] {
  return [...new Set(facts.calls.map(({ service }) => service))].sort();
}

/** `mockb that 4 proxies counted (1606 calls beside 1777 requests)`. */
function countedText(run: Case, proxies: number): string {
  const services = countedServices(run);
  const segments = within(run.segments, run.windows.baseline);
  const numbers = services.map((service) => {
    const whose = services.length === 1 ? '' : ` of ${service}`;
    const { calls, requests } = besideRequests(run, { service }, segments);
    return `${count(calls, 'call')}${whose} beside ${count(requests, 'request')}`;
  });
  return `${list(services)} that ${count(proxies, 'proxy', 'proxies')} counted (${list(numbers)})`;
}

/** Where the cause does not say what to do itself. */
function doubtHint(run: Case): string | undefined {
  if (copied(run) !== undefined) return undefined;
  return 'Compare what answers say of places with the cluster: the zone label of the node, spec.observe.namespaces, spec.services.';
}

/** `proxies`: how many of them counted the calls; undefined where answers tell of them. */
function sameZoneStory(run: Case, { hits, all }: Sample, proxies: number | undefined, target: Ratio): string {
  if (all === 0) {
    return `Nothing tells in which zone calls of the baseline were served; at least ${percent(target)} in the caller's own zone is steady.`;
  }
  const whose = proxies === undefined ? count(all, 'request') : countedText(run, proxies);
  return `Of the calls of ${whose} in the baseline, ${percent(hits / all, target)} were served in the caller's own zone; at least ${percent(target)} is steady.`;
}

function judgeSameZone(run: Case, target: Ratio): Finding {
  const sampleOf = (paths: readonly PathStream[]): Sample => run.listeners.homeShare.sample(paths);
  const isTold = sampleOf(run.paths).all > 0;
  const paths = isTold ? run.paths : run.callingProxies;
  const sample = sampleOf(paths);
  const share = judgeAll(run, paths, sampleOf, target);
  const contradicted = doubtAboutPlacesBefore(run);
  const none =
    sample.all === 0
      ? {
          verdict: 'inconclusive' as const,
          cause: contradicted ?? 'no good answer told a call chain, and no proxy was read',
        }
      : undefined;
  const judged =
    none ??
    (contradicted === undefined
      ? unlessOpen(share, isTold ? undefined : uncounted(run, servicesByProxies(run)))
      : { verdict: 'inconclusive' as const, cause: contradicted });
  const where =
    judged.verdict === 'pass' || none !== undefined || contradicted !== undefined
      ? undefined
      : worstStray(run, within(run.segments, run.windows.baseline));
  return finding({
    objective: 'steadyState',
    subject: 'sameZone',
    verdict: judged.verdict,
    title: TITLES.sameZone[judged.verdict](isTold || none !== undefined ? [] : countedServices(run)),
    story: sameZoneStory(run, sample, isTold ? undefined : paths.length, target),
    measured: { lo: share.lo * 100, hi: share.hi * 100, unit: '%' },
    target: { op: '>=', value: target * 100, unit: '%' },
    samples: sample.all,
    ...(!isTold && { counted: 'call' as const }),
    evidence: baselineEvents(run),
    cause: [judged.cause, where?.text, where && wrongRegion(run)].filter((part) => part !== undefined).join('; '),
    hint: contradicted === undefined ? strayHint(run, where) : doubtHint(run),
  });
}

function baselineEvents(run: Case): string[] {
  return run.facts.events
    .filter(
      (event) =>
        ('phase' in event && event.phase === 'baseline') || (event.type === 'steady-state' && event.when === 'before'),
    )
    .map(eventId);
}

const schema = withDefault(
  mapping('Must hold in the baseline, or nothing is injected.', {
    optional: {
      good: withDefault(quantity('atLeast', 'Share of good requests.', { example: '>= 99.9%' }), '>= 99%'),
      sameZone: quantity('atLeast', "Share of hops served in the caller's own zone.", { example: '>= 99%' }),
    },
  }),
  {},
);

type SteadyState = { readonly goodAtLeast: Ratio; readonly sameZoneAtLeast?: Ratio };

const shareOf = (field: string, share: Ratio): ShareNeed => ({
  path: [field],
  name: `steadyState.${field}`,
  share,
  when: 'baseline',
});

/** Was the system steady in the baseline, up to the first injection? */
export const steadyState = objective({
  name: 'steadyState',
  title: 'Steady state',
  counts: 'request',
  fromRequests: true,
  withoutFault: true,
  grounds: true,
  clause: clause({
    schema,
    read: ({ good, sameZone }): SteadyState => ({
      goodAtLeast: good,
      ...(sameZone === undefined ? {} : { sameZoneAtLeast: sameZone }),
    }),
    shares: ({ goodAtLeast, sameZoneAtLeast }) => [
      shareOf('good', goodAtLeast),
      ...(sameZoneAtLeast === undefined ? [] : [shareOf('sameZone', sameZoneAtLeast)]),
    ],
  }),
  judge: (run, { goodAtLeast, sameZoneAtLeast }) => [
    judgeGood(run, goodAtLeast),
    ...(sameZoneAtLeast === undefined ? [] : [judgeSameZone(run, sameZoneAtLeast)]),
  ],
});
