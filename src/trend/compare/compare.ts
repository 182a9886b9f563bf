import { EXIT } from '../../model/exit.ts';
import type { Errors, Interval } from '../recorded-run.ts';
import { type Change, changeOfFails, changeOfShares, changeOfSpans, differenceOf, type Fails } from './changes.ts';
import type { DetailedRun, PlaceShare } from './detail.ts';

/** The same of both sides. */
type Sides<T> = { readonly a: T; readonly b: T };

type FindingChange = Sides<Fails> & { readonly id: string; readonly change: Change };
type ShareChange = Sides<PlaceShare> & {
  readonly id: string;
  readonly differs: boolean;
  /** By how much the share of b is larger, with 95 % confidence. */
  readonly difference: { readonly lo: number; readonly hi: number };
};
type SpansChange = Sides<readonly Interval[]> & {
  readonly change: Change;
  /** Seconds by which b took longer, where each side is one run. */
  readonly difference?: { readonly lo: number | null; readonly hi: number | null };
};

/** What changed of one scenario. */
export type ScenarioChange = {
  readonly scenario: string;
  readonly runs: Sides<readonly DetailedRun[]>;
  /** Runs that failed, of those that were judged to a pass or a fail. */
  readonly fails: Sides<Fails> & { readonly change: Change };
  /** Findings whose verdict is not the same. */
  readonly findings: readonly FindingChange[];
  readonly recovery: SpansChange;
  readonly errors: Sides<Errors> & {
    readonly change: Change;
    /** By how much the share of b is larger, with 95 % confidence, as if requests were independent. */
    readonly difference?: { readonly lo: number; readonly hi: number };
  };
  readonly shares: readonly ShareChange[];
  readonly configuration: readonly (Sides<string> & { readonly what: string })[];
  readonly change: Change;
};

export type Comparison = {
  readonly format: 'faultline/compare/v1';
  readonly change: Change;
  readonly exitCode: number;
  readonly scenarios: readonly ScenarioChange[];
  /** Scenarios that one side has no run of. */
  readonly missing: Sides<readonly string[]>;
};

/** Worse wins over open, and that over all else. */
function worst(changes: readonly Change[]): Change {
  const order: readonly Change[] = ['worse', 'open', 'better', 'same', 'unknown'];
  return order.find((change) => changes.includes(change)) ?? 'open';
}

function codeOf(change: Change): number {
  if (change === 'worse') return EXIT.objectiveFailed;
  return change === 'open' ? EXIT.inconclusive : EXIT.pass;
}

/** Says what changed from the runs `a` to the runs `b`: scenario by scenario, or of the one that each side has. */
export function compare(a: readonly DetailedRun[], b: readonly DetailedRun[]): Comparison {
  const named = (runs: readonly DetailedRun[]): Named => Map.groupBy(runs, ({ scenario }) => scenario.name);
  const [before, after] = [named(a), named(b)];
  const isPair = before.size === 1 && after.size === 1;
  const pairs = isPair
    ? [{ name: [...after.keys()][0] ?? '', runs: { a, b } }]
    : [...before].flatMap(([name, own]) => {
        const other = after.get(name);
        return other === undefined ? [] : [{ name, runs: { a: own, b: other } }];
      });
  const scenarios = pairs.map(({ name, runs }) => scenarioChange(name, runs));
  const only = (these: Named, others: Named) => (isPair ? [] : [...these.keys()].filter((name) => !others.has(name)));
  const missing = { a: only(after, before), b: only(before, after) };
  // What was run before and is not now could be anything.
  const change = worst([...scenarios.map((one) => one.change), ...missing.b.map(() => 'open' as const)]);
  const isLeft = b.some(({ exitCode }) => exitCode === EXIT.undoIncomplete);
  const exitCode = isLeft ? EXIT.undoIncomplete : codeOf(change);
  return { format: 'faultline/compare/v1', change, exitCode, scenarios, missing };
}

type Named = ReadonlyMap<string, readonly DetailedRun[]>;

function scenarioChange(scenario: string, runs: Sides<readonly DetailedRun[]>): ScenarioChange {
  const fails = withChange(both(runs, failsOf), changeOfFails);
  const findings = findingChanges(runs);
  const recovery = recoveryChange(both(runs, (side) => side.flatMap((run) => run.recovery ?? [])));
  const errors = errorsChange(runs);
  const changes = [fails.change, recovery.change, errors.change, ...findings.map(({ change }) => change)];
  return {
    scenario,
    runs,
    fails,
    findings,
    recovery,
    errors,
    shares: shareChanges(runs),
    configuration: configurationChanges(runs),
    change: worst(changes),
  };
}

function both<T, R>({ a, b }: Sides<T>, of: (side: T) => R): Sides<R> {
  return { a: of(a), b: of(b) };
}

const pair = <T>({ a, b }: Sides<T>): [T, T] => [a, b];

