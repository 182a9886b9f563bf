import type { Finding, Verdict } from '../../model/finding.ts';
import type { Scenario } from '../../model/scenario.ts';
import { formatDuration } from '../../model/units.ts';
import { atLeastOne, mapping, oneOrMore, quantity, withDefault, word } from '../../schema/builders.ts';
import { clause, type ShareNeed, type Warn } from '../../schema/clause.ts';
import { dnsLabel } from '../../schema/names.ts';
import { asList } from '../../schema/one-or-more.ts';
import { lowerLimit } from '../../stats/index.ts';
import type { BlockCounts, Sample } from '../facts/blocks.ts';
import type { Case } from '../facts/case.ts';
import { doubtAboutRun } from '../facts/effects.ts';
import { count, percent } from '../facts/format.ts';
import type { LatencyPromise } from '../facts/latency-promises.ts';
import type { PathStream } from '../ingest/path.ts';
import { unseenRequests } from '../timeline/silence.ts';
import { within } from '../timeline/windows.ts';
import { finding, type Judgement, unlessDoubted, unlessOpen } from './finding.ts';
import { objective } from './objective.ts';
import { judgeAll } from './share-of-all.ts';

const bound = (what: string) =>
  quantity('durationAtMost', `${what} of the latency, from the moment a request was due.`, {
    min: '1ms',
    max: '60s',
    example: '<= 300ms',
  });

const schema = oneOrMore(
  'How fast answers are. A request that was not served counts as slower than any limit.',
  mapping(
    'Quantiles of the latency of one request, or of all.',
    {
      optional: {
        path: dnsLabel('Name of the request in spec.load.paths; all of them when left out.', 'entry'),
        phase: withDefault(
          word('Before the fault, under it, or after its undo was asked for.', ['baseline', 'hold', 'recover']),
          'hold',
        ),
        p50: bound('The median'),
        p95: bound('The 95th percentile'),
        p99: bound('The 99th percentile'),
      },
    },
    atLeastOne('p50', 'p95', 'p99'),
  ),
);

const QUANTILES = { p50: 0.5, p95: 0.95, p99: 0.99 } as const;
const NAMES = ['p50', 'p95', 'p99'] as const;

function nameOf({ quantile }: LatencyPromise): string {
  return `p${Math.round(quantile * 100)}`;
}

function whereOf({ path }: LatencyPromise): string {
  return path ?? 'all requests';
}

const PHASE_WORDS = { baseline: 'before the fault', hold: 'under the fault', recover: 'after the undo' } as const;

function advise(promises: readonly LatencyPromise[], { load }: Scenario, warn: Warn): void {
  const known = load.paths.map(({ name }) => name);
  const longest = Math.max(...promises.map(({ limitMs }) => limitMs));
  if (longest > load.timeoutMs) {
    const message = `a limit of ${formatDuration(longest)} is longer than load.timeout (${formatDuration(load.timeoutMs)}), which ends a request first: slower answers are never seen`;
    warn(['expect', 'latency'], message, `use at most \`<= ${formatDuration(load.timeoutMs)}\`, or a longer timeout`);
  }
  for (const path of new Set(promises.map((promise) => promise.path))) {
    if (path === undefined || known.includes(path)) continue;
    warn(
      ['expect', 'latency'],
      `there is no path ${path}, so that its latency is never known`,
      `there are: ${known.join(', ')}`,
    );
  }
}

/** A quantile is the share of requests that are as fast. */
function needOf(promise: LatencyPromise): ShareNeed {
  const { path, phase, quantile, limitMs } = promise;
  const name = `latency of ${whereOf(promise)} within ${formatDuration(limitMs)}`;
  const own = path === undefined ? {} : { request: path };
  return { path: [], name, share: quantile, when: phase, isFixed: true, ...own };
}

type Kept = ReturnType<typeof judgeAll>;
type Judged = Judgement & { readonly sample: Sample; readonly lo: number; readonly hi: number };

const NOTHING = { sample: { hits: 0, all: 0, effect: 1 }, lo: 0, hi: 1 };

