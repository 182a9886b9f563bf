import type { Finding, Verdict } from '../../model/finding.ts';
import { placeText } from '../../model/place.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { Micros, Ratio } from '../../model/units.ts';
import { list as listOf, mapping, oneOrMore, quantity, withDefault } from '../../schema/builders.ts';
import { type ClauseProblems, clause, type Warn } from '../../schema/clause.ts';
import type { Draft } from '../../schema/draft.ts';
import { calledService } from '../../schema/names.ts';
import { asList, several } from '../../schema/one-or-more.ts';
import type { Decoded } from '../../schema/schema.ts';
import { LEAST_SAMPLES, lowerLimit, upperLimit } from '../../stats/index.ts';
import type { Sample } from '../facts/blocks.ts';
import { type CountedShares, countShares } from '../facts/call-shares.ts';
import type { Case } from '../facts/case.ts';
import type { CallShares } from '../facts/expected-shares.ts';
import { count, list, percent } from '../facts/format.ts';
import { uncounted } from '../facts/routed.ts';
import type { Window } from '../timeline/windows.ts';
import { doubtAboutPlaces, doubtAboutPlacesBefore } from './doubt-about-places.ts';
import { finding, type Judgement, unlessDoubted, unlessOpen } from './finding.ts';
import { REGION_HINT, wrongRegion } from './hints.ts';
import { objective } from './objective.ts';
import { callersSchema, onePlace, placeFields, placeKey, placeOf } from './place.ts';

const row = mapping(
  'A place and its share of the calls.',
  {
    required: { share: quantity('percent', 'Share of the calls that are served here.', { example: '80%' }) },
    optional: placeFields,
  },
  onePlace(placeFields),
);

const expected = mapping('Where callers of one zone are served when nothing fails, place by place.', {
  required: {
    service: calledService('The service that they call.'),
    from: callersSchema,
    to: listOf('The places with their shares; what is left of 100% may go anywhere else.', row, {
      minItems: 1,
      maxItems: 16,
    }),
  },
  optional: {
    tolerance: withDefault(
      quantity('percent', 'How far a share may be from what is expected, in points of all calls.', { example: '5%' }),
      '5%',
    ),
  },
});

const schema = oneOrMore('How calls are distributed over places before the faults and after their undo.', expected);

function check(draft: Draft<Decoded<typeof schema>>, problems: ClauseProblems): void {
  const all = several(draft, []);
  const subjects = all.map(({ value: { service, from }, path }) => ({
    key: service === undefined || from?.zone === undefined ? undefined : `${service} from ${placeKey(from).key}`,
    path,
  }));
  problems.distinct('the shares of', subjects);
  for (const { value, path } of all) {
    problems.service([...path, 'service'], value.service);
    const rows = value.to ?? [];
    const places = rows.map((place, index) => {
      const { key, field } = placeKey(place);
      return { key, path: [...path, 'to', index, field] };
    });
    problems.distinct('the place', places);
    const sum = rows.reduce((total, one) => total + (one?.share ?? 0), 0);
    if (sum > 1 + 1e-9) {
      problems.error('FIELD_VALUE', [...path, 'to'], `the shares are ${percent(sum)} together, more than all calls`);
    }
  }
}

/** Normal enough to say how many calls show a share within a tolerance, both limits at 97.5 %. */
const TWO_SIDED = 1.96;

function callsToShow(share: Ratio, tolerance: Ratio): number {
  const isAtEdge = share - tolerance <= 0 || share + tolerance >= 1;
  const bare = Math.ceil(share * (1 - share) * (TWO_SIDED / tolerance) ** 2);
  return Math.max(LEAST_SAMPLES, isAtEdge ? Math.ceil(3.7 / tolerance) : bare);
}

function advise(all: readonly CallShares[], { load, phases }: Scenario, warn: Warn): void {
  for (const { service, from, to, tolerance } of all) {
    const needed = Math.max(...to.map(({ share }) => callsToShow(share, tolerance)));
    const sent = Math.floor((load.ratePerSecond * Math.min(phases.baselineMs, phases.recoverMs / 2)) / 1000);
    if (sent * load.paths.length >= needed) continue;
    const name = `shares of ${service} from ${placeText(from)} within ${percent(tolerance)}`;
    const remedy = 'use a longer baseline and recover phase, a higher rate or a wider tolerance';
    warn(['expect', 'shares'], `${name} need about ${needed} calls in the baseline and in half of recover`, remedy);
  }
}

/** When shares are judged: before the faults, and when what the faults did is over. */
type Time = { readonly name: 'baseline' | 'after'; readonly part: 'baseline' | 'home'; readonly window: Window };

const TIME_WORDS = { baseline: 'before the faults', after: 'after their undo' } as const;

/** The second half of the recover phase, but not before callers have had the time to come home. */
function afterOf({ facts, scenario }: Case): Window | undefined {
  const phase = facts.phases.findLast((span) => span.phase === 'recover');
  if (phase === undefined || facts.undone === undefined) return undefined;
  const home: Micros = facts.undone + (scenario.expect.failback?.withinMs ?? 0) * 1000;
  return { start: Math.max(home, (phase.start + phase.end) / 2), end: phase.end };
}

function timesOf(run: Case): Time[] {
  const after = afterOf(run);
  const baseline: Time = { name: 'baseline', part: 'baseline', window: run.windows.baseline };
  const isOver = run.facts.ended && run.facts.firstInject !== undefined;
  if (!isOver) return [baseline];
  return [baseline, { name: 'after', part: 'home', window: after ?? { start: 0, end: 0 } }];
}

