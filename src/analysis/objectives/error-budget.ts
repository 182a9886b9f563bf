import type { Finding, Unit } from '../../model/finding.ts';
import type { Budget } from '../../model/result.ts';
import { type Case, finding, tally } from '../case.ts';
import { failureGroup } from '../failure-groups.ts';
import { count, percent } from '../format.ts';
import { judgeAtMost } from '../stats.ts';

/** What the run spent between the first injection request and the end of the undo, plus one timeout. */
export function budgetOf(it: Case): Budget {
  const window = it.windows.budget;
  const paths = it.paths.map((path) => {
    const { good, bad, unknown } = tally(it, [path], window);
    return { path: path.id, total: good + bad + unknown, bad, dropped: unknown };
  });
  const callers = [...it.observer.callers].map(([caller, { zone, bad }]) => ({ caller, zone, bad }));
  return {
    window,
    total: paths.reduce((sum, path) => sum + path.total, 0),
    bad: paths.reduce((sum, path) => sum + path.bad, 0),
    dropped: paths.reduce((sum, path) => sum + path.dropped, 0),
    paths,
    callers: callers.sort((a, b) => b.bad - a.bad || (a.caller < b.caller ? -1 : 1)),
    groups: it.observer.failures.list().map(failureGroup),
  };
}

type Measure = {
  readonly kind: 'perCaller' | 'perPath' | 'ratio';
  readonly lo: number;
  readonly hi: number;
  readonly limit: number;
  readonly unit: Unit;
  readonly title: string;
  readonly story: string;
};

const CAUSES = {
  empty: 'nothing was injected or sent',
  pass: undefined,
  fail: 'more bad requests than allowed',
  inconclusive: 'the unknown requests could exceed the budget',
} as const;

/** Requests that nothing is known about may have been bad: they widen the interval upwards. */
function judge(it: Case, budget: Budget, measure: Measure): Finding {
  const { lo, hi, limit, unit } = measure;
  const isEmpty = budget.total === 0 || it.facts.firstInject === undefined;
  const verdict = isEmpty ? 'inconclusive' : judgeAtMost(lo, hi, limit);
  const unknown = budget.dropped > 0 ? ` ${count(budget.dropped, 'request')} unknown.` : '';
  return finding({
    objective: 'errorBudget',
    subject: measure.kind,
    verdict,
    title: measure.title,
    story: measure.story + unknown,
    measured: { lo, hi, unit },
    target: { op: '<=', value: limit, unit },
    samples: budget.total,
    evidence: it.evidence.requests(
      ...it.observer.failures
        .list()
        .slice(0, 4)
        .map((group) => group.example),
    ),
    cause: CAUSES[isEmpty ? 'empty' : verdict],
    hint: 'One failure per calling proxy is what consecutive5xxErrors: 1 costs; retries with retryOn 5xx in the VirtualService hide even that from users.',
  });
}

function perCaller(it: Case, budget: Budget, limit: number): Finding {
  const worst = budget.callers[0];
  const bad = worst?.bad ?? 0;
  const others =
    budget.callers.length > 1 ? `, the most of ${budget.callers.length} calling proxies with failures` : '';
  const who =
    worst === undefined
      ? 'No calling proxy saw a bad request'
      : `${worst.caller} saw ${count(bad, 'bad request')}${others}`;
  return judge(it, budget, {
    kind: 'perCaller',
    lo: bad,
    hi: bad + budget.dropped,
    limit,
    unit: 'count',
    title: 'Errors of each calling proxy',
    story: `${who}; allowed are ${limit}.`,
  });
}

function perPath(it: Case, budget: Budget, limit: number): Finding {
  const worst = budget.paths.reduce<Budget['paths'][number] | undefined>(
    (a, b) => (a === undefined || b.bad > a.bad ? b : a),
    undefined,
  );
  return judge(it, budget, {
    kind: 'perPath',
    lo: worst?.bad ?? 0,
    hi: Math.max(0, ...budget.paths.map((path) => path.bad + path.dropped)),
    limit,
    unit: 'count',
    title: 'Errors of each path',
    story: `${worst?.path ?? 'No path'} had ${count(worst?.bad ?? 0, 'bad request')}, no other path had more; allowed are ${limit}.`,
  });
}

function ratio(it: Case, budget: Budget, limit: number): Finding {
  const { total, bad, dropped } = budget;
  return judge(it, budget, {
    kind: 'ratio',
    lo: total === 0 ? 0 : (bad / total) * 100,
    hi: total === 0 ? 100 : ((bad + dropped) / total) * 100,
    limit: limit * 100,
    unit: '%',
    title: 'Errors of all paths together',
    story: `${bad} of ${count(total, 'request')} were bad (${percent(total === 0 ? 0 : bad / total, limit)}); allowed are ${percent(limit)}.`,
  });
}

/** Did the fault cost more bad requests than promised? */
export function judgeErrorBudget(it: Case, budget: Budget): Finding[] {
  const rule = it.scenario.expect.errorBudget;
  if (rule === undefined) return [];
  return [
    ...(rule.perCaller === undefined ? [] : [perCaller(it, budget, rule.perCaller)]),
    ...(rule.perPath === undefined ? [] : [perPath(it, budget, rule.perPath)]),
    ...(rule.ratio === undefined ? [] : [ratio(it, budget, rule.ratio)]),
  ];
}