/** A promise is broken by the target alone: not by requests that would have kept it, had they been sent when they were due. */
function unlessSentLate(
  run: Case,
  { quantile }: LatencyPromise,
  paths: readonly PathStream[],
  broken: Kept,
  atBest: BlockCounts,
): Kept {
  const best = judgeAll(run, paths, (some) => atBest.sample(some), quantile);
  if (best.verdict === 'fail') return broken;
  const { hits, all } = atBest.sample(paths);
  const cause = `the load generator sent requests late: ${percent(hits / all, quantile)} kept it from when they were sent`;
  return { ...broken, verdict: 'inconclusive', cause };
}

function judgePromise(run: Case, promise: LatencyPromise, paths: readonly PathStream[]): Judged {
  const counted = run.listeners.latencyPromises.of(promise);
  if (paths.length === 0) return { ...NOTHING, verdict: 'inconclusive', cause: `there is no path ${promise.path}` };
  if (counted === undefined) {
    return { ...NOTHING, verdict: 'inconclusive', cause: `the run has no time ${PHASE_WORDS[promise.phase]}` };
  }
  const { counts, atBest, window } = counted;
  const kept = judgeAll(run, paths, (some) => counts.sample(some), promise.quantile);
  const judged = kept.verdict === 'fail' ? unlessSentLate(run, promise, paths, kept, atBest) : kept;
  const sample = counts.sample(paths);
  const tally = run.listeners.tallies.of(paths, within(run.segments, window));
  const unknown = paths.reduce((sum, path) => sum + unseenRequests(run.facts, path, window), tally.unknown);
  // At worst every unknown one was too slow.
  const { hits, all, effect } = sample;
  const isShown = lowerLimit(hits / effect, (all + unknown) / effect, run.risk.pass) >= promise.quantile;
  const open = unknown > 0 && !isShown ? `${count(unknown, 'request')} unknown` : undefined;
  const doubt = promise.phase === 'hold' ? doubtAboutRun(run) : undefined;
  return { ...judged, ...unlessDoubted(unlessOpen(judged, open), doubt), sample };
}

function titleOf(promise: LatencyPromise, verdict: Verdict): string {
  const what = `${nameOf(promise)} of ${whereOf(promise)} ${PHASE_WORDS[promise.phase]}`;
  const limit = formatDuration(promise.limitMs);
  if (verdict === 'pass') return `${what} was at most ${limit}`;
  return verdict === 'fail'
    ? `${what} was longer than ${limit}`
    : `It is not certain that ${what} was at most ${limit}`;
}

function findingOf(run: Case, promise: LatencyPromise): Finding {
  const paths = run.paths.filter(({ name }) => promise.path === undefined || name === promise.path);
  const { verdict, cause, sample, lo, hi } = judgePromise(run, promise, paths);
  const { hits, all } = sample;
  const limit = formatDuration(promise.limitMs);
  const share = percent(all === 0 ? 0 : hits / all, promise.quantile);
  return finding({
    id: `latency/${promise.path ?? 'all'}/${promise.phase}/${nameOf(promise)}`,
    objective: 'latency',
    subject: whereOf(promise),
    verdict,
    title: titleOf(promise, verdict),
    story: `${share} of ${count(all, 'request')} ${PHASE_WORDS[promise.phase]} were served within ${limit}; for ${nameOf(promise)} at least ${percent(promise.quantile)} have to be.`,
    measured: { lo: lo * 100, hi: hi * 100, unit: '%' },
    target: { op: '>=', value: promise.quantile * 100, unit: '%' },
    samples: all,
    evidence: [],
    cause,
  });
}

/** Quantiles of the latency are at most what was promised. */
export const latency = objective({
  name: 'latency',
  title: 'Latency',
  counts: 'request',
  fromRequests: true,
  clause: clause({
    schema,
    read: (written): readonly LatencyPromise[] | undefined =>
      written &&
      asList(written).flatMap(({ path, phase, ...limits }) =>
        NAMES.flatMap((name): LatencyPromise[] => {
          const limitMs = limits[name];
          const where = path === undefined ? {} : { path };
          return limitMs === undefined ? [] : [{ ...where, phase, quantile: QUANTILES[name], limitMs }];
        }),
      ),
    advise,
    shares: (promises) => promises.map(needOf),
  }),
  // Of each path, and of all together.
  comparisons: (promises, { paths }) => promises.length * (paths + 1),
  judge: (run, promises) => promises.map((promise) => findingOf(run, promise)),
});