type JudgedRow = Judgement & {
  readonly name: string;
  readonly share: Ratio;
  readonly sample: Sample;
  readonly lo: number;
  readonly hi: number;
};

/** Is a share what is expected, give or take the tolerance? Both of its limits must say so; the one that counts fails it. */
function judgeRow({ risk }: Case, name: string, share: Ratio, tolerance: Ratio, sample: Sample): JudgedRow {
  const [n, x] = [sample.all / sample.effect, sample.hits / sample.effect];
  const [least, most] = [share - tolerance, share + tolerance];
  const limits = { lo: lowerLimit(x, n, risk.pass), hi: upperLimit(x, n, risk.pass) };
  const told = { name, share, sample, ...limits };
  if (sample.all < LEAST_SAMPLES) {
    const cause = `too few calls: ${Math.floor(sample.all)}, at least ${LEAST_SAMPLES} needed`;
    return { ...told, verdict: 'inconclusive', cause };
  }
  const isWrong = upperLimit(x, n, risk.fail) < least || lowerLimit(x, n, risk.fail) > most;
  const seen = `${name} had ${percent(sample.hits / sample.all)} of the calls, ${percent(share)} ± ${percent(tolerance)} expected`;
  if (isWrong) return { ...told, verdict: 'fail', cause: seen };
  if (limits.lo >= least && limits.hi <= most) return { ...told, verdict: 'pass' };
  return { ...told, verdict: 'inconclusive', cause: `${seen}: that may be chance` };
}

function judgeRows(run: Case, asked: CallShares, counted: CountedShares): JudgedRow[] {
  const { to, tolerance } = asked;
  const rest = Math.max(0, 1 - to.reduce((sum, { share }) => sum + share, 0));
  const named = to.map(({ place, share }, at) =>
    judgeRow(run, placeText(place), share, tolerance, counted.places[at] as Sample),
  );
  const others = counted.others.length === 0 ? '' : ` (${list(counted.others)})`;
  return [...named, judgeRow(run, `elsewhere${others}`, rest, tolerance, counted.elsewhere)];
}

const TITLES: Readonly<Record<Verdict, string>> = {
  pass: 'had their shares',
  fail: 'did not have their shares',
  inconclusive: 'may not have had their shares',
};

function findingOf(run: Case, asked: CallShares, { name, part, window }: Time): Finding {
  const counted = countShares(run, asked, part, window);
  const rows = judgeRows(run, asked, counted);
  const worst =
    rows.find(({ verdict }) => verdict === 'fail') ?? rows.find(({ verdict }) => verdict !== 'pass') ?? rows[0];
  const { verdict: plain, cause: why, lo = 0, hi = 1, share = 0 } = worst ?? { verdict: 'inconclusive', cause: '' };
  const open =
    run.listeners.wide.doubt(asked, window, counted.calls) ??
    (counted.byProxies ? uncounted(run, [asked.service]) : undefined);
  const doubt = (name === 'baseline' ? doubtAboutPlacesBefore(run) : doubtAboutPlaces(run)) ?? counted.doubt;
  const { verdict, cause } = unlessDoubted(unlessOpen({ verdict: plain, cause: why }, open), doubt);
  const who = `${asked.service} from ${placeText(asked.from)}`;
  const isLow = lo + hi < 2 * share;
  const bound = isLow ? Math.max(0, share - asked.tolerance) : Math.min(1, share + asked.tolerance);
  const source = counted.byProxies ? ', as their proxies counted,' : '';
  const parts = rows.filter(({ sample, share: wanted }) => sample.hits > 0 || wanted > 0);
  const text = parts.map(({ name: place, sample, share: wanted }) => {
    return `${place} ${percent(sample.hits / Math.max(1, sample.all))} (${percent(wanted)} expected)`;
  });
  return finding({
    id: `shares/${asked.service}/${placeText(asked.from)}/${name}`,
    objective: 'shares',
    subject: who,
    verdict,
    title: `Calls of ${who} ${TITLES[verdict]} ${TIME_WORDS[name]}`,
    story: `${count(counted.calls, 'call')} of ${who} ${TIME_WORDS[name]}${source} went to ${list(text)}, give or take ${percent(asked.tolerance)}.`,
    measured: { lo: lo * 100, hi: hi * 100, unit: '%' },
    target: { op: isLow ? '>=' : '<=', value: bound * 100, unit: '%' },
    samples: counted.calls,
    evidence: [],
    cause,
    hint: verdict === 'fail' && wrongRegion(run) !== undefined ? REGION_HINT : undefined,
  });
}

/** Were calls distributed over places as expected, before the faults and after their undo? */
export const shares = objective({
  name: 'shares',
  title: 'Shares of places',
  counts: 'call',
  withoutFault: true,
  clause: clause({
    schema,
    read: (written): readonly CallShares[] | undefined =>
      written &&
      asList(written).map(({ service, from, to, tolerance }) => ({
        ...{ service, from, tolerance },
        to: to.map((one) => ({ place: placeOf(one), share: one.share })),
      })),
    check,
    advise,
  }),
  // Each place, and what is left, before the faults and after, can have too much or too little.
  comparisons: (all) => all.reduce((sum, { to }) => sum + 4 * (to.length + 1), 0),
  judge: (run, all) => all.flatMap((asked) => timesOf(run).map((time) => findingOf(run, asked, time))),
});