function withChange<T>(sides: Sides<T>, of: (a: T, b: T) => Change): Sides<T> & { change: Change } {
  return { ...sides, change: of(sides.a, sides.b) };
}

function failsOf(runs: readonly DetailedRun[]): Fails {
  const hits = runs.filter(({ outcome }) => outcome === 'fail').length;
  return { hits, n: hits + runs.filter(({ outcome }) => outcome === 'pass').length };
}

function findingChanges(runs: Sides<readonly DetailedRun[]>): FindingChange[] {
  const ids = new Set([...runs.a, ...runs.b].flatMap(({ findings }) => findings.map(({ id }) => id)));
  const of =
    (id: string) =>
    (side: readonly DetailedRun[]): Fails => {
      const own = side.flatMap(({ findings }) => findings.filter((finding) => finding.id === id));
      const hits = own.filter(({ verdict }) => verdict === 'fail').length;
      return { hits, n: hits + own.filter(({ verdict }) => verdict === 'pass').length };
    };
  return [...ids].flatMap((id) => {
    const sides = both(runs, of(id));
    const isSame = sides.a.n > 0 && sides.b.n > 0 && sides.a.hits * sides.b.n === sides.b.hits * sides.a.n;
    // Decided on neither side, or not asked on one: the configuration tells.
    const isAsked = pair(runs).every((side) => side.some(({ findings }) => findings.some((one) => one.id === id)));
    if (isSame || !isAsked || sides.a.n === 0) return [];
    return [{ id, ...withChange(sides, changeOfFails) }];
  });
}

function recoveryChange(sides: Sides<readonly Interval[]>): SpansChange {
  const [first, second] = [sides.a[0], sides.b[0]];
  const isPair = sides.a.length === 1 && sides.b.length === 1 && first !== undefined && second !== undefined;
  return { ...withChange(sides, changeOfSpans), ...(isPair && { difference: differenceOf(first, second) }) };
}

function errorsOf(runs: readonly DetailedRun[]): Errors {
  const sum = (of: (errors: Errors) => number): number =>
    runs.reduce((total, { errors }) => total + (errors === undefined ? 0 : of(errors)), 0);
  return {
    bad: sum(({ bad }) => bad),
    doubtful: sum(({ doubtful }) => doubtful),
    unknown: sum(({ unknown }) => unknown),
    all: sum(({ all }) => all),
  };
}

function errorsChange(runs: Sides<readonly DetailedRun[]>): ScenarioChange['errors'] {
  const sums = both(runs, errorsOf);
  const share = both(sums, ({ bad, all }) => ({ hits: bad, n: all }));
  const { lo, hi } = changeOfShares(share.a, share.b) ?? {};
  const byRun = changeOfSpans(...pair(both(runs, (side) => side.flatMap(errorSpans))));
  // One bad request more or less is chance within a single run already.
  const change = byRun === 'open' && !((lo ?? 0) > 0) ? 'unknown' : byRun;
  return { ...sums, change, ...(lo !== undefined && hi !== undefined && { difference: { lo, hi } }) };
}

/** The share of bad requests of a run: what noise and unknown requests leave open is its interval. */
function errorSpans({ errors }: DetailedRun): Interval[] {
  if (errors === undefined || errors.all === 0) return [];
  const { bad, doubtful, unknown, all } = errors;
  return [{ lo: (bad - doubtful) / all, hi: (bad + unknown) / all }];
}

function shareChanges(runs: Sides<readonly DetailedRun[]>): ShareChange[] {
  const of = (side: readonly DetailedRun[]): ReadonlyMap<string, PlaceShare> => {
    const sums = new Map<string, PlaceShare>();
    for (const { id, hits, n } of side.flatMap(({ shares }) => shares)) {
      const known = sums.get(id) ?? { id, hits: 0, n: 0 };
      sums.set(id, { id, hits: known.hits + hits, n: known.n + n });
    }
    return sums;
  };
  const { a, b } = both(runs, of);
  return [...new Set([...a.keys(), ...b.keys()])].flatMap((id) => {
    const [first, second] = [a.get(id), b.get(id)];
    if (first === undefined || second === undefined) return [];
    const change = changeOfShares(first, second);
    if (change === undefined) return [];
    const { differs, ...difference } = change;
    return [{ id, a: first, b: second, differs, difference }];
  });
}

function configurationChanges(runs: Sides<readonly DetailedRun[]>): ScenarioChange['configuration'] {
  const names = new Set([...runs.a, ...runs.b].flatMap(({ configuration }) => Object.keys(configuration)));
  return [...names].sort().flatMap((what) => {
    const values = both(runs, (side) =>
      [...new Set(side.map(({ configuration }) => configuration[what] ?? 'none'))].sort().join(', '),
    );
    return values.a === values.b ? [] : [{ what, ...values }];
  });
}
