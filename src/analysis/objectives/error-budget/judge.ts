import type { Finding, Unit } from '../../../model/finding.ts';
import type { Budget } from '../../../model/result.ts';
import type { ErrorBudget } from '../../../model/scenario.ts';
import type { Case } from '../../facts/case.ts';
import { doubtAboutRun } from '../../facts/effects.ts';
import { mostOf } from '../../facts/extremes.ts';
import type { Group } from '../../facts/failure-groups.ts';
import { count, list, percent } from '../../facts/format.ts';
import { judgeAtMost } from '../../facts/share.ts';
import { doubtAboutPlaces } from '../doubt-about-places.ts';
import { commonest } from '../failures.ts';
import { finding, unlessDoubted, unlessOpen } from '../finding.ts';
import { budgetHint, failureHint } from '../hints.ts';
import type { Spending, Spent } from './spending.ts';

type Measure = {
  readonly kind: 'perCaller' | 'perPath' | 'ratio';
  readonly lo: number;
  readonly hi: number;
  readonly limit: number;
  readonly unit: Unit;
  readonly title: string;
  readonly story: string;
  /** Whose failures they are. */
  readonly is: (group: Group) => boolean;
  /** What keeps a pass from being certain. */
  readonly open?: string | undefined;
};

/** Doubtful and unknown requests widen the interval upwards. */
function judge(run: Case, budget: Budget, measure: Measure): Finding {
  const { lo, hi, limit, unit } = measure;
  const isEmpty = budget.good + budget.bad + budget.unknown === 0 || run.facts.firstInject === undefined;
  const isCounted = (group: Group): boolean => group.counts && measure.is(group);
  const why = commonest(run, isCounted);
  const most = why === undefined ? '' : `; most often ${why}`;
  const causes = {
    pass: undefined,
    fail: `more bad requests than allowed${most}`,
    inconclusive:
      budget.unknown > 0
        ? 'the unknown requests could exceed the budget'
        : `errors that may be noise, or another caller's, could exceed the budget${most}`,
  };
  const plain = judgeAtMost(lo, hi, limit);
  const judged = unlessDoubted(unlessOpen({ verdict: plain, cause: causes[plain] }, measure.open), doubtAboutRun(run));
  const { verdict, cause } = isEmpty
    ? { verdict: 'inconclusive' as const, cause: 'nothing was injected or sent' }
    : judged;
  const unknown = budget.unknown > 0 ? ` ${count(budget.unknown, 'request')} unknown.` : '';
  return finding({
    objective: 'errorBudget',
    subject: measure.kind,
    verdict,
    title: measure.title,
    story: measure.story + unknown,
    measured: { lo, hi, unit },
    target: { op: '<=', value: limit, unit },
    samples: budget.good + budget.bad,
    evidence: run.evidence.requests(
      ...run.listeners.failures
        .list(isCounted)
        .slice(0, 4)
        .map(({ example }) => example),
    ),
    cause,
    hint: verdict === 'fail' ? (failureHint(run, isCounted) ?? budgetHint(run)) : undefined,
  });
}

function perCaller(run: Case, { budget, leastPerCaller }: Spending, limit: number): Finding {
  const [worst] = budget.callers;
  const bad = worst?.bad ?? 0;
  const others =
    budget.callers.length > 1 ? `, the most of ${budget.callers.length} calling proxies with failures` : '';
  const who =
    worst === undefined
      ? 'No calling proxy saw a bad request'
      : `${worst.caller} saw ${count(bad, 'bad request')}${others}`;
  const silent = budget.notAsked.length;
  return judge(run, budget, {
    kind: 'perCaller',
    lo: leastPerCaller,
    hi: bad + budget.unknown,
    limit,
    unit: 'count',
    title: 'Errors of each calling proxy',
    story: `${who}; allowed are ${limit}.`,
    is: ({ caller }) => caller.id === worst?.caller,
    open:
      doubtAboutPlaces(run) ??
      (silent === 0
        ? undefined
        : `${list(budget.notAsked)} ${silent === 1 ? 'was' : 'were'} not asked while the fault was on`),
  });
}

function perPath(run: Case, { budget, charged }: Spending, limit: number): Finding {
  const rows = budget.paths.map((row, i) => ({ ...row, charged: charged[i] as Spent }));
  const most = (pick: (row: (typeof rows)[number]) => number): number => mostOf(rows.map(pick), 0);
  const worst = rows.reduce<(typeof rows)[number] | undefined>(
    (a, b) => (a === undefined || b.bad > a.bad ? b : a),
    undefined,
  );
  return judge(run, budget, {
    kind: 'perPath',
    lo: most((row) => row.charged.bad - row.charged.doubtful),
    hi: most((row) => row.charged.bad + row.unknown),
    limit,
    unit: 'count',
    title: 'Errors of each path',
    story: `${worst?.path ?? 'No path'} had ${count(worst?.bad ?? 0, 'bad request')}, no other path had more; allowed are ${limit}.`,
    is: ({ path }) => path === worst?.path,
  });
}

function ratio(run: Case, budget: Budget, limit: number): Finding {
  const { good, bad, unknown } = budget;
  const total = good + bad + unknown;
  const doubtful = budget.paths.reduce((sum, row) => sum + row.doubtful, 0);
  return judge(run, budget, {
    kind: 'ratio',
    lo: total === 0 ? 0 : ((bad - doubtful) / total) * 100,
    hi: total === 0 ? 100 : ((bad + unknown) / total) * 100,
    limit: limit * 100,
    unit: '%',
    title: 'Errors of all paths together',
    story: `${bad} of ${count(good + bad, 'request')} were bad (${percent(total === 0 ? 0 : bad / total, limit)}); allowed are ${percent(limit)}.`,
    is: () => true,
  });
}

/** Did the fault cost more bad requests than promised? */
export function judgeErrorBudget(run: Case, rule: ErrorBudget, spending: Spending): Finding[] {
  const { budget } = spending;
  return [
    ...(rule.perCaller === undefined ? [] : [perCaller(run, spending, rule.perCaller)]),
    ...(rule.perPath === undefined ? [] : [perPath(run, spending, rule.perPath)]),
    ...(rule.ratio === undefined ? [] : [ratio(run, budget, rule.ratio)]),
  ];
}
